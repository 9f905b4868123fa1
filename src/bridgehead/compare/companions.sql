-- Which other records of the source say something of a cell of these ($records)? Each with the first that it goes with.
WITH wanted AS (SELECT unnest(CAST($records AS BIGINT[])) AS record)
SELECT min(mine.record), other.record
FROM apart_cells AS mine
INNER JOIN apart_cells AS other ON other.cell = mine.cell
WHERE mine.record IN (SELECT record FROM wanted) AND other.record NOT IN (SELECT record FROM wanted)
GROUP BY other.record
ORDER BY other.record;
