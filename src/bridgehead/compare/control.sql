-- What does the source add up to, as it was read: projections, and each measure before any rounding?
SELECT
    count(*) FILTER (headcount IS NOT NULL OR fte IS NOT NULL OR hours IS NOT NULL OR cost IS NOT NULL) AS projections,
    coalesce(sum(TRY_CAST(headcount AS DECIMAL(38, 10))), 0) AS headcount,
    coalesce(sum(TRY_CAST(fte AS DECIMAL(38, 10))), 0) AS fte,
    coalesce(sum(TRY_CAST(hours AS DECIMAL(38, 10))), 0) AS hours,
    coalesce(sum(TRY_CAST(cost AS DECIMAL(38, 10))), 0) AS cost
FROM text_rows;
