-- Which old sides wait for a new side that was refused, or is itself withheld?
WITH RECURSIVE lost AS (
    SELECT key_text(plan_rows.scenario, plan_rows.version, plan_rows.period_start, plan_rows.org_unit, plan_rows.cost_center, plan_rows.location, plan_rows.job, plan_rows.position, plan_rows.grade, plan_rows.employment_type) AS key
    FROM plan_rows
    WHERE row IN (SELECT unnest(CAST($refused AS BIGINT[])))
    UNION
    SELECT late.key FROM late INNER JOIN lost ON late.moved_to = lost.key
)
SELECT row FROM late WHERE moved_to IN (SELECT key FROM lost);
