-- Add one page of records, as they came over the wire, to what UKG holds (remote).
INSERT INTO remote
SELECT unnest(from_json($page, $shape), recursive := true);
