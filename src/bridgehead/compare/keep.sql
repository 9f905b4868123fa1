-- The difference without the conflicts, whose cells are left as UKG has them, and without the old side of a move whose
-- new side is left.
SELECT * EXCLUDE (row)
FROM difference
WHERE row NOT IN (SELECT row FROM conflicts)
    AND (
        moved_to IS NULL
        OR moved_to NOT IN (
            SELECT key_text(
                scenario, version, period_start, org_unit, cost_center, location, job, position, grade,
                employment_type
            )
            FROM conflicts
        )
    )
