-- How much of what UKG holds would go, or become 0, in each scenario, org unit and month? Only where anything does.
-- Heads are summed over the months; what only moves to another code stays.
WITH parts AS (
    SELECT 'scenario' AS kind, scenario || ' ' || version AS name, * FROM cube
    UNION ALL SELECT 'org unit', org_unit, * FROM cube
    UNION ALL SELECT 'month', strftime(period_start, '%Y-%m'), * FROM cube
)
SELECT kind, name, sum(held), sum(gone), sum(heads_before), sum(heads_judged)
FROM parts
GROUP BY kind, name
HAVING sum(held) > 0 AND (sum(gone) > 0 OR sum(heads_judged) <> sum(heads_before))
QUALIFY row_number() OVER (
    PARTITION BY kind
    ORDER BY sum(gone) / sum(held) DESC, abs(sum(heads_judged) - sum(heads_before)) DESC, name
) <= $most
ORDER BY kind, name;
