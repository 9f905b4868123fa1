-- Which org units move most, in head-months (heads summed over the periods), and from what to what as a whole?
WITH moved AS (
    SELECT org_unit, sum(coalesce(headcount, 0) - coalesce(headcount_before, 0)) AS heads
    FROM difference
    GROUP BY org_unit
    HAVING sum(coalesce(headcount, 0) - coalesce(headcount_before, 0)) <> 0
    ORDER BY abs(heads) DESC, org_unit
    LIMIT $most
),
held AS (
    SELECT org_unit, sum(coalesce(headcount, 0)) AS heads
    FROM accepted
    WHERE is_owned(accepted.scenario, accepted.version, accepted.period_start)
    GROUP BY org_unit
)
SELECT moved.org_unit, coalesce(held.heads, 0), coalesce(held.heads, 0) + moved.heads
FROM moved
LEFT JOIN held ON held.org_unit = moved.org_unit
ORDER BY abs(moved.heads) DESC, moved.org_unit;
