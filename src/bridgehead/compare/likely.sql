-- Which code was meant by one that UKG does not have? Only what a spreadsheet does to codes is undone: zeros, capitals.
-- A code for which there are several is left to people.
SELECT m.field, m.value, any_value(k.code) AS code
FROM (SELECT DISTINCT field, value FROM mistakes WHERE rule = 'unknown') AS m
INNER JOIN known_codes AS k
    ON k.field = m.field AND upper(ltrim(replace(k.code, chr(31), ' '), '0')) = upper(ltrim(m.value, '0'))
WHERE k.active AND m.field <> 'version'
GROUP BY m.field, m.value
HAVING count(*) = 1;
