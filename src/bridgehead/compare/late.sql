-- The old sides of moves in a plan, which wait for their new side: each with its own key and that of the new side.
CREATE OR REPLACE TABLE late AS
SELECT row, key_text(plan_rows.scenario, plan_rows.version, plan_rows.period_start, plan_rows.org_unit, plan_rows.cost_center, plan_rows.location, plan_rows.job, plan_rows.position, plan_rows.grade, plan_rows.employment_type) AS key, moved_to FROM plan_rows WHERE moved_to IS NOT NULL;
