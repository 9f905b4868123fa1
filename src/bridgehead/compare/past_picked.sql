-- The rows of a run that touch a cell in which a number that was asked for lived then (kin). turn: of the run.
CREATE OR REPLACE TABLE picked AS
WITH then_there AS (
    SELECT DISTINCT key FROM kin WHERE $turn BETWEEN since AND until
)
SELECT * FROM (
    SELECT s.*, key_text(s.scenario, s.version, s.period_start, s.org_unit, s.cost_center, s.location, s.job, s.position, s.grade, s.employment_type) AS key
    FROM shaped AS s
)
WHERE key IN (SELECT key FROM then_there);
