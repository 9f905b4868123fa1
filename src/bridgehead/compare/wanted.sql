-- Which rows of a plan hold the codes asked for (lists by dimension, empty where any will do), and may go before the
-- rest? Nothing that is retired. Both sides of a code that became another one belong together (part), however long the
-- chain: one of them is enough to ask for it, and its size is that of all.
CREATE OR REPLACE TABLE wanted AS
WITH RECURSIVE keyed AS (
    SELECT row, moved_to, key_text(p.scenario, p.version, p.period_start, p.org_unit, p.cost_center, p.location, p.job, p.position, p.grade, p.employment_type) AS key
    FROM plan_rows AS p
    WHERE EXISTS (SELECT 1 FROM plan_rows WHERE moved_to IS NOT NULL)
),
links AS (
    SELECT old.row AS one, new.row AS other FROM keyed AS old INNER JOIN keyed AS new ON old.moved_to = new.key
    UNION
    SELECT new.row, old.row FROM keyed AS old INNER JOIN keyed AS new ON old.moved_to = new.key
),
reached AS (
    SELECT one AS row, one AS other FROM links
    UNION
    SELECT reached.row, links.other FROM reached INNER JOIN links ON links.one = reached.other
),
parts AS (
    SELECT row, min(other) AS part FROM reached GROUP BY row
),
judged AS (
    SELECT
        p.row,
        coalesce(parts.part, p.row) AS part,
        (len($scenario) = 0 OR list_contains($scenario, p.scenario))
            AND (len($version) = 0 OR list_contains($version, p.version))
            AND (len($period_start) = 0 OR list_contains($period_start, CAST(p.period_start AS VARCHAR)))
            AND (len($org_unit) = 0 OR list_contains($org_unit, p.org_unit))
            AND (len($cost_center) = 0 OR list_contains($cost_center, coalesce(p.cost_center, '')))
            AND (len($location) = 0 OR list_contains($location, coalesce(p.location, '')))
            AND (len($job) = 0 OR list_contains($job, coalesce(p.job, '')))
            AND (len($position) = 0 OR list_contains($position, coalesce(p.position, '')))
            AND (len($grade) = 0 OR list_contains($grade, coalesce(p.grade, '')))
            AND (len($employment_type) = 0 OR list_contains($employment_type, coalesce(p.employment_type, ''))) AS asked
    FROM plan_rows AS p
    LEFT JOIN parts ON parts.row = p.row
    WHERE p.action <> 'retire'
)
SELECT row, part, count(*) OVER (PARTITION BY part) AS size
FROM judged
QUALIFY bool_or(asked) OVER (PARTITION BY part);
