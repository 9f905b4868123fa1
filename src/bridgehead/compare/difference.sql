-- What differs between what is planned (typed) and what UKG last accepted (accepted)?
-- An unknown row (its batch was never answered) always differs; a row that the source does not hold is absent.
-- The join hands planned rows on in the order of the file. same_... and either_...: whether both sides agree in a
-- dimension, and what it is; where it is the same in every row of both, neither is asked.
SELECT
    p.record,
    p.origin_column,
    CASE WHEN a.org_unit IS NULL THEN 'create' WHEN p.org_unit IS NULL THEN 'absent' ELSE 'update' END AS action,
    either_scenario(p.scenario, a.scenario) AS scenario,
    either_version(p.version, a.version) AS version,
    coalesce(p.period_start, a.period_start) AS period_start,
    coalesce(p.org_unit, a.org_unit) AS org_unit,
    either_cost_center(p.cost_center, a.cost_center) AS cost_center,
    either_location(p.location, a.location) AS location,
    either_job(p.job, a.job) AS job,
    either_position(p.position, a.position) AS position,
    either_grade(p.grade, a.grade) AS grade,
    either_employment_type(p.employment_type, a.employment_type) AS employment_type,
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
    ON p.period_start = a.period_start
    AND p.org_unit = a.org_unit
    AND same_scenario(p.scenario, a.scenario)
    AND same_version(p.version, a.version)
    AND same_cost_center(p.cost_center, a.cost_center)
    AND same_location(p.location, a.location)
    AND same_job(p.job, a.job)
    AND same_position(p.position, a.position)
    AND same_grade(p.grade, a.grade)
    AND same_employment_type(p.employment_type, a.employment_type)
WHERE
    a.unknown
    OR p.headcount IS DISTINCT FROM a.headcount
    OR p.fte IS DISTINCT FROM a.fte
    OR p.hours IS DISTINCT FROM a.hours
    OR p.cost IS DISTINCT FROM a.cost
    OR p.currency IS DISTINCT FROM a.currency
    OR p.org_unit IS NULL
