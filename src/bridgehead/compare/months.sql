-- How many heads and FTE does each scenario hold in each month, before and after the plan?
WITH held AS (
    SELECT scenario, version, period_start, coalesce(headcount, 0) AS heads, coalesce(fte, 0) AS fte
    FROM accepted
    WHERE NOT retired AND is_owned(accepted.scenario, accepted.version, accepted.period_start)
),
summed AS (
    SELECT scenario, version, period_start, heads AS heads_before, heads AS heads_after, fte AS fte_before, fte AS fte_after
    FROM held
    UNION ALL
    SELECT
        scenario,
        version,
        period_start,
        0,
        coalesce(headcount, 0) - coalesce(headcount_before, 0),
        0,
        coalesce(fte, 0) - coalesce(fte_before, 0)
    FROM difference
)
SELECT scenario, version, period_start, sum(heads_before), sum(heads_after), sum(fte_before), sum(fte_after)
FROM summed
GROUP BY scenario, version, period_start
ORDER BY scenario, version, period_start;
