-- The difference without the changes that UKG would refuse, and without the old side of a move whose new side it would.
WITH refused AS (
    SELECT DISTINCT record, coalesce(origin_column, '') AS origin_column FROM findings WHERE refuses
),
lost AS (
    SELECT key_text(
        d.scenario, d.version, d.period_start, d.org_unit, d.cost_center, d.location, d.job, d.position, d.grade,
        d.employment_type
    ) AS key
    FROM difference AS d
    INNER JOIN refused AS r ON r.record = d.record AND r.origin_column = coalesce(d.origin_column, '')
)
SELECT * EXCLUDE (row)
FROM difference
WHERE CASE action
    WHEN 'retire' THEN true
    WHEN 'move' THEN moved_to NOT IN (SELECT key FROM lost)
    ELSE (record, coalesce(origin_column, '')) NOT IN (SELECT (record, origin_column) FROM refused)
END
