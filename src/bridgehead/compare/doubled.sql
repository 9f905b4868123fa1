-- May a cell be planned twice among what differs? Only hashes are compared; whoever asks looks closer then.
SELECT EXISTS (
    SELECT 1
    FROM difference
    WHERE action <> 'absent'
    GROUP BY hash(
        scenario, version, period_start, org_unit, cost_center, location, job, position, grade, employment_type
    )
    HAVING count(*) > 1
)
