-- What does UKG hold of the cells that were asked for, as far as the ledger knows?
SELECT key, headcount, fte, hours, cost, currency, retired, unknown
FROM (
    SELECT *, key_text(a.scenario, a.version, a.period_start, a.org_unit, a.cost_center, a.location, a.job, a.position, a.grade, a.employment_type) AS key
    FROM accepted AS a
)
WHERE key IN (SELECT key FROM asked_cells);
