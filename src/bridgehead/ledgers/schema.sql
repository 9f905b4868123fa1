-- Version 7. Plain SQL, which SQLite and PostgreSQL read alike.
CREATE TABLE lease (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    owner TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (tenant, environment)
);
CREATE TABLE circuit (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    opened_at TEXT NOT NULL,
    probe_at TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (tenant, environment)
);
CREATE TABLE feed (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    snapshot BIGINT NOT NULL,
    snapshot_file TEXT NOT NULL,
    owned TEXT NOT NULL,
    verified BIGINT NOT NULL,
    restored_at TEXT NOT NULL,
    PRIMARY KEY (tenant, environment, feed)
);
CREATE TABLE agreement (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    projections BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_digest TEXT NOT NULL,
    snapshot BIGINT NOT NULL,
    PRIMARY KEY (tenant, environment, feed)
);
CREATE TABLE run (
    run_id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    owner TEXT NOT NULL,
    source TEXT NOT NULL,
    source_digest TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    plan_file TEXT NOT NULL,
    counts TEXT NOT NULL,
    agreed TEXT NOT NULL,
    envelope TEXT NOT NULL,
    waivers TEXT NOT NULL,
    rendering TEXT NOT NULL,
    position BIGINT NOT NULL,
    proposal BIGINT NOT NULL DEFAULT 0,
    dropped_at TEXT NOT NULL DEFAULT ''
);
CREATE INDEX run_of_feed ON run (tenant, environment, feed, position);
CREATE TABLE batch (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    number BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL,
    status BIGINT,
    accepted BIGINT,
    unchanged BIGINT,
    correlation_id TEXT,
    answered_at TEXT,
    digest TEXT NOT NULL,
    intended_at TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
);
CREATE TABLE attempt (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    number BIGINT NOT NULL,
    at TEXT NOT NULL,
    status BIGINT NOT NULL,
    correlation_id TEXT NOT NULL,
    problem TEXT NOT NULL,
    position BIGINT NOT NULL
);
CREATE INDEX attempt_of_run ON attempt (run_id);
CREATE TABLE reject (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    row BIGINT NOT NULL,
    client_ref TEXT NOT NULL,
    code TEXT NOT NULL,
    field TEXT NOT NULL,
    message TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (run_id, row)
);
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
