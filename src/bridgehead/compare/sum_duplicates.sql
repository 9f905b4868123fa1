-- The rows of a cell that is planned more than once become one: their sum, at the place of the first.
-- What the file says is added up, and the sum is rounded: three times an eighth of an FTE are 0.38, not 0.36.
DELETE FROM typed WHERE (record, coalesce(origin_column, '')) IN (SELECT (record, coalesce(origin_column, '')) FROM twice);
INSERT INTO typed BY NAME
WITH summed AS (
    SELECT
        min(record) AS record,
        arg_min(origin_column, record) AS origin_column,
        scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
        sum(CAST(t.headcount AS DECIMAL(38, 20))) AS headcount_sum,
        sum(CAST(t.fte AS DECIMAL(38, 20))) AS fte_sum,
        sum(CAST(t.hours AS DECIMAL(38, 20))) AS hours_sum,
        sum(CAST(t.cost AS DECIMAL(38, 20))) AS cost_sum,
        any_value(twice.currency) AS currency,
        count(DISTINCT twice.currency) > 1 AS currencies
    FROM twice
    INNER JOIN (SELECT record AS its_record, origin_column AS its_column, headcount, fte, hours, cost FROM text_rows) AS t
        ON t.its_record = twice.record AND t.its_column IS NOT DISTINCT FROM twice.origin_column
    GROUP BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
),
rounded AS (
    SELECT
        *,
        CASE WHEN headcount_sum < 1000000000000 THEN half_even(headcount_sum, $headcount_scale) END AS headcount,
        CASE WHEN fte_sum < 1000000000000 THEN half_even(fte_sum, $fte_scale) END AS fte,
        CASE WHEN hours_sum < 1000000000000 THEN half_even(hours_sum, $hours_scale) END AS hours,
        CASE WHEN cost_sum < 1000000000000 THEN half_even(cost_sum, $cost_scale) END AS cost
    FROM summed
)
SELECT
    record,
    origin_column,
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type,
    headcount, fte, hours, cost,
    currency,
    coalesce(headcount <> headcount_sum, false) OR coalesce(fte <> fte_sum, false) OR coalesce(hours <> hours_sum, false) OR coalesce(cost <> cost_sum, false) AS rounded,
    concat_ws(
        ' ',
        CASE WHEN headcount_sum IS NOT NULL AND headcount IS NULL THEN 'large:headcount' END,
        CASE WHEN fte_sum IS NOT NULL AND fte IS NULL THEN 'large:fte' END,
        CASE WHEN hours_sum IS NOT NULL AND hours IS NULL THEN 'large:hours' END,
        CASE WHEN cost_sum IS NOT NULL AND cost IS NULL THEN 'large:cost' END,
        CASE WHEN currencies THEN 'currencies:currency' END
    ) AS faults
FROM rounded;
