-- Heads, FTE and cost by scenario, month, org unit and currency, before and after the plan, inside what the feed owns;
-- how many projections UKG holds there that are not 0, and how many of them would go or become 0. What only moves to
-- another code neither goes nor comes: heads_judged is heads_after without it.
CREATE OR REPLACE TABLE cube AS
WITH changed AS (
    SELECT p.*, p.action = 'move' OR EXISTS (
        SELECT 1 FROM moves AS m
        WHERE m.scenario = p.scenario
            AND m.version = p.version
            AND m.period_start = p.period_start
            AND m.org_unit = p.org_unit
            AND m.cost_center IS NOT DISTINCT FROM p.cost_center
            AND m.location IS NOT DISTINCT FROM p.location
            AND m.job IS NOT DISTINCT FROM p.job
            AND m.position IS NOT DISTINCT FROM p.position
            AND m.grade IS NOT DISTINCT FROM p.grade
            AND m.employment_type IS NOT DISTINCT FROM p.employment_type
    ) AS renamed
    FROM plan_rows AS p
),
moved AS (
    SELECT scenario, version, period_start, org_unit, currency, headcount AS heads, fte, cost, 1 AS sign, renamed
    FROM changed
    UNION ALL
    SELECT scenario, version, period_start, org_unit, currency_before, headcount_before, fte_before, cost_before, -1,
        renamed
    FROM changed
    WHERE action <> 'create'
),
summed AS (
    SELECT scenario, version, period_start, org_unit, currency,
        heads, fte, cost, 0 AS heads_moved, 0 AS fte_moved, 0 AS cost_moved, 0 AS heads_judged, held, 0 AS gone
    FROM standing
    WHERE live > 0 AND is_owned(standing.scenario, standing.version, standing.period_start)
    UNION ALL
    SELECT scenario, version, period_start, org_unit, currency,
        0, 0, 0, sum(heads * sign), sum(fte * sign), sum(cost * sign), sum(heads * sign) FILTER (NOT renamed), 0, 0
    FROM moved
    GROUP BY ALL
    UNION ALL
    SELECT scenario, version, period_start, org_unit, currency_before, 0, 0, 0, 0, 0, 0, 0, 0, count(*)
    FROM plan_rows
    WHERE action NOT IN ('create', 'move')
        AND coalesce(headcount, 0) = 0 AND coalesce(fte, 0) = 0 AND coalesce(hours, 0) = 0 AND coalesce(cost, 0) = 0
        AND (headcount_before <> 0 OR fte_before <> 0 OR hours_before <> 0 OR cost_before <> 0)
    GROUP BY ALL
)
SELECT
    scenario, version, period_start, org_unit, currency,
    coalesce(sum(heads), 0) AS heads_before,
    coalesce(sum(heads), 0) + coalesce(sum(heads_moved), 0) AS heads_after,
    coalesce(sum(fte), 0) AS fte_before,
    coalesce(sum(fte), 0) + coalesce(sum(fte_moved), 0) AS fte_after,
    coalesce(sum(cost), 0) AS cost_before,
    coalesce(sum(cost), 0) + coalesce(sum(cost_moved), 0) AS cost_after,
    coalesce(sum(heads), 0) + coalesce(sum(heads_judged), 0) AS heads_judged,
    coalesce(sum(held), 0) AS held,
    coalesce(sum(gone), 0) AS gone
FROM summed
GROUP BY ALL;
