-- What would bring back what stood before a run, in the cells that it changed (arrived), from what UKG accepted since
-- (accepted)? A cell that was not there is zeroed: retired, or moved back where another one had moved into it. What is so
-- already is left out. becomes: what is done; until all is judged, every row counts as an update.
-- Cells that gave their place to others come last: they are zeroed only when those are back.
WITH wanted AS (
    SELECT
        p.past_row, p.moved_from,
        p.action = 'create' OR (p.action = 'update' AND coalesce(p.retired_before, false)) AS gone,
        a.org_unit IS NULL AS missing,
        p.scenario, p.version, p.period_start, p.org_unit, p.cost_center, p.location, p.job, p.position, p.grade,
        p.employment_type,
        a.headcount AS headcount_before, a.fte AS fte_before, a.hours AS hours_before, a.cost AS cost_before,
        a.currency AS currency_before,
        CAST(CASE WHEN p.action = 'create' THEN a.headcount * 0 ELSE p.headcount_before END AS DECIMAL(18, 4)) AS headcount,
        CAST(CASE WHEN p.action = 'create' THEN a.fte * 0 ELSE p.fte_before END AS DECIMAL(18, 4)) AS fte,
        CAST(CASE WHEN p.action = 'create' THEN a.hours * 0 ELSE p.hours_before END AS DECIMAL(18, 4)) AS hours,
        CAST(CASE WHEN p.action = 'create' THEN a.cost * 0 ELSE p.cost_before END AS DECIMAL(18, 4)) AS cost,
        CASE WHEN p.action = 'create' THEN a.currency ELSE p.currency_before END AS currency,
        a.retired AS retired_before, a.unknown AS unknown_before
    FROM arrived AS p
    LEFT JOIN accepted AS a
        ON a.scenario = p.scenario
        AND a.version = p.version
        AND a.period_start = p.period_start
        AND a.org_unit = p.org_unit
        AND a.cost_center IS NOT DISTINCT FROM p.cost_center
        AND a.location IS NOT DISTINCT FROM p.location
        AND a.job IS NOT DISTINCT FROM p.job
        AND a.position IS NOT DISTINCT FROM p.position
        AND a.grade IS NOT DISTINCT FROM p.grade
        AND a.employment_type IS NOT DISTINCT FROM p.employment_type
),
differing AS (
    SELECT *, CASE
        WHEN missing THEN 'create' WHEN NOT gone THEN 'update' WHEN moved_from IS NULL THEN 'retire' ELSE 'move'
    END AS becomes
    FROM wanted
    WHERE CASE WHEN missing THEN NOT gone ELSE
        unknown_before
        OR retired_before <> gone
        OR headcount IS DISTINCT FROM headcount_before
        OR fte IS DISTINCT FROM fte_before
        OR hours IS DISTINCT FROM hours_before
        OR cost IS DISTINCT FROM cost_before
        OR currency IS DISTINCT FROM currency_before
    END
)
SELECT
    past_row AS record,
    concat_ws(' ', scenario, version, strftime(period_start, '%Y-%m'),
        concat_ws(' / ', org_unit, cost_center, location, job, position, grade, employment_type)) AS origin_column,
    'update' AS action,
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount_before, fte_before, hours_before, cost_before, currency_before,
    headcount, fte, hours, cost, currency,
    retired_before, unknown_before,
    moved_from AS moved_to,
    becomes
FROM differing
ORDER BY moved_from IS NOT NULL, becomes = 'retire', past_row
