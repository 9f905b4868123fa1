-- Which cells that were asked for (is_asked) did a run touch?
INSERT INTO asked_cells
SELECT DISTINCT key_text(s.scenario, s.version, s.period_start, s.org_unit, s.cost_center, s.location, s.job, s.position, s.grade, s.employment_type)
FROM shaped AS s
WHERE is_asked(s.scenario, s.version, s.period_start, s.org_unit, s.cost_center, s.location, s.job, s.position, s.grade, s.employment_type);
