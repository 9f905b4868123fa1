-- From version 6 to 7: plans that wait for a person, when each feed is due, who was told what, values that were dropped.
ALTER TABLE run ADD COLUMN proposal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN dropped_at TEXT NOT NULL DEFAULT '';
CREATE TABLE proposal (
    number BIGINT PRIMARY KEY,
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    digest TEXT NOT NULL,
    file TEXT NOT NULL,
    header TEXT NOT NULL,
    message TEXT NOT NULL,
    allows TEXT NOT NULL,
    author TEXT NOT NULL,
    made_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    snapshot BIGINT NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX proposal_of_feed ON proposal (tenant, environment, feed, number);
CREATE TABLE appointment (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    served TEXT NOT NULL,
    retry_at TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_since TEXT NOT NULL,
    looked_at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_at TEXT NOT NULL,
    PRIMARY KEY (tenant, environment, feed)
);
CREATE TABLE notice (
    number BIGINT PRIMARY KEY,
    id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    topic TEXT NOT NULL,
    state TEXT NOT NULL,
    made_at TEXT NOT NULL,
    document TEXT NOT NULL,
    told_at TEXT NOT NULL
);
CREATE INDEX notice_of_feed ON notice (tenant, environment, feed, number);
