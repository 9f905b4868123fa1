-- The difference with what is to be zeroed: cells that left the plan, inside what the feed owns, after all others.
-- Nothing is retired when hold says so, nor a key whose row in the source was set aside (held_back), nor twice. A cell
-- that lives on under another code (moves) comes last: it is zeroed only after the new side was accepted.
SELECT * EXCLUDE (row) FROM difference WHERE action <> 'absent'
UNION ALL
FROM (
    SELECT d.* EXCLUDE (row) REPLACE (
        CASE WHEN m.planned THEN 'move' ELSE 'retire' END AS action,
        CASE WHEN m.planned THEN m.moved_to END AS moved_to,
        -- Retired means that every measure it had becomes 0; one it never had stays unset.
        CAST(d.headcount_before * 0 AS DECIMAL(18, 4)) AS headcount,
        CAST(d.fte_before * 0 AS DECIMAL(18, 4)) AS fte,
        CAST(d.hours_before * 0 AS DECIMAL(18, 4)) AS hours,
        CAST(d.cost_before * 0 AS DECIMAL(18, 4)) AS cost,
        d.currency_before AS currency
    )
    FROM difference AS d
    LEFT JOIN moves AS m ON m.row = d.row
    WHERE d.action = 'absent'
        AND NOT d.retired_before
        AND NOT $hold
        AND is_owned(d.scenario, d.version, d.period_start)
        AND NOT EXISTS (
            SELECT 1 FROM held_back AS h
            WHERE h.scenario = d.scenario
            AND h.version = d.version
            AND h.period_start = d.period_start
            AND h.org_unit = d.org_unit
            AND h.cost_center IS NOT DISTINCT FROM d.cost_center
            AND h.location IS NOT DISTINCT FROM d.location
            AND h.job IS NOT DISTINCT FROM d.job
            AND h.position IS NOT DISTINCT FROM d.position
            AND h.grade IS NOT DISTINCT FROM d.grade
            AND h.employment_type IS NOT DISTINCT FROM d.employment_type
        )
        AND NOT EXISTS (
            SELECT 1 FROM held_back AS h
            WHERE h.scenario = m.scenario
            AND h.version = m.version
            AND h.period_start = m.period_start
            AND h.org_unit = m.org_unit
            AND h.cost_center IS NOT DISTINCT FROM m.cost_center
            AND h.location IS NOT DISTINCT FROM m.location
            AND h.job IS NOT DISTINCT FROM m.job
            AND h.position IS NOT DISTINCT FROM m.position
            AND h.grade IS NOT DISTINCT FROM m.grade
            AND h.employment_type IS NOT DISTINCT FROM m.employment_type
        )
    ORDER BY action = 'move', d.scenario, d.version, d.org_unit, d.cost_center, d.location, d.job, d.position, d.grade,
        d.employment_type, d.period_start
)
