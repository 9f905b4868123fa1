-- Where are more full-time equivalents planned than heads? A warning, or a fault, as the feed's rules say.
INSERT INTO findings
SELECT record, origin_column, 'part_time', 'fte', rtrim(rtrim(CAST(fte AS VARCHAR), '0'), '.'), [], $refuses, true
FROM typed
WHERE fte > headcount;
