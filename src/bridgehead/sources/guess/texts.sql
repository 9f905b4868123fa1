-- Which texts does each column hold, in the order of the file? All of them where they are few, else the first ones.
WITH texts AS (SELECT number, text, CAST(sum(times) AS BIGINT) AS times, min(first) AS first FROM cells GROUP BY number, text)
SELECT number, text, times
FROM texts
QUALIFY count(*) OVER (PARTITION BY number) <= $all OR row_number() OVER (PARTITION BY number ORDER BY first, text) <= $some
ORDER BY number, first, text;
