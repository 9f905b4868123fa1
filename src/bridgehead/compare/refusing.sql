-- Every finding that keeps a row from being sent, in the order of the source.
SELECT record, origin_column, rule, field, value, others, refuses
FROM findings
WHERE refuses
ORDER BY record, origin_column, field;
