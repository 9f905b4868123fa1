-- The changes that hold such a code leave the plan, each with what is wrong with it.
INSERT INTO findings
SELECT
    d.record,
    d.origin_column,
    o.rule,
    o.field,
    CASE WHEN o.rule = 'long' THEN split_part(o.code, chr(31), -1) ELSE replace(o.code, chr(31), ' ') END,
    [],
    true,
    true
FROM difference AS d
INNER JOIN offences AS o
    ON o.code = CASE o.field
        WHEN 'org_unit' THEN d.org_unit
        WHEN 'cost_center' THEN d.cost_center
        WHEN 'location' THEN d.location
        WHEN 'job' THEN d.job
        WHEN 'position' THEN d.position
        WHEN 'grade' THEN d.grade
        WHEN 'employment_type' THEN d.employment_type
        WHEN 'scenario' THEN d.scenario
        WHEN 'version' THEN d.scenario || chr(31) || d.version
        WHEN 'period_start' THEN CAST(d.period_start AS VARCHAR)
    END
WHERE d.action IN ('create', 'update');
