-- The rows with faults leave the plan. Their keys are held: what UKG has under them is not retired in this run.
-- A key that the mapping could not translate, or that is itself what is wrong, is none: it counts as unreadable, by
-- having no scenario.
INSERT INTO held_back
SELECT
    CASE WHEN NOT regexp_matches(faults, '(^| )(measure|pov|crosswalk|boundary|unset|control):') THEN scenario END AS scenario,
    version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
FROM typed
WHERE faults <> '';
DELETE FROM typed WHERE faults <> '';
