-- The rows with faults leave the plan. Their keys are held: what UKG has under them is not retired in this run.
INSERT INTO held_back SELECT scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type FROM typed WHERE faults <> '';
DELETE FROM typed WHERE faults <> '';
