-- Does UKG hold anything of a plan already (accepted), since a run that carried it out did not come to its end?
SELECT EXISTS (
    SELECT 1
    FROM plan_rows AS p
    INNER JOIN accepted AS a
        ON a.scenario = p.scenario
        AND a.version = p.version
        AND a.period_start = p.period_start
        AND a.org_unit = p.org_unit
        AND a.cost_center IS NOT DISTINCT FROM p.cost_center
        AND a.location IS NOT DISTINCT FROM p.location
        AND a.job IS NOT DISTINCT FROM p.job
        AND a.position IS NOT DISTINCT FROM p.position
        AND a.grade IS NOT DISTINCT FROM p.grade
        AND a.employment_type IS NOT DISTINCT FROM p.employment_type
    WHERE NOT a.unknown
        AND a.retired = (p.action IN ('retire', 'move'))
        AND a.headcount IS NOT DISTINCT FROM p.headcount
        AND a.fte IS NOT DISTINCT FROM p.fte
        AND a.hours IS NOT DISTINCT FROM p.hours
        AND a.cost IS NOT DISTINCT FROM p.cost
        AND a.currency IS NOT DISTINCT FROM p.currency
)
