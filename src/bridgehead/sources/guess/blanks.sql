-- In how many cells of the plan is a dimension empty that may be sent as null?
SELECT
    count(*) FILTER (cost_center IS NULL) AS cost_center,
    count(*) FILTER (location IS NULL) AS location,
    count(*) FILTER (job IS NULL) AS job
FROM text_rows
WHERE headcount IS NOT NULL OR fte IS NOT NULL OR hours IS NOT NULL OR cost IS NOT NULL;
