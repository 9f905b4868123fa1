-- Adds what one table holds to `cells`: the different texts of each column, how often they stand there, and where first.
INSERT INTO cells
SELECT places.number, trim(unpivoted.cell), count(*), min(unpivoted.record) + $after
FROM (
    UNPIVOT (SELECT rowid AS record, * FROM raw)
    ON COLUMNS(* EXCLUDE (record)) INTO NAME place VALUE cell
) AS unpivoted
INNER JOIN places ON places.place = unpivoted.place
WHERE trim(unpivoted.cell) <> ''
GROUP BY places.number, trim(unpivoted.cell);
