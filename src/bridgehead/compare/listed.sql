-- The findings to be listed, in the order of the file: the first of each rule.
SELECT record, origin_column, rule, field, value, others, refuses
FROM findings
WHERE told
QUALIFY row_number() OVER (PARTITION BY rule ORDER BY record, origin_column, field) <= $most
ORDER BY record, origin_column, field;
