-- Which old sides of moves may be zeroed, now that these rows were refused? Ranges of rows that follow on one another.
WITH refused AS (
    SELECT key_text(
        scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
    ) AS key
    FROM plan_rows
    WHERE row IN (SELECT unnest(CAST($refused AS BIGINT[])))
),
kept AS (
    SELECT row, row - row_number() OVER (ORDER BY row) AS island
    FROM plan_rows
    WHERE action = 'move' AND moved_to NOT IN (SELECT key FROM refused)
)
SELECT min(row), max(row) FROM kept GROUP BY island ORDER BY min(row);
