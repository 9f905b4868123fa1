-- How do the plan's rows fall into requests, none over the limit of bytes or of records?
-- First by bytes (a group never exceeds the budget by more than its last row, so the longest row is set aside), then,
-- inside, by records.
CREATE OR REPLACE TABLE batches AS
WITH sized AS (
    SELECT row, strlen(body) + 1 AS bytes FROM plan_rows
),
summed AS (
    SELECT row, sum(bytes) OVER (ORDER BY row) - bytes AS before FROM sized
),
by_bytes AS (
    SELECT row, before // greatest(1, $budget - (SELECT coalesce(max(bytes), 0) FROM sized)) AS part FROM summed
),
by_records AS (
    SELECT row, part, (row_number() OVER (PARTITION BY part ORDER BY row) - 1) // $records AS piece FROM by_bytes
),
ranges AS (
    SELECT min(row) AS first, max(row) AS last FROM by_records GROUP BY part, piece
)
SELECT row_number() OVER (ORDER BY first) AS number, first, last FROM ranges ORDER BY first;
