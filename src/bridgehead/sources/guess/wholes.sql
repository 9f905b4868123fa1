-- Which code is, in every month, as much as all others of its dimension together? Its months of different size are counted.
WITH cells AS (
    SELECT
        scenario, version, period_start, coalesce(headcount, 0) AS heads, coalesce(fte, 0) AS fte,
        unnest([
            {'field': 'org_unit', 'code': org_unit},
            {'field': 'cost_center', 'code': cost_center},
            {'field': 'location', 'code': location},
            {'field': 'job', 'code': job}
        ]) AS named
    FROM typed
),

figures AS (
    SELECT scenario, version, period_start, named.field AS field, named.code AS code, sum(heads) AS heads, sum(fte) AS fte
    FROM cells
    WHERE named.code IS NOT NULL
    GROUP BY ALL
),

summed AS (
    SELECT *, sum(heads) OVER same AS all_heads, sum(fte) OVER same AS all_fte, count(*) OVER same AS codes
    FROM figures
    WINDOW same AS (PARTITION BY scenario, version, period_start, field)
)

SELECT field, code, count(DISTINCT heads + fte)
FROM summed
GROUP BY field, code
HAVING
    bool_and(2 * heads = all_heads AND 2 * fte = all_fte)
    AND sum(heads + fte) > 0
    AND min(codes) > 2
    AND count(*) = (SELECT count(DISTINCT (scenario, version, period_start)) FROM figures)
ORDER BY field, code;
