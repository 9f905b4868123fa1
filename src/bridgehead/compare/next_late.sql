-- Which old sides wait for nothing that is still to be sent? Codes that change places wait for one another: then all.
WITH ready AS (
    SELECT row FROM late WHERE moved_to NOT IN (SELECT key FROM late)
)
SELECT row FROM ready
UNION ALL
SELECT row FROM late WHERE NOT EXISTS (SELECT 1 FROM ready);
