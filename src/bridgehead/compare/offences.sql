-- Which codes, versions and periods of the changes would UKG refuse? Distinct values only: they are few.
-- Unchanged rows are not asked: what UKG accepted last month never blocks this month's file.
CREATE OR REPLACE TABLE offences AS
WITH used AS (
    SELECT
        CASE
            WHEN grouping(org_unit) = 0 THEN 'org_unit'
            WHEN grouping(cost_center) = 0 THEN 'cost_center'
            WHEN grouping(location) = 0 THEN 'location'
            WHEN grouping(job) = 0 THEN 'job'
            WHEN grouping(position) = 0 THEN 'position'
            WHEN grouping(grade) = 0 THEN 'grade'
            WHEN grouping(employment_type) = 0 THEN 'employment_type'
            WHEN grouping(version) = 0 THEN 'version'
            WHEN grouping(scenario) = 0 THEN 'scenario'
            ELSE 'period_start'
        END AS field,
        CASE
            WHEN grouping(version) = 0 THEN scenario || chr(31) || version
            WHEN grouping(period_start) = 0 THEN CAST(period_start AS VARCHAR)
            ELSE coalesce(org_unit, cost_center, location, job, position, grade, employment_type, scenario)
        END AS code
    FROM difference
    WHERE action IN ('create', 'update')
    GROUP BY GROUPING SETS (
        (org_unit), (cost_center), (location), (job), (position), (grade), (employment_type), (scenario),
        (scenario, version), (period_start)
    )
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
