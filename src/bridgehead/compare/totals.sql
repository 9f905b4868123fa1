-- How many heads and FTE (summed over the periods) does each scenario hold before and after the plan?
WITH held AS (
    SELECT scenario, version, coalesce(headcount, 0) AS heads, coalesce(fte, 0) AS fte
    FROM accepted
    WHERE NOT retired AND is_owned(accepted.scenario, accepted.version, accepted.period_start)
),
moved AS (
    SELECT
        scenario,
        version,
        coalesce(headcount, 0) - coalesce(headcount_before, 0) AS heads,
        coalesce(fte, 0) - coalesce(fte_before, 0) AS fte
    FROM difference
),
summed AS (
    SELECT scenario, version, heads AS heads_before, fte AS fte_before, 0 AS heads_moved, 0 AS fte_moved FROM held
    UNION ALL
    SELECT scenario, version, 0, 0, heads, fte FROM moved
)
SELECT
    scenario,
    version,
    sum(heads_before),
    sum(heads_before) + sum(heads_moved),
    sum(fte_before),
    sum(fte_before) + sum(fte_moved)
FROM summed
GROUP BY scenario, version
ORDER BY scenario, version;
