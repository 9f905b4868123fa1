-- What has UKG accepted since the base was written (accepted_delta), now that these row ranges (settled) were answered and these rows were rejected?
-- Also marks as unknown what was sent and never answered (doubtful).
CREATE OR REPLACE TABLE newer AS
WITH took AS (
    SELECT plan_rows.*
    FROM plan_rows
    INNER JOIN settled ON plan_rows.row BETWEEN settled.first AND settled.last
    WHERE plan_rows.row NOT IN (SELECT row FROM rejected)
),
doubt AS (
    SELECT plan_rows.* FROM plan_rows INNER JOIN doubtful ON plan_rows.row BETWEEN doubtful.first AND doubtful.last
),
touched AS (
    SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
        headcount, fte, hours, cost, currency, action IN ('retire', 'move') AS retired, false AS unknown
    FROM took
    UNION ALL
    SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
        headcount, fte, hours, cost, currency, false, true
    FROM doubt
)
SELECT * FROM touched
UNION ALL
SELECT a.scenario, a.version, a.period_start, a.org_unit, a.cost_center, a.location, a.job, a.position, a.grade,
    a.employment_type, a.headcount, a.fte, a.hours, a.cost, a.currency, a.retired, a.unknown
FROM accepted_delta AS a
ANTI JOIN touched AS t
    ON t.scenario = a.scenario
    AND t.version = a.version
    AND t.period_start = a.period_start
    AND t.org_unit = a.org_unit
    AND t.cost_center IS NOT DISTINCT FROM a.cost_center
    AND t.location IS NOT DISTINCT FROM a.location
    AND t.job IS NOT DISTINCT FROM a.job
    AND t.position IS NOT DISTINCT FROM a.position
    AND t.grade IS NOT DISTINCT FROM a.grade
    AND t.employment_type IS NOT DISTINCT FROM a.employment_type;
