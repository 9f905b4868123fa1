-- Which of the codes asked for (chosen) has neither the source (typed) nor what UKG holds (accepted)? An unset dimension
-- is an empty code.
SELECT dimension, code
FROM chosen AS c
WHERE NOT EXISTS (
    SELECT 1 FROM typed AS p
    WHERE c.code = coalesce(
        CASE c.dimension
            WHEN 'scenario' THEN p.scenario
            WHEN 'version' THEN p.version
            WHEN 'period_start' THEN CAST(p.period_start AS VARCHAR)
            WHEN 'org_unit' THEN p.org_unit
            WHEN 'cost_center' THEN p.cost_center
            WHEN 'location' THEN p.location
            WHEN 'job' THEN p.job
            WHEN 'position' THEN p.position
            WHEN 'grade' THEN p.grade
            WHEN 'employment_type' THEN p.employment_type
        END, '')
) AND NOT EXISTS (
    SELECT 1 FROM accepted AS a
    WHERE NOT a.retired AND c.code = coalesce(
        CASE c.dimension
            WHEN 'scenario' THEN a.scenario
            WHEN 'version' THEN a.version
            WHEN 'period_start' THEN CAST(a.period_start AS VARCHAR)
            WHEN 'org_unit' THEN a.org_unit
            WHEN 'cost_center' THEN a.cost_center
            WHEN 'location' THEN a.location
            WHEN 'job' THEN a.job
            WHEN 'position' THEN a.position
            WHEN 'grade' THEN a.grade
            WHEN 'employment_type' THEN a.employment_type
        END, '')
)
