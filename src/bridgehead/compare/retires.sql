-- The difference with what is to be retired: cells that left the plan, inside what the feed owns, after all others.
-- Nothing is retired when hold says so, nor a key whose row in the source was set aside (held_back), nor twice.
SELECT * EXCLUDE (row) FROM difference WHERE action <> 'absent'
UNION ALL
FROM (
    SELECT * EXCLUDE (row) REPLACE (
        'retire' AS action,
        -- Retired means that every measure it had becomes 0; one it never had stays unset.
        CAST(headcount_before * 0 AS DECIMAL(18, 4)) AS headcount,
        CAST(fte_before * 0 AS DECIMAL(18, 4)) AS fte,
        CAST(hours_before * 0 AS DECIMAL(18, 4)) AS hours,
        CAST(cost_before * 0 AS DECIMAL(18, 4)) AS cost,
        currency_before AS currency
    )
    FROM difference
    WHERE action = 'absent'
        AND NOT retired_before
        AND NOT $hold
        AND is_owned(difference.scenario, difference.version, difference.period_start)
        AND NOT EXISTS (
            SELECT 1 FROM held_back AS h
            WHERE h.scenario = difference.scenario
                AND h.version = difference.version
                AND h.period_start = difference.period_start
                AND h.org_unit = difference.org_unit
                AND h.cost_center IS NOT DISTINCT FROM difference.cost_center
                AND h.location IS NOT DISTINCT FROM difference.location
                AND h.job IS NOT DISTINCT FROM difference.job
                AND h.position IS NOT DISTINCT FROM difference.position
                AND h.grade IS NOT DISTINCT FROM difference.grade
                AND h.employment_type IS NOT DISTINCT FROM difference.employment_type
        )
    ORDER BY scenario, version, org_unit, cost_center, location, job, position, grade, employment_type, period_start
)
