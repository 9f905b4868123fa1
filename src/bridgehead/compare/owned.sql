-- What does the feed own when nobody says: the scenario and version pairs of the source, over their span of periods.
SELECT scenario, version, min(period_start), max(period_start)
FROM typed
GROUP BY scenario, version
ORDER BY scenario, version;
