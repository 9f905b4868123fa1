"""What the audit log says: it knows which check failed, and tells apart what looks alike on the wire."""

from __future__ import annotations

from bridgehead.doctor.calls import Heard, Spent
from bridgehead.doctor.case import Case
from bridgehead.doctor.check import Check
from bridgehead.doctor.finding import Evidence, Said, holds, skipped, unknown, warning
from bridgehead.ukg.dialect import at


def named_by_the_log(case: Case, refused: Heard) -> tuple[str, Evidence] | None:
    """Return the cause that the log names for a refused call, None where it cannot be read, or does not say.

    Where the log is current and does not know a client that was not let in, it is not one of this tenant's.
    """
    try:
        read = case.logged(refused.request.correlation_id)
        if read is None or read.status != 200:
            return None
        known = case.dialect.audit
        entries = at(read.document, known.entries)
        meant = refused.request.correlation_id
        entries = (
            [one for one in entries if str(at(one, known.by_correlation) or meant) == meant] if entries else entries
        )
        if isinstance(entries, list) and entries:
            check, reason = (str(at(entries[0], path) or "") for path in (known.check, known.reason))
            cause = _cause(case, check, reason)
            return (cause, Evidence("audit log", f"{check}: {reason}")) if cause else None
        if refused.says("error") != "invalid_client":
            return None
        itself = case.logged(read.request.correlation_id)
    except Spent:
        return None
    if itself is not None and at(itself.document, known.entries):
        return "client-unknown", Evidence("audit log", "the tenant's log does not know the call")
    return None


def _cause(case: Case, check: str, reason: str) -> str:
    known = case.dialect.audit
    for words, cause in known.words.get(check, {}).items():
        if words in reason:
            return cause
    return known.causes.get(check, "")


def _log(case: Case) -> Said:
    if case.patient.auditor is None:
        return skipped("no auditor is configured: it would name the check that failed")
    read = case.logged("-")
    if read is not None and read.failed:
        return unknown("the audit log cannot be read now", "asking again later", [read.evidence()])
    if read is None or read.status != 200 or not isinstance(at(read.document, case.dialect.audit.entries), list):
        says = "the auditor may not read the audit log" if read is not None else "the auditor gets no token"
        return warning(says, (), [read.evidence()] if read is not None else [])
    return holds("it can be read")


CHECKS = (Check("audit-log", "audit", "Can the audit log be read?", _log, needs=("client", "environment")),)
