-- Every row of a cell that is planned more than once is wrong; the first is listed, with the places of the others.
INSERT INTO findings
WITH placed AS (
    SELECT
        record,
        origin_column,
        concat_ws(' / ', scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type) AS cell,
        row_number() OVER same AS nth,
        list({'record': record, 'origin_column': origin_column}) OVER same_all AS places
    FROM twice
    WINDOW
        same AS (
            PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
            ORDER BY record, origin_column
        ),
        same_all AS (
            PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
            ORDER BY record, origin_column ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        )
)
SELECT record, origin_column, 'duplicate', 'scenario', cell,
    [p FOR p IN places IF p.record <> record OR p.origin_column IS DISTINCT FROM origin_column], true, nth = 1
FROM placed;
INSERT INTO held_back SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type FROM twice;
DELETE FROM typed WHERE (record, coalesce(origin_column, '')) IN (SELECT (record, coalesce(origin_column, '')) FROM twice);
