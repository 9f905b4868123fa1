-- In which cells, and from which run to which, have the numbers lived that were ever in a cell that was asked for?
-- A number that came from another code is followed back to where it went there, or to the beginning; one that went to
-- another code is followed on to where it left that one, or to the end. Codes may change places, and be used again.
CREATE OR REPLACE TABLE kin AS
WITH RECURSIVE left_before AS (
    SELECT *, lag(turn) OVER (PARTITION BY key ORDER BY turn) AS since FROM past_moves
),
ways AS (
    SELECT moved_to AS key, turn, key AS other, coalesce(since, 0) AS since, turn AS until FROM left_before
    UNION ALL
    SELECT m.key, m.turn, m.moved_to, m.turn, coalesce(n.turn, 9223372036854775807)
    FROM past_moves AS m
    ASOF LEFT JOIN past_moves AS n ON n.key = m.moved_to AND n.turn > m.turn
),
lived AS (
    SELECT DISTINCT key AS asked, key, CAST(0 AS BIGINT) AS since, 9223372036854775807 AS until FROM asked_cells
    UNION
    SELECT lived.asked, ways.other, ways.since, ways.until
    FROM lived
    INNER JOIN ways ON ways.key = lived.key AND ways.turn BETWEEN lived.since AND lived.until
)
SELECT DISTINCT * FROM lived;
