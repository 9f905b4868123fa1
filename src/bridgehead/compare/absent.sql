-- How many cells of the source hold no value?
SELECT count(*)
FROM text_rows
WHERE headcount IS NULL AND fte IS NULL AND hours IS NULL AND cost IS NULL AND noted IS NULL
