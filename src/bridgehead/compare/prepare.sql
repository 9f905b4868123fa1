-- What every other question relies on: rounding half to even, exact, and a record's text as JSON.
-- DuckDB's round() goes half away from zero; the product's rule is half to even, counted in the report.
-- Every branch is cast: mixed scales would meet in DECIMAL(38, 0).
CREATE OR REPLACE MACRO half_even_from(x, nearest, unit) AS (
    CASE
        WHEN abs(nearest - x) * 2 = unit AND nearest % (unit * 2) <> 0
            THEN CAST(nearest - sign(x) * unit AS DECIMAL(18, 4))
        ELSE nearest
    END
);
CREATE OR REPLACE MACRO half_even(x, s) AS (
    CASE s
        WHEN 0 THEN half_even_from(x, CAST(round(x, 0) AS DECIMAL(18, 4)), CAST('1' AS DECIMAL(18, 4)))
        WHEN 1 THEN half_even_from(x, CAST(round(x, 1) AS DECIMAL(18, 4)), CAST('0.1' AS DECIMAL(18, 4)))
        WHEN 2 THEN half_even_from(x, CAST(round(x, 2) AS DECIMAL(18, 4)), CAST('0.01' AS DECIMAL(18, 4)))
        WHEN 3 THEN half_even_from(x, CAST(round(x, 3) AS DECIMAL(18, 4)), CAST('0.001' AS DECIMAL(18, 4)))
        ELSE half_even_from(x, CAST(round(x, 4) AS DECIMAL(18, 4)), CAST('0.0001' AS DECIMAL(18, 4)))
    END
);
-- The text of a key: its parts with the unit separator between them; an unset dimension is empty.
CREATE OR REPLACE MACRO key_text(scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type) AS (
    concat_ws(chr(31), scenario, version, CAST(period_start AS VARCHAR), org_unit, coalesce(cost_center, ''),
        coalesce(location, ''), coalesce(job, ''), coalesce(position, ''), coalesce(grade, ''),
        coalesce(employment_type, ''))
);
-- A UUID of version 5 (RFC 9562): namespace as 32 hexadecimal digits, and a name.
-- The hexadecimal digit that holds the variant keeps its two lower bits: 0, 4, 8 and c become 8, and so on.
CREATE OR REPLACE MACRO variant_of(digit) AS (
    CASE (ascii(digit) + CAST(digit > '9' AS INTEGER)) & 3 WHEN 0 THEN '8' WHEN 1 THEN '9' WHEN 2 THEN 'a' ELSE 'b' END
);
CREATE OR REPLACE MACRO uuid5_of(digest) AS (
    concat(substr(digest, 1, 8), '-', substr(digest, 9, 4), '-5', substr(digest, 14, 3), '-',
        variant_of(substr(digest, 17, 1)), substr(digest, 18, 3), '-', substr(digest, 21, 12))
);
CREATE OR REPLACE MACRO uuid5(namespace, name) AS (uuid5_of(sha1(unhex(namespace) || encode(name))));
-- A text as JSON, and an unset one as null; a number with as many decimals as the wire has.
CREATE OR REPLACE MACRO json_text(value) AS (coalesce(CAST(to_json(value) AS VARCHAR), 'null'));
CREATE OR REPLACE MACRO json_number(value, scale) AS (
    coalesce(
        CASE scale
            WHEN 0 THEN CAST(CAST(value AS DECIMAL(18, 0)) AS VARCHAR)
            WHEN 1 THEN CAST(CAST(value AS DECIMAL(18, 1)) AS VARCHAR)
            WHEN 2 THEN CAST(CAST(value AS DECIMAL(18, 2)) AS VARCHAR)
            WHEN 3 THEN CAST(CAST(value AS DECIMAL(18, 3)) AS VARCHAR)
            ELSE CAST(value AS VARCHAR)
        END,
        'null'
    )
);
-- Why a text that stands where a number should is none.
CREATE OR REPLACE MACRO unread(text, large) AS (CASE WHEN regexp_full_match(text, large) THEN 'large' ELSE 'number' END);
CREATE TABLE IF NOT EXISTS owned (scenario VARCHAR, version VARCHAR, first_period DATE, last_period DATE);
-- Whether a cell lies inside the part of the plan that the feed is complete for (the table `owned`).
CREATE OR REPLACE MACRO is_owned(its_scenario, its_version, its_period) AS (
    EXISTS (
        SELECT 1 FROM owned
        WHERE owned.scenario = its_scenario
            AND owned.version = its_version
            AND its_period BETWEEN owned.first_period AND owned.last_period
    )
);
CREATE TABLE IF NOT EXISTS renames (dimension VARCHAR, old VARCHAR, first DATE, until DATE, new VARCHAR);
-- The code that another one has become in a month; itself, where it has not.
CREATE OR REPLACE MACRO renamed(its_dimension, code, month) AS (
    coalesce(
        (
            SELECT any_value(renames.new) FROM renames
            WHERE renames.dimension = its_dimension AND renames.old = code
                AND month >= renames.first AND month < renames.until
        ),
        code
    )
);
