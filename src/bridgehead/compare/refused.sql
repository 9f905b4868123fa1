-- How many planned rows would have changed something, and were set aside for it?
SELECT count(*)
FROM typed
WHERE (record, coalesce(origin_column, '')) IN (SELECT (record, coalesce(origin_column, '')) FROM findings WHERE refuses);
