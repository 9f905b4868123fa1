-- What became of each row of a run (picked): did UKG accept it, reject it and with which words, or not say?
-- Also how a figure is written: every digit, and no zeros at its end.
CREATE OR REPLACE MACRO figure(value) AS (rtrim(rtrim(CAST(CAST(value AS DECIMAL(18, 4)) AS VARCHAR), '0'), '.'));
CREATE OR REPLACE VIEW told AS
SELECT
    p.* EXCLUDE (row),
    p.row,
    CASE
        WHEN p.action IN ('adopted', 'repaired', 'purged', 'not kept') THEN ''
        WHEN r.row IS NOT NULL THEN 'rejected'
        WHEN p.row <= w.last THEN w.outcome
        ELSE 'not sent'
    END AS outcome,
    coalesce(r.code, '') AS code,
    coalesce(r.field, '') AS field,
    coalesce(r.message, '') AS message,
    coalesce(CASE WHEN r.row IS NOT NULL THEN w.refusing_id END, CASE WHEN p.row <= w.last THEN w.correlation_id END, '')
        AS correlation_id,
    coalesce(CASE WHEN r.row IS NOT NULL THEN w.refusing_at END, CASE WHEN p.row <= w.last THEN w.answered_at END, '')
        AS answered_at
FROM picked AS p
LEFT JOIN rejections AS r ON r.row = p.row
ASOF LEFT JOIN words AS w ON p.row >= w.first;
