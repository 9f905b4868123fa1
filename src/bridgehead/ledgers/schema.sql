-- Version 5. Plain SQL, so that PostgreSQL can serve the same contract.
CREATE TABLE lease (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    owner TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (tenant, environment)
);
CREATE TABLE feed (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    snapshot INTEGER NOT NULL,
    snapshot_file TEXT NOT NULL,
    owned TEXT NOT NULL,
    PRIMARY KEY (tenant, environment, feed)
);
CREATE TABLE agreement (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    projections INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_digest TEXT NOT NULL,
    snapshot INTEGER NOT NULL,
    PRIMARY KEY (tenant, environment, feed)
);
CREATE TABLE run (
    run_id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch INTEGER NOT NULL,
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
    rendering TEXT NOT NULL
);
CREATE INDEX run_of_feed ON run (tenant, environment, feed, started_at);
CREATE TABLE batch (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    number INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL,
    status INTEGER,
    accepted INTEGER,
    unchanged INTEGER,
    correlation_id TEXT,
    answered_at TEXT,
    digest TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
);
CREATE TABLE attempt (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    status INTEGER NOT NULL,
    correlation_id TEXT NOT NULL,
    problem TEXT NOT NULL
);
CREATE INDEX attempt_of_run ON attempt (run_id);
CREATE TABLE reject (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    row INTEGER NOT NULL,
    client_ref TEXT NOT NULL,
    code TEXT NOT NULL,
    field TEXT NOT NULL,
    message TEXT NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (run_id, row)
);
