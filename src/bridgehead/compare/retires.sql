-- The difference with what is to be zeroed: cells that left the plan, inside what the feed owns, after all others.
-- Nothing is retired when hold says so, nor a key whose row in the source was set aside (held_keys), nor twice.
-- Last come the old sides of moves (moved_to): cells that live on under another code, as moves says. They are zeroed, or
-- take what moves here, only after their new side was accepted.
WITH told AS (
    SELECT d.* REPLACE (
        CASE WHEN d.action <> 'absent' THEN d.action WHEN m.planned THEN 'move' ELSE 'retire' END AS action,
        CASE WHEN m.planned THEN m.moved_to END AS moved_to
    ), m.moved_to AS new_key
    FROM difference AS d
    LEFT JOIN moves AS m ON m.row = d.row
),
gone AS (
    SELECT * EXCLUDE (new_key) REPLACE (
        -- Retired means that every measure it had becomes 0; one it never had stays unset.
        CAST(headcount_before * 0 AS DECIMAL(18, 4)) AS headcount,
        CAST(fte_before * 0 AS DECIMAL(18, 4)) AS fte,
        CAST(hours_before * 0 AS DECIMAL(18, 4)) AS hours,
        CAST(cost_before * 0 AS DECIMAL(18, 4)) AS cost,
        currency_before AS currency
    )
    FROM told
    WHERE action IN ('retire', 'move')
        AND NOT retired_before
        AND (action = 'move' OR NOT $hold)
        AND is_owned(told.scenario, told.version, told.period_start)
        AND key_text(told.scenario, told.version, told.period_start, told.org_unit, told.cost_center, told.location, told.job, told.position, told.grade, told.employment_type) NOT IN (SELECT key FROM held_keys)
        AND coalesce(new_key, '') NOT IN (SELECT key FROM held_keys)
)
SELECT * EXCLUDE (row, new_key) FROM told WHERE action NOT IN ('retire', 'move') AND moved_to IS NULL
UNION ALL
FROM (
    SELECT * EXCLUDE (row) FROM gone WHERE action = 'retire'
    ORDER BY scenario, version, org_unit, cost_center, location, job, position, grade, employment_type, period_start
)
UNION ALL
FROM (
    SELECT * EXCLUDE (row) FROM gone WHERE action = 'move'
    UNION ALL
    SELECT * EXCLUDE (row, new_key) FROM told WHERE action NOT IN ('retire', 'move') AND moved_to IS NOT NULL
    ORDER BY scenario, version, org_unit, cost_center, location, job, position, grade, employment_type, period_start
)
