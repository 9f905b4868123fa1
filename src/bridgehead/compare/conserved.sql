-- Is every row accounted for? What is planned without what differs, and what was accepted without what differs, are the
-- rows that agree: as many on both sides, and the same ones (the sum of their hashes). A join that loses a row shows here.
-- row_hash: of the dimensions that differ at all, and of the measures.
WITH planned AS (
    SELECT count(*) AS n, coalesce(sum(row_hash(scenario, version, period_start, org_unit, cost_center, location, job,
        position, grade, employment_type, headcount, fte, hours, cost, currency)), 0) AS h
    FROM typed
),
held AS (SELECT coalesce(sum(n), 0) AS n, coalesce(sum(h), 0) AS h, coalesce(sum(live), 0) AS live FROM standing),
after AS (
    SELECT count(*) AS n, coalesce(sum(row_hash(scenario, version, period_start, org_unit, cost_center, location, job,
        position, grade, employment_type, headcount, fte, hours, cost, currency)), 0) AS h
    FROM difference
    WHERE action <> 'absent'
),
before AS (
    SELECT count(*) AS n, coalesce(sum(row_hash(scenario, version, period_start, org_unit, cost_center, location, job,
        position, grade, employment_type, headcount_before, fte_before, hours_before, cost_before,
        currency_before)), 0) AS h
    FROM difference
    WHERE action <> 'create'
)
SELECT planned.n - after.n, held.n - before.n, planned.h - after.h = held.h - before.h, held.live
FROM planned, held, after, before;
