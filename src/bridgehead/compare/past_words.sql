-- What became of each range of a run's rows, as the last batch says that has something to say of it (sent)?
-- A request that was cut smaller says less than its parts; an answer says most. refusing: the request that was turned
-- down as a whole for the sake of some of its records, which is where those were rejected.
CREATE OR REPLACE TABLE words AS
WITH ends AS (
    SELECT first AS row FROM sent UNION SELECT last + 1 FROM sent
),
segments AS (
    SELECT row AS first, lead(row) OVER (ORDER BY row) - 1 AS last FROM ends
),
ranked AS (
    SELECT
        *,
        CASE state WHEN 'answered' THEN 3 WHEN 'unknown' THEN 2 WHEN 'intended' THEN 2 ELSE 1 END AS weight,
        CASE state WHEN 'answered' THEN 'accepted' WHEN 'refused' THEN 'refused' ELSE 'unknown' END AS outcome
    FROM sent
)
SELECT
    segments.first,
    segments.last,
    arg_max(ranked.outcome, (weight, number)) AS outcome,
    arg_max(coalesce(ranked.correlation_id, ''), (weight, number)) AS correlation_id,
    arg_max(coalesce(ranked.answered_at, ''), (weight, number)) AS answered_at,
    arg_max(coalesce(ranked.correlation_id, ''), number) FILTER (refuses) AS refusing_id,
    arg_max(coalesce(ranked.answered_at, ''), number) FILTER (refuses) AS refusing_at
FROM segments
INNER JOIN (SELECT *, state = 'refused' AND status NOT IN (0, 413) AS refuses FROM ranked) AS ranked
    ON ranked.first <= segments.first AND ranked.last >= segments.last
GROUP BY segments.first, segments.last;
