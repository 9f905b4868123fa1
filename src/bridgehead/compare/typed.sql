-- What does each staged row say, and which rules does it break?
-- Texts are checked by pattern before any cast: casts alone accept 1e3, 0x10 and ' 7 ' and round in silence.
CREATE OR REPLACE TABLE typed AS
WITH seen AS (
    SELECT
        *,
        CASE WHEN regexp_full_match(headcount, $number) THEN CAST(headcount AS DECIMAL(38, 20)) END AS headcount_exact,
        CASE WHEN regexp_full_match(fte, $number) THEN CAST(fte AS DECIMAL(38, 20)) END AS fte_exact,
        CASE WHEN regexp_full_match(hours, $number) THEN CAST(hours AS DECIMAL(38, 20)) END AS hours_exact,
        CASE WHEN regexp_full_match(cost, $number) THEN CAST(cost AS DECIMAL(38, 20)) END AS cost_exact
    FROM text_rows
    WHERE headcount IS NOT NULL OR fte IS NOT NULL OR hours IS NOT NULL OR cost IS NOT NULL OR noted IS NOT NULL
),
rounded AS (
    SELECT
        *,
        half_even(headcount_exact, $headcount_scale) AS headcount_rounded,
        half_even(fte_exact, $fte_scale) AS fte_rounded,
        half_even(hours_exact, $hours_scale) AS hours_rounded,
        half_even(cost_exact, $cost_scale) AS cost_rounded,
        concat(scenario, version, org_unit, cost_center, location, job, position, grade, employment_type) AS codes
    FROM seen
)
SELECT
    record,
    origin_column,
    scenario,
    version,
    period AS period_start,
    org_unit,
    cost_center,
    location,
    job,
    position,
    grade,
    employment_type,
    headcount_rounded AS headcount,
    fte_rounded AS fte,
    hours_rounded AS hours,
    cost_rounded AS cost,
    currency,
    coalesce(headcount_rounded <> headcount_exact, false)
        OR coalesce(fte_rounded <> fte_exact, false)
        OR coalesce(hours_rounded <> hours_exact, false)
        OR coalesce(cost_rounded <> cost_exact, false) AS rounded,
    concat_ws(
        ' ',
        noted,
        CASE WHEN scenario IS NULL THEN 'required:scenario' END,
        CASE WHEN version IS NULL THEN 'required:version' END,
        CASE WHEN org_unit IS NULL THEN 'required:org_unit' END,
        CASE WHEN period_start IS NULL THEN 'required:period_start' END,
        CASE WHEN period_start IS NOT NULL AND period IS NULL THEN 'period:period_start' END,
        CASE WHEN day(period) <> 1 THEN 'boundary:period_start' END,
        CASE WHEN cost_center IS NULL AND NOT list_contains($unset, 'cost_center') THEN 'unset:cost_center' END,
        CASE WHEN location IS NULL AND NOT list_contains($unset, 'location') THEN 'unset:location' END,
        CASE WHEN job IS NULL AND NOT list_contains($unset, 'job') THEN 'unset:job' END,
        CASE WHEN headcount IS NOT NULL AND headcount_exact IS NULL THEN unread(headcount, $large) || ':headcount' END,
        CASE WHEN fte IS NOT NULL AND fte_exact IS NULL THEN unread(fte, $large) || ':fte' END,
        CASE WHEN hours IS NOT NULL AND hours_exact IS NULL THEN unread(hours, $large) || ':hours' END,
        CASE WHEN cost IS NOT NULL AND cost_exact IS NULL THEN unread(cost, $large) || ':cost' END,
        CASE WHEN headcount_exact < 0 THEN 'negative:headcount' END,
        CASE WHEN fte_exact < 0 THEN 'negative:fte' END,
        CASE WHEN hours_exact < 0 THEN 'negative:hours' END,
        CASE WHEN cost_exact < 0 THEN 'negative:cost' END,
        CASE
            WHEN $headcount_scale = 0 AND headcount_exact <> round(headcount_exact, 0) THEN 'whole:headcount'
        END,
        CASE WHEN noted IS NULL AND headcount IS NULL AND fte IS NULL THEN 'heads:headcount' END,
        CASE WHEN cost IS NOT NULL AND currency IS NULL THEN 'currency:currency' END,
        CASE
            WHEN regexp_matches(codes, '[\x00-\x1f\x7f]') THEN concat_ws(
                ' ',
                CASE WHEN regexp_matches(scenario, '[\x00-\x1f\x7f]') THEN 'control:scenario' END,
                CASE WHEN regexp_matches(version, '[\x00-\x1f\x7f]') THEN 'control:version' END,
                CASE WHEN regexp_matches(org_unit, '[\x00-\x1f\x7f]') THEN 'control:org_unit' END,
                CASE WHEN regexp_matches(cost_center, '[\x00-\x1f\x7f]') THEN 'control:cost_center' END,
                CASE WHEN regexp_matches(location, '[\x00-\x1f\x7f]') THEN 'control:location' END,
                CASE WHEN regexp_matches(job, '[\x00-\x1f\x7f]') THEN 'control:job' END,
                CASE WHEN regexp_matches(position, '[\x00-\x1f\x7f]') THEN 'control:position' END,
                CASE WHEN regexp_matches(grade, '[\x00-\x1f\x7f]') THEN 'control:grade' END,
                CASE WHEN regexp_matches(employment_type, '[\x00-\x1f\x7f]') THEN 'control:employment_type' END
            )
        END
    ) AS faults
FROM rounded;
