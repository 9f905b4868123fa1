-- Every mistake that keeps a row from being sent, in the order of the source.
SELECT record, header, rule, field, title, place, value, others, cells, refuses
FROM mistakes
WHERE refuses
ORDER BY record, position, field;
