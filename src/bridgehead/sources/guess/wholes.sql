-- What does each code of a dimension come to in every month? Codes stand in the order of the file; too many are not asked.
WITH cells AS (
    SELECT
        record, scenario, version, period_start, coalesce(headcount, 0) AS heads, coalesce(fte, 0) AS fte,
        unnest([
            {'field': 'org_unit', 'code': org_unit},
            {'field': 'cost_center', 'code': cost_center},
            {'field': 'location', 'code': location},
            {'field': 'job', 'code': job}
        ]) AS named
    FROM typed
),

figures AS (
    SELECT
        named.field AS field, named.code AS code, concat_ws(' ', scenario, version, period_start) AS cell,
        min(record) AS record, sum(heads) AS heads, sum(fte) AS fte
    FROM cells
    WHERE named.code IS NOT NULL
    GROUP BY ALL
),

counted AS (SELECT field, count(DISTINCT code) AS codes FROM figures GROUP BY field)

SELECT field, code, cell, heads, fte
FROM figures
INNER JOIN counted USING (field)
WHERE codes BETWEEN 3 AND 1000
ORDER BY field, min(record) OVER (PARTITION BY field, code), code, cell;
