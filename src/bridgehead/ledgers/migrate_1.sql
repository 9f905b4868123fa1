-- From version 1 to 2: what UKG was last found to agree with.
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
