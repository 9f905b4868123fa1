-- In which dimensions do the cells that were asked for differ, and in how many codes? For whoever has to say more.
UNPIVOT (
    SELECT
        count(DISTINCT part[1]) AS scenario, count(DISTINCT part[2]) AS version, count(DISTINCT part[3]) AS period_start,
        count(DISTINCT part[4]) AS org_unit, count(DISTINCT part[5]) AS cost_center, count(DISTINCT part[6]) AS location,
        count(DISTINCT part[7]) AS job, count(DISTINCT part[8]) AS position, count(DISTINCT part[9]) AS grade,
        count(DISTINCT part[10]) AS employment_type
    FROM (SELECT DISTINCT string_split(key, chr(31)) AS part FROM asked_cells)
) ON COLUMNS(*) INTO NAME dimension VALUE codes;
