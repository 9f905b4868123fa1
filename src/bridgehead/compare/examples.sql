-- The first changes of each kind, to be shown.
SELECT
    action, scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount_before, fte_before, hours_before, cost_before, currency_before,
    headcount, fte, hours, cost, currency
FROM plan_rows
QUALIFY row_number() OVER (PARTITION BY action ORDER BY row) <= $most
ORDER BY row;
