-- Which org units move most, in head-months (heads summed over the periods)?
SELECT
    org_unit,
    sum(coalesce(headcount_before, 0)),
    sum(coalesce(headcount, 0))
FROM difference
GROUP BY org_unit
HAVING sum(coalesce(headcount, 0)) <> sum(coalesce(headcount_before, 0))
ORDER BY abs(sum(coalesce(headcount, 0)) - sum(coalesce(headcount_before, 0))) DESC, org_unit
LIMIT $most;
