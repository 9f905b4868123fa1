-- Which org units move most, in head-months (heads summed over the periods), and from what to what as a whole?
SELECT org_unit, sum(heads_before), sum(heads_after)
FROM cube
GROUP BY org_unit
HAVING sum(heads_after) <> sum(heads_before)
ORDER BY abs(sum(heads_after) - sum(heads_before)) DESC, org_unit
LIMIT $most;
