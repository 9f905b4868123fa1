-- The difference without the changes that UKG would refuse.
SELECT * EXCLUDE (row)
FROM difference
WHERE action = 'retire' OR (record, coalesce(origin_column, '')) NOT IN (
    SELECT (record, coalesce(origin_column, '')) FROM findings WHERE refuses
)
