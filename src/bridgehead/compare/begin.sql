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
