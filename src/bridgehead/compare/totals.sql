-- How many heads and FTE (summed over the periods) does each scenario hold before and after the plan?
SELECT scenario, version, sum(heads_before), sum(heads_after), sum(fte_before), sum(fte_after)
FROM cube
GROUP BY scenario, version
ORDER BY scenario, version;
