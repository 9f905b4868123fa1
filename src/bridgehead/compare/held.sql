-- What has UKG accepted from this feed: which scenarios and versions, over which span of periods?
SELECT scenario, version, min(period_start), max(period_start)
FROM accepted
GROUP BY scenario, version
ORDER BY scenario, version;
