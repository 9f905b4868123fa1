-- What UKG accepted when it accepted a plan as a whole.
CREATE OR REPLACE VIEW accepted_base AS
SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount, fte, hours, cost, currency, action IN ('retire', 'move') AS retired, false AS unknown
FROM accepted_plan;
