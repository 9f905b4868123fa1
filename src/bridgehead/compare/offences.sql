-- Which codes, versions and periods of the changes would UKG refuse? Distinct values only: they are few.
-- Unchanged rows are not asked: what UKG accepted last month never blocks this month's file.
CREATE OR REPLACE TABLE offences AS
WITH changed AS (SELECT * FROM difference WHERE action IN ('create', 'update')),
used AS (
    SELECT DISTINCT 'org_unit' AS field, org_unit AS code FROM changed
    UNION ALL SELECT DISTINCT 'cost_center', cost_center FROM changed
    UNION ALL SELECT DISTINCT 'location', location FROM changed
    UNION ALL SELECT DISTINCT 'job', job FROM changed
    UNION ALL SELECT DISTINCT 'position', position FROM changed
    UNION ALL SELECT DISTINCT 'grade', grade FROM changed
    UNION ALL SELECT DISTINCT 'employment_type', employment_type FROM changed
    UNION ALL SELECT DISTINCT 'scenario', scenario FROM changed
    UNION ALL SELECT DISTINCT 'version', scenario || chr(31) || version FROM changed
    UNION ALL SELECT DISTINCT 'period_start', CAST(period_start AS VARCHAR) FROM changed
),
judged AS (
    SELECT
        used.field,
        used.code,
        CASE
            WHEN used.field = 'period_start' AND CAST(used.code AS DATE) NOT BETWEEN $open_from AND $open_to THEN 'closed'
            WHEN length(split_part(used.code, chr(31), -1)) > coalesce(lengths.most, 1000000) THEN 'long'
            WHEN known.active THEN NULL
            WHEN known.active IS NOT NULL THEN if(used.field = 'version', 'read_only', 'inactive')
            WHEN used.field IN (SELECT field FROM known_codes) THEN 'unknown'
        END AS rule
    FROM used
    LEFT JOIN known_codes AS known ON known.field = used.field AND known.code = used.code
    LEFT JOIN lengths ON lengths.field = used.field
    WHERE used.code IS NOT NULL
)
SELECT field, code, rule FROM judged WHERE rule IS NOT NULL;
