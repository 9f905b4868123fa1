-- Which planned rows lie outside the part of the plan that the feed says it owns?
SELECT count(*) OVER () AS found, record, origin_column, scenario || ' ' || version || ' ' || CAST(period_start AS VARCHAR) AS value
FROM typed
WHERE NOT EXISTS (
    SELECT 1 FROM owned
    WHERE owned.scenario = typed.scenario
        AND owned.version = typed.version
        AND typed.period_start BETWEEN owned.first_period AND owned.last_period
)
ORDER BY record, origin_column
LIMIT $most;
