-- What does each staged row say, and which rules does it break?
-- Texts are checked by pattern before any cast: casts alone accept 1e3, 0x10 and ' 7 ' and round in silence.
-- clean: it is known that no cell holds a control character; looking for one takes a fifth of all this (measured).
-- Most numbers have no more decimals than the wire: their cast is exact. The others, which are few, go the long way.
CREATE OR REPLACE TABLE typed AS
WITH seen AS (
    SELECT
        *,
        CASE WHEN regexp_full_match(headcount, $headcount_plain) THEN CAST(headcount AS DECIMAL(18, 4)) END AS headcount_plain,
        CASE WHEN regexp_full_match(fte, $fte_plain) THEN CAST(fte AS DECIMAL(18, 4)) END AS fte_plain,
        CASE WHEN regexp_full_match(hours, $hours_plain) THEN CAST(hours AS DECIMAL(18, 4)) END AS hours_plain,
        CASE WHEN regexp_full_match(cost, $cost_plain) THEN CAST(cost AS DECIMAL(18, 4)) END AS cost_plain,
        CASE
            WHEN NOT regexp_full_match(headcount, $headcount_plain) AND regexp_full_match(headcount, $number)
                THEN CAST(headcount AS DECIMAL(38, 20))
        END AS headcount_long,
        CASE
            WHEN NOT regexp_full_match(fte, $fte_plain) AND regexp_full_match(fte, $number)
                THEN CAST(fte AS DECIMAL(38, 20))
        END AS fte_long,
        CASE
            WHEN NOT regexp_full_match(hours, $hours_plain) AND regexp_full_match(hours, $number)
                THEN CAST(hours AS DECIMAL(38, 20))
        END AS hours_long,
        CASE
            WHEN NOT regexp_full_match(cost, $cost_plain) AND regexp_full_match(cost, $number)
                THEN CAST(cost AS DECIMAL(38, 20))
        END AS cost_long
    FROM text_rows
    WHERE headcount IS NOT NULL OR fte IS NOT NULL OR hours IS NOT NULL OR cost IS NOT NULL OR noted IS NOT NULL
),
rounded AS (
    SELECT
        *,
        coalesce(headcount_plain, CASE WHEN headcount_long IS NOT NULL THEN half_even(headcount_long, $headcount_scale) END)
            AS headcount_rounded,
        coalesce(fte_plain, CASE WHEN fte_long IS NOT NULL THEN half_even(fte_long, $fte_scale) END)
            AS fte_rounded,
        coalesce(hours_plain, CASE WHEN hours_long IS NOT NULL THEN half_even(hours_long, $hours_scale) END)
            AS hours_rounded,
        coalesce(cost_plain, CASE WHEN cost_long IS NOT NULL THEN half_even(cost_long, $cost_scale) END)
            AS cost_rounded
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
    CASE WHEN headcount_long IS NOT NULL THEN headcount_rounded <> headcount_long ELSE false END
        OR CASE WHEN fte_long IS NOT NULL THEN fte_rounded <> fte_long ELSE false END
        OR CASE WHEN hours_long IS NOT NULL THEN hours_rounded <> hours_long ELSE false END
        OR CASE WHEN cost_long IS NOT NULL THEN cost_rounded <> cost_long ELSE false END AS rounded,
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
        CASE WHEN headcount IS NOT NULL AND headcount_rounded IS NULL THEN unread(headcount, $large) || ':headcount' END,
        CASE WHEN fte IS NOT NULL AND fte_rounded IS NULL THEN unread(fte, $large) || ':fte' END,
        CASE WHEN hours IS NOT NULL AND hours_rounded IS NULL THEN unread(hours, $large) || ':hours' END,
        CASE WHEN cost IS NOT NULL AND cost_rounded IS NULL THEN unread(cost, $large) || ':cost' END,
        CASE WHEN headcount_plain < 0 OR headcount_long < 0 THEN 'negative:headcount' END,
        CASE WHEN fte_plain < 0 OR fte_long < 0 THEN 'negative:fte' END,
        CASE WHEN hours_plain < 0 OR hours_long < 0 THEN 'negative:hours' END,
        CASE WHEN cost_plain < 0 OR cost_long < 0 THEN 'negative:cost' END,
        CASE
            WHEN $headcount_scale = 0 AND headcount_long <> round(headcount_long, 0) THEN 'whole:headcount'
        END,
        CASE WHEN noted IS NULL AND headcount IS NULL AND fte IS NULL THEN 'heads:headcount' END,
        CASE WHEN cost IS NOT NULL AND currency IS NULL THEN 'currency:currency' END,
        CASE
            WHEN NOT $clean AND regexp_matches(
                concat(scenario, version, org_unit, cost_center, location, job, position, grade, employment_type),
                '[\x00-\x1f\x7f]'
            ) THEN concat_ws(
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
