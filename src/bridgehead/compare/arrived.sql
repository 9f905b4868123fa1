-- Which rows of a past run's plan (past_rows) may stand in UKG since: those in a request that was answered, or of which
-- that is unknown (arrived_ranges), and that were not rejected (rejected)? Each with its key, and with the key of a cell
-- that lived on in it (moved_from).
WITH took AS (
    SELECT p.* EXCLUDE (row), p.row AS past_row, key_text(p.scenario, p.version, p.period_start, p.org_unit, p.cost_center, p.location, p.job, p.position, p.grade, p.employment_type) AS key
    FROM past_rows AS p
    SEMI JOIN arrived_ranges AS a ON p.row BETWEEN a.first AND a.last
    WHERE p.row NOT IN (SELECT row FROM rejected)
),
olds AS (
    SELECT moved_to, min(key) AS key FROM took WHERE moved_to IS NOT NULL GROUP BY moved_to
)
SELECT took.*, olds.key AS moved_from
FROM took
LEFT JOIN olds ON olds.moved_to = took.key
