-- Which cells are planned more than once? Hashes first: a key is compared as a whole only where its hash repeats.
-- cell_hash: of the dimensions in which planned cells differ at all.
CREATE OR REPLACE TABLE twice AS
WITH hashed AS (
    SELECT
        record,
        origin_column,
        cell_hash(
            scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
        ) AS h
    FROM typed
),
repeated AS (SELECT h FROM hashed GROUP BY h HAVING count(*) > 1)
SELECT t.*
FROM typed AS t
SEMI JOIN repeated
    ON repeated.h = cell_hash(
        t.scenario, t.version, t.period_start, t.org_unit, t.cost_center, t.location, t.job, t.position, t.grade,
        t.employment_type
    )
QUALIFY count(*) OVER (
    PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade,
        employment_type
) > 1;
