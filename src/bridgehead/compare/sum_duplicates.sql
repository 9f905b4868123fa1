-- The rows of a cell that is planned more than once become one: their sum, at the place of the first.
DELETE FROM typed WHERE (record, coalesce(origin_column, '')) IN (SELECT (record, coalesce(origin_column, '')) FROM twice);
INSERT INTO typed BY NAME
SELECT
    min(record) AS record,
    arg_min(origin_column, record) AS origin_column,
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    CAST(sum(headcount) AS DECIMAL(18, 4)) AS headcount,
    CAST(sum(fte) AS DECIMAL(18, 4)) AS fte,
    CAST(sum(hours) AS DECIMAL(18, 4)) AS hours,
    CAST(sum(cost) AS DECIMAL(18, 4)) AS cost,
    any_value(currency) AS currency,
    bool_or(rounded) AS rounded,
    CASE WHEN count(DISTINCT currency) > 1 THEN 'currencies:currency' ELSE '' END AS faults
FROM twice
GROUP BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type;
