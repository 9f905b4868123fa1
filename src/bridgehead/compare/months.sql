-- How many heads and FTE does each scenario hold in each month, before and after the plan?
SELECT scenario, version, period_start, sum(heads_before), sum(heads_after), sum(fte_before), sum(fte_after)
FROM cube
GROUP BY scenario, version, period_start
ORDER BY scenario, version, period_start;
