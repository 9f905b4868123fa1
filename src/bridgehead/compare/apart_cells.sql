-- Which cells does each record of the source (apart_rows) say something of?
CREATE OR REPLACE VIEW apart_cells AS
SELECT
    record,
    origin_column,
    key_text(scenario, version, period, org_unit, cost_center, location, job, position, grade, employment_type) AS cell
FROM apart_rows
WHERE coalesce(headcount, fte, hours, cost) IS NOT NULL
    AND scenario IS NOT NULL
    AND version IS NOT NULL
    AND period IS NOT NULL
    AND org_unit IS NOT NULL;
