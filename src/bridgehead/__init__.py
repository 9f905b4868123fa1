"""bridgehead delivers headcount projections into UKG Pro, unattended, for several tenants."""
