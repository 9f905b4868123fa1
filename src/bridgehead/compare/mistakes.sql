-- What is to be corrected, once for each row? A wrong code of a wide row is one mistake, however many cells it spoils.
-- Where a field stands is told by `spots`. What the parts of a cell ($pov) say is not judged when one of them is missing.
CREATE OR REPLACE TABLE mistakes AS
WITH placed AS (
    SELECT
        f.record,
        f.origin_column,
        f.rule,
        f.field,
        f.value,
        f.others,
        f.refuses,
        f.told,
        -- One that another cell of the same row doubles is told by its header; else rows double one another as a whole.
        CASE
            WHEN f.rule = 'duplicate' THEN if(len([1 FOR o IN f.others IF o.record = f.record]) > 0, 'cell', 'row')
            ELSE coalesce(c.place, s.place, if(f.origin_column IS NULL, 'row', 'cell'))
        END AS place,
        CASE WHEN f.rule <> 'duplicate' THEN coalesce(c.title, s.title, f.origin_column, f.field) ELSE '' END AS title,
        coalesce(c.position, s.position, h.position, 0) AS position,
        coalesce(h.position, 0) AS header_position
    FROM findings AS f
    LEFT JOIN spots AS s ON s.field = f.field AND s.header = '' AND f.record > s.after AND f.record <= s.until
    LEFT JOIN spots AS c
        ON c.field = f.field AND c.header = f.origin_column AND f.record > c.after AND f.record <= c.until
    LEFT JOIN spots AS h ON h.field = '' AND h.header = f.origin_column AND f.record > h.after AND f.record <= h.until
    WHERE NOT (
        f.rule <> 'pov'
        AND list_contains($pov, f.field)
        AND f.record IN (SELECT record FROM findings WHERE rule = 'pov')
    )
)
SELECT record, origin_column AS header, rule, field, title, place, position, value, others, refuses, told, 1 AS cells
FROM placed
WHERE origin_column IS NULL OR place = 'cell'
UNION ALL
SELECT
    record,
    arg_min(origin_column, header_position) AS header,
    rule,
    field,
    title,
    place,
    min(position) AS position,
    arg_min(value, header_position) AS value,
    arg_min(others, header_position) AS others,
    bool_or(refuses) AS refuses,
    bool_or(told) AS told,
    count(*) AS cells
FROM placed
WHERE origin_column IS NOT NULL AND place <> 'cell'
GROUP BY
    record, rule, field, title, place,
    CASE WHEN place = 'header' THEN origin_column END,
    CASE WHEN place <> 'row' OR field NOT IN ('period_start', 'cell') THEN value END,
    CASE WHEN rule = 'duplicate' THEN [o.record FOR o IN others] END;
