-- Of a cell that is planned more than once, the last row counts.
DELETE FROM typed WHERE (record, coalesce(origin_column, '')) IN (
    SELECT (record, coalesce(origin_column, ''))
    FROM twice
    QUALIFY row_number() OVER (
        PARTITION BY scenario, version, period_start, org_unit, cost_center, location, job, position, grade,
            employment_type
        ORDER BY record DESC, origin_column DESC
    ) > 1
);
