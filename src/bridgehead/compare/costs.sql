-- What does each scenario cost before and after the plan, in each currency?
WITH summed AS (
    SELECT scenario, version, currency, cost AS before, cost AS after
    FROM accepted
    WHERE NOT retired AND cost <> 0 AND is_owned(accepted.scenario, accepted.version, accepted.period_start)
    UNION ALL
    SELECT scenario, version, currency_before, 0, -cost_before FROM difference WHERE cost_before <> 0
    UNION ALL
    SELECT scenario, version, currency, 0, cost FROM difference WHERE cost <> 0
)
SELECT scenario, version, currency, sum(before), sum(after)
FROM summed
GROUP BY scenario, version, currency
ORDER BY scenario, version, currency;
