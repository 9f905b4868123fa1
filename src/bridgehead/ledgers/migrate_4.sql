-- From version 4 to 5: each attempt to send a batch, besides the one that was answered, which the batch itself tells.
CREATE TABLE attempt (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    number INTEGER NOT NULL,
    at TEXT NOT NULL,
    status INTEGER NOT NULL,
    correlation_id TEXT NOT NULL,
    problem TEXT NOT NULL
);
CREATE INDEX attempt_of_run ON attempt (run_id)
