-- The rows of the plan, numbered in the order they will be sent (retires last), each rendered for the wire.
CREATE OR REPLACE TABLE plan_rows AS
WITH numbered AS (
    SELECT row_number() OVER (
        ORDER BY action = 'retire', record, origin_column, scenario, version, org_unit, cost_center, location, job,
            position, grade, employment_type, period_start
    ) AS row, *
    FROM difference
),
referenced AS (
    SELECT
        *,
        uuid5(
            $namespace,
            key_text(
                scenario, version, period_start, org_unit, cost_center, location, job, position, grade,
                employment_type
            )
        ) AS client_ref
    FROM numbered
)
SELECT
    *,
    concat(
        '{"', $client_ref, '":"', client_ref,
        '","', $scenario, '":', json_text(scenario),
        ',"', $version, '":', json_text(version),
        ',"', $period_start, '":"', CAST(period_start AS VARCHAR),
        '","', $org_unit, '":', json_text(org_unit),
        ',"', $cost_center, '":', json_text(cost_center),
        ',"', $location, '":', json_text(location),
        ',"', $job, '":', json_text(job),
        ',"', $position, '":', json_text(position),
        ',"', $grade, '":', json_text(grade),
        ',"', $employment_type, '":', json_text(employment_type),
        ',"', $headcount, '":', json_number(headcount),
        ',"', $fte, '":', json_number(fte),
        ',"', $hours, '":', json_number(hours),
        ',"', $cost, '":', json_number(cost),
        ',"', $currency, '":', json_text(currency),
        '}'
    ) AS body
FROM referenced
ORDER BY row;
