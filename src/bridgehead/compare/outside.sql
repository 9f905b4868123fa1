-- The planned rows that lie outside the part of the plan that the feed says it owns.
UPDATE typed SET faults = 'outside:period_start'
WHERE NOT is_owned(typed.scenario, typed.version, typed.period_start);
