-- The first changes of a kind, in the order of the source, to be shown.
SELECT
    action, scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount_before, fte_before, hours_before, cost_before, currency_before,
    headcount, fte, hours, cost, currency, moved_to
FROM plan_rows
WHERE action = $action
ORDER BY record, origin_column, scenario, version, org_unit, cost_center, location, job, position, grade,
    employment_type, period_start
LIMIT $most;
