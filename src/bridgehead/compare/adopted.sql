-- What is the baseline, now that UKG was read (remote)? All that it holds of the owned part, and of what lies outside
-- what it accepted before. Zeros are as good as no record, so they are taken for retired.
CREATE OR REPLACE TABLE adopted AS
SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount, fte, hours, cost, currency,
    coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0 AND coalesce(cost, 0) = 0 AS retired,
    false AS unknown
FROM remote
UNION ALL
SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount, fte, hours, cost, currency, retired, unknown
FROM accepted
WHERE NOT is_owned(accepted.scenario, accepted.version, accepted.period_start);
