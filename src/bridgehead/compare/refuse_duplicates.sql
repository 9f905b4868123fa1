-- Every row of a cell that is planned more than once is wrong; the first is listed, with the places of the next ones.
-- Of many only the nearest places are kept: each row with all the others would be their number squared.
INSERT INTO findings
WITH placed AS (
    SELECT
        record,
        origin_column,
        key_text(scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type) AS cell,
        row_number() OVER same AS nth,
        list({'record': record, 'origin_column': origin_column}) OVER near AS places
    FROM twice
    WINDOW
        same AS (
            PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
            ORDER BY record, origin_column
        ),
        near AS (
            PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
            ORDER BY record, origin_column ROWS BETWEEN 21 PRECEDING AND 21 FOLLOWING
        )
)
SELECT record, origin_column, 'duplicate', 'cell', cell,
    [p FOR p IN places IF p.record <> record OR p.origin_column IS DISTINCT FROM origin_column], true, nth = 1
FROM placed;
INSERT INTO held_back SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type FROM twice;
DELETE FROM typed WHERE (record, coalesce(origin_column, '')) IN (SELECT (record, coalesce(origin_column, '')) FROM twice);
