-- Which of the wanted rows go first: at most so many, in the order of the source, and never half of what belongs together.
CREATE OR REPLACE TABLE sliced AS
WITH parts AS (
    SELECT part, any_value(size) AS size, min(row) AS first FROM wanted WHERE size <= $most GROUP BY part
),
counted AS (
    SELECT part, sum(size) OVER (ORDER BY first) AS reached FROM parts
)
SELECT row FROM wanted WHERE part IN (SELECT part FROM counted WHERE reached <= $most);
