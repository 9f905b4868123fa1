-- What does UKG hold, by scenario, month, org unit and currency? Heads, FTE and cost of what is not retired (live), how
-- much of it is not 0 (held), and of all rows their number and the sum of their hashes. Read once, asked several times.
-- row_hash: of the dimensions that differ at all, and of the measures.
CREATE OR REPLACE TABLE standing AS
SELECT
    scenario, version, period_start, org_unit, currency,
    sum(headcount) FILTER (NOT retired) AS heads,
    sum(fte) FILTER (NOT retired) AS fte,
    sum(cost) FILTER (NOT retired) AS cost,
    count(*) FILTER (NOT retired) AS live,
    count(*) FILTER (NOT retired AND (headcount <> 0 OR fte <> 0 OR hours <> 0 OR cost <> 0)) AS held,
    count(*) AS n,
    sum(row_hash(scenario, version, period_start, org_unit, cost_center, location, job, position, grade,
        employment_type, headcount, fte, hours, cost, currency)) AS h
FROM accepted
GROUP BY ALL;
