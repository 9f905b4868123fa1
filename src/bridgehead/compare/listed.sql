-- The mistakes to be listed, in the order of the file: the first of each rule, with how many the rule has.
-- What a header or the settings say wrong is one mistake for all rows.
WITH once AS (
    SELECT record, header, rule, field, title, position, place, value, others, cells, refuses
    FROM mistakes
    WHERE told AND place IN ('row', 'cell')
    UNION ALL
    SELECT
        min(record) AS record,
        arg_min(header, record) AS header,
        rule,
        field,
        title,
        arg_min(position, record) AS position,
        place,
        value,
        [] AS others,
        CAST(sum(cells) AS BIGINT) AS cells,
        bool_or(refuses) AS refuses
    FROM mistakes
    WHERE told AND place IN ('header', 'settings')
    GROUP BY rule, field, title, place, value
)
SELECT
    record, header, rule, field, title, place, value, others, cells, refuses, count(*) OVER (PARTITION BY rule) AS total
FROM once
QUALIFY row_number() OVER (PARTITION BY rule ORDER BY record, position, field) <= $most
ORDER BY record, position, field;
