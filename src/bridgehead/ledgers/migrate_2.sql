-- From version 2 to 3: how a run's rows become records, of which bytes each request was made, what a feed owns.
ALTER TABLE run ADD COLUMN rendering TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN owned TEXT NOT NULL DEFAULT '[]';
