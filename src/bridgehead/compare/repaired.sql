-- What did UKG accept from this feed, by what it holds now (remote)? Of the feed's own cells what was read; what is gone
-- there was never accepted, unless it was retired. Cells of others are none of ours.
CREATE OR REPLACE TABLE adopted AS
WITH theirs AS (
    SELECT *, coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0
        AND coalesce(cost, 0) = 0 AS empty
    FROM remote
)
SELECT a.scenario, a.version, a.period_start, a.org_unit, a.cost_center, a.location, a.job, a.position, a.grade,
    a.employment_type,
    CASE WHEN r.org_unit IS NULL THEN a.headcount ELSE r.headcount END AS headcount,
    CASE WHEN r.org_unit IS NULL THEN a.fte ELSE r.fte END AS fte,
    CASE WHEN r.org_unit IS NULL THEN a.hours ELSE r.hours END AS hours,
    CASE WHEN r.org_unit IS NULL THEN a.cost ELSE r.cost END AS cost,
    CASE WHEN r.org_unit IS NULL THEN a.currency ELSE r.currency END AS currency,
    CASE WHEN r.org_unit IS NULL THEN a.retired ELSE a.retired AND r.empty END AS retired,
    CASE WHEN r.org_unit IS NULL THEN a.unknown AND NOT is_owned(a.scenario, a.version, a.period_start) ELSE false END
        AS unknown
FROM accepted AS a
LEFT JOIN theirs AS r
    ON r.scenario = a.scenario
    AND r.version = a.version
    AND r.period_start = a.period_start
    AND r.org_unit = a.org_unit
    AND r.cost_center IS NOT DISTINCT FROM a.cost_center
    AND r.location IS NOT DISTINCT FROM a.location
    AND r.job IS NOT DISTINCT FROM a.job
    AND r.position IS NOT DISTINCT FROM a.position
    AND r.grade IS NOT DISTINCT FROM a.grade
    AND r.employment_type IS NOT DISTINCT FROM a.employment_type
WHERE r.org_unit IS NOT NULL
    OR a.retired
    OR NOT is_owned(a.scenario, a.version, a.period_start);
