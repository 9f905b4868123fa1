-- How many planned rows are exactly what UKG last accepted? Counted on its own, so that a lost row is noticed.
SELECT count(*)
FROM typed AS p
INNER JOIN accepted AS a
    ON p.scenario = a.scenario
    AND p.version = a.version
    AND p.period_start = a.period_start
    AND p.org_unit = a.org_unit
    AND p.cost_center IS NOT DISTINCT FROM a.cost_center
    AND p.location IS NOT DISTINCT FROM a.location
    AND p.job IS NOT DISTINCT FROM a.job
    AND p.position IS NOT DISTINCT FROM a.position
    AND p.grade IS NOT DISTINCT FROM a.grade
    AND p.employment_type IS NOT DISTINCT FROM a.employment_type
WHERE NOT a.unknown
    AND p.headcount IS NOT DISTINCT FROM a.headcount
    AND p.fte IS NOT DISTINCT FROM a.fte
    AND p.hours IS NOT DISTINCT FROM a.hours
    AND p.cost IS NOT DISTINCT FROM a.cost
    AND p.currency IS NOT DISTINCT FROM a.currency;
