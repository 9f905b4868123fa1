-- Which cells are planned more than once, and at which records?
SELECT
    count(*) OVER () AS found,
    list(record ORDER BY record) AS records,
    list(origin_column ORDER BY record) AS columns,
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
FROM typed
WHERE faults = ''
GROUP BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
HAVING count(*) > 1
ORDER BY records
LIMIT $most;
