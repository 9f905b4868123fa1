-- Which cells that are to be taken back (difference) hold something else by now (accepted) than the run left there
-- (arrived): then, now and planned, as conflicts.sql tells them? Zeros are as good as no record.
CREATE OR REPLACE TABLE changed_since AS
SELECT
    d.row, false AS created, d.retired_before IS NULL AS gone,
    d.scenario, d.version, d.period_start, d.org_unit, d.cost_center, d.location, d.job, d.position, d.grade,
    d.employment_type,
    p.headcount AS headcount_before, p.fte AS fte_before, p.hours AS hours_before, p.cost AS cost_before,
    p.currency AS currency_before,
    d.headcount_before AS headcount_now, d.fte_before AS fte_now, d.hours_before AS hours_now, d.cost_before AS cost_now,
    d.currency_before AS currency_now,
    d.headcount, d.fte, d.hours, d.cost, d.currency
FROM difference AS d
INNER JOIN arrived AS p ON p.past_row = d.record
WHERE (
        p.headcount IS DISTINCT FROM d.headcount_before
        OR p.fte IS DISTINCT FROM d.fte_before
        OR p.hours IS DISTINCT FROM d.hours_before
        OR p.cost IS DISTINCT FROM d.cost_before
        OR p.currency IS DISTINCT FROM d.currency_before
    )
    AND NOT (
        coalesce(p.headcount, 0) = 0 AND coalesce(p.fte, 0) = 0 AND coalesce(p.hours, 0) = 0 AND coalesce(p.cost, 0) = 0
        AND coalesce(d.headcount_before, 0) = 0 AND coalesce(d.fte_before, 0) = 0
        AND coalesce(d.hours_before, 0) = 0 AND coalesce(d.cost_before, 0) = 0
    );
