-- What differs between what is planned (typed) and what UKG last accepted (accepted), inside what the feed owns?
-- A row that was retired counts as zeros; an unknown one (its batch was never answered) always differs.
-- Nothing is retired when hold says so, nor a key whose row in the source was set aside (held_back).
CREATE OR REPLACE TABLE difference AS
WITH compared AS (
    SELECT
        p.record,
        p.origin_column,
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
        CASE
            WHEN a.org_unit IS NULL THEN 'create'
            WHEN p.org_unit IS NULL THEN 'retire'
            ELSE 'update'
        END AS action,
        a.retired
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
)
SELECT * EXCLUDE (retired) REPLACE (
    -- Retired means that every measure it had becomes 0; one it never had stays unset.
    CASE WHEN action = 'retire' THEN CAST(headcount_before * 0 AS DECIMAL(18, 4)) ELSE headcount END AS headcount,
    CASE WHEN action = 'retire' THEN CAST(fte_before * 0 AS DECIMAL(18, 4)) ELSE fte END AS fte,
    CASE WHEN action = 'retire' THEN CAST(hours_before * 0 AS DECIMAL(18, 4)) ELSE hours END AS hours,
    CASE WHEN action = 'retire' THEN CAST(cost_before * 0 AS DECIMAL(18, 4)) ELSE cost END AS cost,
    CASE WHEN action = 'retire' THEN currency_before ELSE currency END AS currency
)
FROM compared
WHERE action <> 'retire'
    OR (
        NOT retired
        AND NOT $hold
        AND is_owned(compared.scenario, compared.version, compared.period_start)
        AND NOT EXISTS (
            SELECT 1 FROM held_back AS h
            WHERE h.scenario = compared.scenario
                AND h.version = compared.version
                AND h.period_start = compared.period_start
                AND h.org_unit = compared.org_unit
                AND h.cost_center IS NOT DISTINCT FROM compared.cost_center
                AND h.location IS NOT DISTINCT FROM compared.location
                AND h.job IS NOT DISTINCT FROM compared.job
                AND h.position IS NOT DISTINCT FROM compared.position
                AND h.grade IS NOT DISTINCT FROM compared.grade
                AND h.employment_type IS NOT DISTINCT FROM compared.employment_type
        )
    );
