-- Which rows break which rule, with the value as it stood in the file? They leave the plan; their keys are held.
INSERT INTO findings
WITH broken AS (
    SELECT record, origin_column, unnest(string_split(faults, ' ')) AS fault FROM typed WHERE faults <> ''
),
named AS (
    SELECT
        record,
        origin_column,
        string_split(fault, ':')[1] AS rule,
        string_split(fault, ':')[2] AS field
    FROM broken
)
SELECT
    named.record,
    named.origin_column,
    named.rule,
    named.field,
    CASE
        WHEN named.rule IN ('measure', 'pov', 'crosswalk', 'unrouted', 'ambiguous') THEN t.noted_value
        WHEN named.rule = 'outside' THEN concat_ws(' ', t.scenario, t.version, t.period)
        ELSE CASE named.field
            WHEN 'scenario' THEN t.scenario
            WHEN 'version' THEN t.version
            WHEN 'period_start' THEN t.period_start
            WHEN 'org_unit' THEN t.org_unit
            WHEN 'cost_center' THEN t.cost_center
            WHEN 'location' THEN t.location
            WHEN 'job' THEN t.job
            WHEN 'position' THEN t.position
            WHEN 'grade' THEN t.grade
            WHEN 'employment_type' THEN t.employment_type
            WHEN 'headcount' THEN t.headcount
            WHEN 'fte' THEN t.fte
            WHEN 'hours' THEN t.hours
            WHEN 'cost' THEN t.cost
            WHEN 'currency' THEN t.currency
        END
    END AS value,
    [] AS others,
    true AS refuses,
    true AS told
FROM named
INNER JOIN text_rows AS t
    ON named.record = t.record AND named.origin_column IS NOT DISTINCT FROM t.origin_column;
