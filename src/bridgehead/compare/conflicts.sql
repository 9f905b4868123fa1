-- Where would the plan change a cell that UKG no longer holds as it was last sent? Somebody else has changed it since.
-- What is in doubt, or already as it is planned, is no conflict; zeros are as good as no record.
CREATE OR REPLACE TABLE conflicts AS
WITH now AS (
    SELECT *, coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0
        AND coalesce(cost, 0) = 0 AS empty
    FROM remote
),
sent AS (
    SELECT *, coalesce(headcount_before, 0) = 0 AND coalesce(fte_before, 0) = 0 AND coalesce(hours_before, 0) = 0
        AND coalesce(cost_before, 0) = 0 AS empty_before
    FROM difference
    WHERE NOT coalesce(unknown_before, false)
)
SELECT
    d.row, d.action = 'create' AS created, r.org_unit IS NULL AS gone,
    d.scenario, d.version, d.period_start, d.org_unit, d.cost_center, d.location, d.job, d.position, d.grade,
    d.employment_type,
    d.headcount_before, d.fte_before, d.hours_before, d.cost_before, d.currency_before,
    r.headcount AS headcount_now, r.fte AS fte_now, r.hours AS hours_now, r.cost AS cost_now,
    r.currency AS currency_now,
    d.headcount, d.fte, d.hours, d.cost, d.currency
FROM sent AS d
LEFT JOIN now AS r
    ON r.scenario = d.scenario
    AND r.version = d.version
    AND r.period_start = d.period_start
    AND r.org_unit = d.org_unit
    AND r.cost_center IS NOT DISTINCT FROM d.cost_center
    AND r.location IS NOT DISTINCT FROM d.location
    AND r.job IS NOT DISTINCT FROM d.job
    AND r.position IS NOT DISTINCT FROM d.position
    AND r.grade IS NOT DISTINCT FROM d.grade
    AND r.employment_type IS NOT DISTINCT FROM d.employment_type
WHERE NOT (d.empty_before AND coalesce(r.empty, true))
    AND (
        r.headcount IS DISTINCT FROM d.headcount_before
        OR r.fte IS DISTINCT FROM d.fte_before
        OR r.hours IS DISTINCT FROM d.hours_before
        OR r.cost IS DISTINCT FROM d.cost_before
        OR r.currency IS DISTINCT FROM d.currency_before
    )
    AND (
        r.headcount IS DISTINCT FROM d.headcount
        OR r.fte IS DISTINCT FROM d.fte
        OR r.hours IS DISTINCT FROM d.hours
        OR r.cost IS DISTINCT FROM d.cost
        OR r.currency IS DISTINCT FROM d.currency
    );
