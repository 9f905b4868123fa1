-- Where in the source do the cells stand that UKG refused, rows of the plan ($rows)?
WITH refused AS (
    SELECT
        row,
        key_text(
            scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
        ) AS cell
    FROM plan_rows
    WHERE row IN (SELECT unnest(CAST($rows AS BIGINT[])))
)
SELECT DISTINCT refused.row, apart_cells.record, apart_cells.origin_column
FROM refused
INNER JOIN apart_cells ON apart_cells.cell = refused.cell
ORDER BY apart_cells.record, refused.row;
