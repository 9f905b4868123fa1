-- Which cells that are asked for (is_asked) does UKG hold from this feed, as far as the ledger knows (accepted)?
INSERT INTO asked_cells
SELECT DISTINCT key_text(a.scenario, a.version, a.period_start, a.org_unit, a.cost_center, a.location, a.job, a.position, a.grade, a.employment_type)
FROM accepted AS a
WHERE is_asked(a.scenario, a.version, a.period_start, a.org_unit, a.cost_center, a.location, a.job, a.position, a.grade, a.employment_type);
