-- The rows of a plan as records for the wire, each with its reference and a comma behind it, in the order in which they
-- are sent. What this makes never changes: a run that died is settled in the same bytes by a newer version. Another way
-- to render is another file, with the next number.
SELECT
uuid5($namespace, key_text(
    scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
)) AS reference,
encode(concat(
    $client_ref, reference,
    $scenario, json_text(scenario),
    $version, json_text(version),
    $period_start, CAST(period_start AS VARCHAR),
    $org_unit, json_text(org_unit),
    $cost_center, json_text(cost_center),
    $location, json_text(location),
    $job, json_text(job),
    $position, json_text(position),
    $grade, json_text(grade),
    $employment_type, json_text(employment_type),
    $headcount, json_number(headcount, $headcount_scale),
    $fte, json_number(fte, $fte_scale),
    $hours, json_number(hours, $hours_scale),
    $cost, json_number(cost, $cost_scale),
    $currency, json_text(currency),
    '},'
)) AS body
FROM plan_rows
WHERE row BETWEEN $first AND $last
