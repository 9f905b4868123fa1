-- From version 5 to 6: an order of runs that needs no row numbers, what was verified, restored, or is refused.
ALTER TABLE run ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
UPDATE run SET position = rowid;
DROP INDEX run_of_feed;
CREATE INDEX run_of_feed ON run (tenant, environment, feed, position);
ALTER TABLE attempt ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
UPDATE attempt SET position = rowid;
ALTER TABLE feed ADD COLUMN verified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN restored_at TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN intended_at TEXT NOT NULL DEFAULT '2026-01-01T00:00:00+00:00';
CREATE TABLE circuit (
    tenant TEXT NOT NULL,
    environment TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    opened_at TEXT NOT NULL,
    probe_at TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (tenant, environment)
)
