-- How much of what UKG holds would go, or become 0, in each scenario, org unit and month? Only where anything does.
-- Heads are summed over the months; before and after count what the feed owns.
WITH held AS (
    SELECT scenario || ' ' || version AS scenario, org_unit, strftime(period_start, '%Y-%m') AS month, headcount
    FROM accepted
    WHERE NOT retired
        AND is_owned(accepted.scenario, accepted.version, accepted.period_start)
        AND (headcount <> 0 OR fte <> 0 OR hours <> 0 OR cost <> 0)
),
gone AS (
    SELECT scenario || ' ' || version AS scenario, org_unit, strftime(period_start, '%Y-%m') AS month,
        coalesce(headcount, 0) - coalesce(headcount_before, 0) AS moved,
        action <> 'create'
            AND coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0 AND coalesce(cost, 0) = 0
            AND (headcount_before <> 0 OR fte_before <> 0 OR hours_before <> 0 OR cost_before <> 0) AS zeroed
    FROM difference
),
counted AS (
    SELECT 'scenario' AS kind, scenario AS name, 1 AS held, 0 AS gone, coalesce(headcount, 0) AS heads, 0 AS moved FROM held
    UNION ALL SELECT 'org unit', org_unit, 1, 0, coalesce(headcount, 0), 0 FROM held
    UNION ALL SELECT 'month', month, 1, 0, coalesce(headcount, 0), 0 FROM held
    UNION ALL SELECT 'scenario', scenario, 0, CAST(zeroed AS INTEGER), 0, moved FROM gone
    UNION ALL SELECT 'org unit', org_unit, 0, CAST(zeroed AS INTEGER), 0, moved FROM gone
    UNION ALL SELECT 'month', month, 0, CAST(zeroed AS INTEGER), 0, moved FROM gone
)
SELECT kind, name, sum(held), sum(gone), sum(heads), sum(heads) + sum(moved)
FROM counted
GROUP BY kind, name
HAVING sum(held) > 0 AND (sum(gone) > 0 OR sum(moved) <> 0)
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY sum(gone) / sum(held) DESC, abs(sum(moved)) DESC, name) <= $most
ORDER BY kind, name;
