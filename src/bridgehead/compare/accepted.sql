-- What UKG last accepted: what has changed since the base was written, and of the base all other cells.
CREATE OR REPLACE VIEW accepted AS
SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount, fte, hours, cost, currency, retired, unknown
FROM accepted_delta
UNION ALL
SELECT b.scenario, b.version, b.period_start, b.org_unit, b.cost_center, b.location, b.job, b.position, b.grade,
    b.employment_type, b.headcount, b.fte, b.hours, b.cost, b.currency, b.retired, b.unknown
FROM accepted_base AS b
ANTI JOIN accepted_delta AS d
    ON d.scenario = b.scenario
    AND d.version = b.version
    AND d.period_start = b.period_start
    AND d.org_unit = b.org_unit
    AND d.cost_center IS NOT DISTINCT FROM b.cost_center
    AND d.location IS NOT DISTINCT FROM b.location
    AND d.job IS NOT DISTINCT FROM b.job
    AND d.position IS NOT DISTINCT FROM b.position
    AND d.grade IS NOT DISTINCT FROM b.grade
    AND d.employment_type IS NOT DISTINCT FROM b.employment_type;
