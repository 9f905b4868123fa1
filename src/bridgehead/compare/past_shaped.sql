-- What the rows of a run say (plan_rows), whichever version kept them: a column that it did not have is null.
CREATE OR REPLACE VIEW shaped AS
SELECT
    row, record, origin_column, action,
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount_before, fte_before, hours_before, cost_before, currency_before,
    headcount, fte, hours, cost, currency, moved_to
FROM (SELECT * FROM plan_shape UNION ALL BY NAME SELECT * FROM plan_rows);
