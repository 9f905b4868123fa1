-- What do the cells of a rejects file say, without the marks that keep spreadsheets from running them?
CREATE OR REPLACE TABLE raw AS
SELECT regexp_replace(regexp_replace(COLUMNS(*), $beginning, '\1'), $inside, '\1\2', 'g') FROM raw;
