-- The files of plans and snapshots, in parts of a megabyte, for machines that share no disk.
CREATE TABLE stored (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    feed TEXT NOT NULL,
    name TEXT NOT NULL,
    part BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (tenant, environment, feed, name, part)
)
