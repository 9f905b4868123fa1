-- What differs between what is planned (typed) and what UKG last accepted (accepted)?
-- An unknown row (its batch was never answered) always differs; a row that the source does not hold is absent.
-- The join hands planned rows on in the order of the file.
SELECT
    p.record,
    p.origin_column,
    CASE WHEN a.org_unit IS NULL THEN 'create' WHEN p.org_unit IS NULL THEN 'absent' ELSE 'update' END AS action,
    coalesce(p.scenario, a.scenario) AS scenario,
    coalesce(p.version, a.version) AS version,
    coalesce(p.period_start, a.period_start) AS period_start,
    coalesce(p.org_unit, a.org_unit) AS org_unit,
    coalesce(p.cost_center, a.cost_center) AS cost_center,
    coalesce(p.location, a.location) AS location,
    coalesce(p.job, a.job) AS job,
    coalesce(p.position, a.position) AS position,
    coalesce(p.grade, a.grade) AS grade,
    coalesce(p.employment_type, a.employment_type) AS employment_type,
    a.headcount AS headcount_before,
    a.fte AS fte_before,
    a.hours AS hours_before,
    a.cost AS cost_before,
    a.currency AS currency_before,
    p.headcount,
    p.fte,
    p.hours,
    p.cost,
    p.currency,
    a.retired AS retired_before,
    a.unknown AS unknown_before,
    CAST(NULL AS VARCHAR) AS moved_to
FROM typed AS p
FULL OUTER JOIN accepted AS a
    ON p.scenario = a.scenario
    AND p.version = a.version
    AND p.period_start = a.period_start
    AND p.org_unit = a.org_unit
    AND p.cost_center IS NOT DISTINCT FROM a.cost_center
    AND p.location IS NOT DISTINCT FROM a.location
    AND p.job IS NOT DISTINCT FROM a.job
    AND p.position IS NOT DISTINCT FROM a.position
    AND p.grade IS NOT DISTINCT FROM a.grade
    AND p.employment_type IS NOT DISTINCT FROM a.employment_type
WHERE
    a.unknown
    OR p.headcount IS DISTINCT FROM a.headcount
    OR p.fte IS DISTINCT FROM a.fte
    OR p.hours IS DISTINCT FROM a.hours
    OR p.cost IS DISTINCT FROM a.cost
    OR p.currency IS DISTINCT FROM a.currency
    OR p.org_unit IS NULL
