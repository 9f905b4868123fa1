-- The difference without the changes that UKG would refuse, and without the old side of a move whose new side stays out,
-- however long the chain. A code that UKG lacks may be a mistyped one: then nothing is retired in this run.
WITH RECURSIVE refused AS (
    SELECT DISTINCT record, coalesce(origin_column, '') AS origin_column FROM findings WHERE refuses
),
sides AS (
    SELECT d.row, d.moved_to, CASE WHEN d.moved_to IS NOT NULL OR r.record IS NOT NULL THEN key_text(d.scenario, d.version, d.period_start, d.org_unit, d.cost_center, d.location, d.job, d.position, d.grade, d.employment_type) END AS key,
        r.record IS NOT NULL AS refused
    FROM difference AS d
    LEFT JOIN refused AS r
        ON r.record = d.record AND r.origin_column = coalesce(d.origin_column, '') AND d.action <> 'retire'
    WHERE d.moved_to IS NOT NULL OR r.record IS NOT NULL
),
lost AS (
    SELECT key FROM sides WHERE refused
    UNION
    SELECT key FROM held_keys
    UNION
    SELECT sides.key FROM sides INNER JOIN lost ON sides.moved_to = lost.key
)
SELECT * EXCLUDE (row)
FROM difference
WHERE row NOT IN (SELECT row FROM sides WHERE refused OR moved_to IN (SELECT key FROM lost))
    AND (action <> 'retire' OR NOT EXISTS (SELECT 1 FROM findings WHERE refuses AND rule IN ('unknown', 'long')))
