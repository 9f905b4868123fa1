-- Both sides of what moves back: neither goes nor comes as a whole.
CREATE OR REPLACE TABLE moves AS
SELECT row, scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    moved_to, true AS planned
FROM difference
WHERE moved_to IS NOT NULL
    OR key_text(difference.scenario, difference.version, difference.period_start, difference.org_unit, difference.cost_center, difference.location, difference.job, difference.position, difference.grade, difference.employment_type)
        IN (SELECT moved_to FROM difference);
