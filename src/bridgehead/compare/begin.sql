-- The empty tables that judging fills: what is wrong with which row, and the keys that must not be retired for it.
-- others: the rest of a duplicate's places. refuses: whether the row may not be sent. told: whether it is listed.
CREATE OR REPLACE TABLE findings (
    record BIGINT, origin_column VARCHAR, rule VARCHAR, field VARCHAR, value VARCHAR,
    others STRUCT(record BIGINT, origin_column VARCHAR)[], refuses BOOLEAN, told BOOLEAN
);
CREATE OR REPLACE TABLE held_back (
    scenario VARCHAR, version VARCHAR, period_start DATE, org_unit VARCHAR, cost_center VARCHAR, location VARCHAR,
    job VARCHAR, position VARCHAR, grade VARCHAR, employment_type VARCHAR
);
-- The held keys that are keys at all, as texts.
CREATE OR REPLACE VIEW held_keys AS
SELECT DISTINCT key_text(h.scenario, h.version, h.period_start, h.org_unit, h.cost_center, h.location, h.job, h.position, h.grade, h.employment_type) AS key
FROM held_back AS h
WHERE h.scenario IS NOT NULL AND h.version IS NOT NULL AND h.period_start IS NOT NULL AND h.org_unit IS NOT NULL;
