-- What a run did to each number that was asked for, by the cell that was asked for. turn: of the run.
SELECT
    k.asked, t.key, t.action, t.record, t.origin_column,
    t.headcount_before, t.fte_before, t.hours_before, t.cost_before, t.currency_before,
    t.headcount, t.fte, t.hours, t.cost, t.currency, t.moved_to,
    t.outcome, t.code, t.field, t.message, t.correlation_id, t.answered_at
FROM told AS t
INNER JOIN (SELECT DISTINCT asked, key FROM kin WHERE $turn BETWEEN since AND until) AS k ON k.key = t.key
ORDER BY k.asked, t.row;
