-- The difference without the conflicts, whose cells are left as UKG has them; and without the other side of a move, so
-- that nothing is there twice.
WITH RECURSIVE sides AS (
    SELECT row, moved_to, key_text(difference.scenario, difference.version, difference.period_start, difference.org_unit, difference.cost_center, difference.location, difference.job, difference.position, difference.grade, difference.employment_type) AS key, row IN (SELECT row FROM conflicts) AS kept FROM difference
),
lost AS (
    SELECT key FROM sides WHERE kept
    UNION
    SELECT CASE WHEN sides.key = lost.key THEN sides.moved_to ELSE sides.key END
    FROM sides
    INNER JOIN lost ON sides.moved_to IS NOT NULL AND (sides.moved_to = lost.key OR sides.key = lost.key)
)
SELECT * EXCLUDE (row) FROM difference WHERE row NOT IN (SELECT row FROM sides WHERE key IN (SELECT key FROM lost))
