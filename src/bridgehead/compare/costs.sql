-- What does each scenario cost before and after the plan, in each currency?
SELECT scenario, version, currency, sum(cost_before), sum(cost_after)
FROM cube
GROUP BY scenario, version, currency
HAVING sum(cost_before) <> 0 OR sum(cost_after) <> 0
ORDER BY scenario, version, currency;
