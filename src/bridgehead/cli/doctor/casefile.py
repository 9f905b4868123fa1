"""The case file for the vendor's support: what was asked and answered, as one archive without anything secret."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from bridgehead.cli.view import Examined, Past
from bridgehead.doctor import SCHEMA
from bridgehead.doctor.letters import Letter
from bridgehead.examining import Examination
from bridgehead.private import written_whole

_READ_ME = """\
A case of bridgehead {version}, made on {now:%Y-%m-%d %H:%M} UTC, about {where.tenant} in {where.environment}.

    API client   {where.client_id}
    address      {where.base_url}
    tenant id    {tenant_id}

{what}
It holds no secret, no token and no planning figure: secrets and signatures were never written, headers of authorization
show their scheme alone, and of a token only its claims are kept. Each call has the correlation id under which UKG's own
log knows it, and UKG's time.
"""
_OF_NOW = """\
case.json       what was found, check by check, with every call in its order: what was asked, and what was answered
letter-*.txt    what is asked of whom
"""
_OF_A_RUN = (
    "run.json        a past run from the ledger's journal: its batches, every attempt to send one, and the rejects\n"
)


def write_case(path: Path, where: Examined, found: Examination, letters: Sequence[Letter], now: datetime) -> None:
    """Write the file of an examination that has ended."""
    case = found.case
    document = {
        "schema": SCHEMA,
        "about": where,
        "findings": found.findings,
        "diagnosis": found.diagnosis,
        "network": case.__dict__.get("reach"),
        "calls": case.calls.exchanges,
    }
    parts = {"case.json": _json(document)}
    for number, letter in enumerate(letters, 1):
        parts[f"letter-{number}-{letter.to}.txt"] = f"{letter.subject}\n\n{letter.text}".encode()
    _write(path, where, case.identity.tenant_id, _OF_NOW, parts, now)


def write_past(path: Path, where: Examined, tenant_id: str, past: Past, now: datetime) -> None:
    """Write the file of a run that was, without what any position costs."""
    rejects = [_without_figures(one) for one in past.rejects]
    counts = msgspec.to_builtins(past.run.counts)
    run = {
        "run_id": past.run.run_id,
        "started_at": past.run.started_at,
        "ended_at": past.run.ended_at,
        "state": past.run.state,
        "accepted": past.run.accepted,
        "rejected": past.run.rejected,
        "counts": counts,
    }
    document = {"schema": SCHEMA, "about": where, "run": run, "batches": past.batches, "rejects": rejects}
    _write(path, where, tenant_id, _OF_A_RUN, {"run.json": _json(document)}, now)


def _without_figures(rejected: Any) -> dict[str, str]:
    """Return a reject; UKG's words may repeat a figure of ours, so their digits are hidden."""
    words = "".join("#" if sign.isdigit() else sign for sign in rejected.message)
    return {
        "client_ref": rejected.client_ref,
        "code": rejected.code,
        "field": rejected.field,
        "message": words,
        "origin": rejected.origin,
    }


def _json(document: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _write(path: Path, where: Examined, tenant_id: str, what: str, parts: dict[str, bytes], now: datetime) -> None:
    told = _READ_ME.format(version=version("bridgehead"), now=now, where=where, tenant_id=tenant_id, what=what)
    with written_whole(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        moment = now.timetuple()[:6]
        for name, content in {"README.txt": told.encode(), **parts}.items():
            archive.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_DEFLATED)
