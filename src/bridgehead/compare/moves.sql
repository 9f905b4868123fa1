-- Which cells that left the plan, or hold something else by now, have another code, as a dated crosswalk says (renames)?
-- Their new key, and whether it is planned.
INSERT INTO moves BY NAME
WITH renamed AS (
    SELECT
        row,
        period_start,
        renamed('scenario', difference.scenario, difference.period_start) AS scenario,
        renamed('version', difference.version, difference.period_start) AS version,
        renamed('org_unit', difference.org_unit, difference.period_start) AS org_unit,
        renamed('cost_center', difference.cost_center, difference.period_start) AS cost_center,
        renamed('location', difference.location, difference.period_start) AS location,
        renamed('job', difference.job, difference.period_start) AS job,
        renamed('position', difference.position, difference.period_start) AS position,
        renamed('grade', difference.grade, difference.period_start) AS grade,
        renamed('employment_type', difference.employment_type, difference.period_start) AS employment_type
    FROM difference
    WHERE (action = 'absent' AND NOT retired_before) OR action = 'update'
)
SELECT r.*, key_text(
    r.scenario, r.version, r.period_start, r.org_unit, r.cost_center, r.location, r.job, r.position, r.grade,
    r.employment_type
) AS moved_to, EXISTS (
    SELECT 1 FROM typed AS p
    WHERE p.scenario = r.scenario
        AND p.version = r.version
        AND p.period_start = r.period_start
        AND p.org_unit = r.org_unit
        AND p.cost_center IS NOT DISTINCT FROM r.cost_center
        AND p.location IS NOT DISTINCT FROM r.location
        AND p.job IS NOT DISTINCT FROM r.job
        AND p.position IS NOT DISTINCT FROM r.position
        AND p.grade IS NOT DISTINCT FROM r.grade
        AND p.employment_type IS NOT DISTINCT FROM r.employment_type
) AS planned
FROM renamed AS r
INNER JOIN difference AS d ON d.row = r.row
WHERE r.scenario IS DISTINCT FROM d.scenario
    OR r.version IS DISTINCT FROM d.version
    OR r.org_unit IS DISTINCT FROM d.org_unit
    OR r.cost_center IS DISTINCT FROM d.cost_center
    OR r.location IS DISTINCT FROM d.location
    OR r.job IS DISTINCT FROM d.job
    OR r.position IS DISTINCT FROM d.position
    OR r.grade IS DISTINCT FROM d.grade
    OR r.employment_type IS DISTINCT FROM d.employment_type;
