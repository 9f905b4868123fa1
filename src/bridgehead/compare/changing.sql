-- Which part of the plan would be changed: which scenarios and versions, over which span of periods?
SELECT scenario, version, min(period_start), max(period_start)
FROM difference
GROUP BY scenario, version
ORDER BY scenario, version;
