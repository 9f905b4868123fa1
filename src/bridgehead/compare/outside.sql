-- Which planned rows lie outside the part of the plan that the feed says it owns?
SELECT count(*) OVER () AS found, record, origin_column, scenario || ' ' || version || ' ' || CAST(period_start AS VARCHAR) AS value
FROM typed
WHERE NOT is_owned(typed.scenario, typed.version, typed.period_start)
ORDER BY record, origin_column
LIMIT $most;
