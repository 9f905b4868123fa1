-- What does the plan come to, as it was read: cells, heads and full-time equivalents, first and last month?
SELECT
    count(*),
    CAST(coalesce(sum(headcount), 0) AS VARCHAR),
    CAST(coalesce(sum(fte), 0) AS VARCHAR),
    strftime(min(period_start), '%Y-%m'),
    strftime(max(period_start), '%Y-%m'),
    count(DISTINCT period_start)
FROM typed;
