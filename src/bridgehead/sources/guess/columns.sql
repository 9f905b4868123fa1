-- What does each column hold: how many cells, how many different ones, and how many of each notation of numbers?
WITH texts AS (SELECT number, text, sum(times) AS times FROM cells GROUP BY number, text)
SELECT
    number,
    CAST(sum(times) AS BIGINT),
    count(*),
    CAST(coalesce(sum(times) FILTER (regexp_full_match(text, $numeric)), 0) AS BIGINT),
    count(*) FILTER (regexp_full_match(text, $coded)),
    count(*) FILTER (regexp_full_match(text, $comma_decimal)),
    count(*) FILTER (regexp_full_match(text, $point_decimal)),
    count(*) FILTER (regexp_full_match(text, $comma_groups)),
    count(*) FILTER (regexp_full_match(text, $point_groups)),
    count(*) FILTER (regexp_full_match(text, $either_comma)),
    count(*) FILTER (regexp_full_match(text, $either_point)),
    count(*) FILTER (regexp_full_match(text, $spaced)),
    count(*) FILTER (regexp_full_match(text, $quoted)),
    min(text) FILTER (regexp_full_match(text, $comma_decimal) OR regexp_full_match(text, $point_groups)),
    min(text) FILTER (regexp_full_match(text, $point_decimal) OR regexp_full_match(text, $comma_groups)),
    min(text) FILTER (regexp_full_match(text, $either_comma) OR regexp_full_match(text, $either_point))
FROM texts
GROUP BY number
ORDER BY number;
