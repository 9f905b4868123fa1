-- Where does what UKG holds (remote) differ from what it accepted from this feed, inside what the feed owns?
-- A retired cell is as good as zeros, and zeros are as good as no record.
WITH mine AS (
    SELECT *, coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0
        AND coalesce(cost, 0) = 0 AS empty
    FROM accepted
    WHERE is_owned(accepted.scenario, accepted.version, accepted.period_start)
),
theirs AS (
    SELECT *, coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0
        AND coalesce(cost, 0) = 0 AS empty
    FROM remote
)
SELECT
    CASE WHEN r.org_unit IS NULL THEN 'missing' WHEN m.org_unit IS NULL THEN 'extra' ELSE 'different' END AS kind,
    coalesce(m.scenario, r.scenario),
    coalesce(m.version, r.version),
    coalesce(m.period_start, r.period_start) AS period_start,
    coalesce(m.org_unit, r.org_unit) AS org_unit,
    coalesce(m.cost_center, r.cost_center),
    coalesce(m.location, r.location),
    coalesce(m.job, r.job),
    coalesce(m.position, r.position),
    coalesce(m.grade, r.grade),
    coalesce(m.employment_type, r.employment_type),
    m.headcount, m.fte, m.hours, m.cost, m.currency,
    r.headcount, r.fte, r.hours, r.cost, r.currency
FROM mine AS m
FULL OUTER JOIN theirs AS r
    ON r.scenario = m.scenario
    AND r.version = m.version
    AND r.period_start = m.period_start
    AND r.org_unit = m.org_unit
    AND r.cost_center IS NOT DISTINCT FROM m.cost_center
    AND r.location IS NOT DISTINCT FROM m.location
    AND r.job IS NOT DISTINCT FROM m.job
    AND r.position IS NOT DISTINCT FROM m.position
    AND r.grade IS NOT DISTINCT FROM m.grade
    AND r.employment_type IS NOT DISTINCT FROM m.employment_type
WHERE NOT (coalesce(m.empty, true) AND coalesce(r.empty, true))
    AND (
        m.org_unit IS NULL
        OR r.org_unit IS NULL
        OR m.headcount IS DISTINCT FROM r.headcount
        OR m.fte IS DISTINCT FROM r.fte
        OR m.hours IS DISTINCT FROM r.hours
        OR m.cost IS DISTINCT FROM r.cost
        OR m.currency IS DISTINCT FROM r.currency
    )
ORDER BY kind, period_start, org_unit;
