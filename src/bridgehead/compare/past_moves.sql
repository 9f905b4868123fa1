-- Which numbers went to another code in a run? turn: of the run, the oldest is 1.
INSERT INTO past_moves
SELECT
    CAST($turn AS BIGINT),
    key_text(s.scenario, s.version, s.period_start, s.org_unit, s.cost_center, s.location, s.job, s.position, s.grade, s.employment_type),
    moved_to
FROM shaped AS s
WHERE moved_to IS NOT NULL;
