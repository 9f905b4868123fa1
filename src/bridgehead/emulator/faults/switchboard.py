"""Which faults are on: for whom, how often still, with which value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec

from bridgehead.emulator.faults.catalogue import CATALOGUE, Kind


class FaultRefused(Exception):
    """A switch that there is not, or that does not go with another one."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that is on.

    client_id, tenant_id: whom it meets; empty means everybody. times: how often still, None for always. since: when it
    was switched on. within: a path that the call's path must begin with, with a method before it where only that is
    meant, such as `POST /api/v1`.
    """

    slug: str
    client_id: str = ""
    tenant_id: str = ""
    within: str = ""
    times: int | None = None
    value: Any = None
    since: datetime


class Scripted(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that somebody has written, given in the place of UKG Pro's. times: how often still."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    method: str
    within: str
    times: int


class Claimant(msgspec.Struct, frozen=True):
    """Whom a call says it comes from, proven or not, and where it goes: all that a fault can know of it."""

    client_id: str = ""
    tenant_id: str = ""
    path: str = ""
    method: str = ""


NOBODY = Claimant()
"""Somebody of whom nothing is known."""


class Switchboard:
    """The faults of one environment. It may be used from several threads: tests switch while the server answers."""

    def __init__(self, clock: Callable[[], datetime], dialect: str) -> None:
        self._clock = clock
        self._dialect = dialect
        self._lock = Lock()
        self._on: tuple[Fault, ...] = ()
        self._scripted: tuple[Scripted, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything is to go otherwise than it should."""
        return bool(self._on or self._scripted)

    @property
    def on(self) -> tuple[Fault, ...]:
        """What is on."""
        return self._on

    def switch_on(
        self,
        slug: str,
        *,
        client_id: str = "",
        tenant_id: str = "",
        within: str = "",
        times: int | None = None,
        value: Any = None,
    ) -> Fault:
        """Switch a fault on; one of the same kind for the same caller is replaced. Raises FaultRefused."""
        kind = CATALOGUE.get(slug)
        if kind is None:
            raise FaultRefused(f"there is no fault {slug}; there are {', '.join(CATALOGUE)}")
        if not kind.exists_in(self._dialect):
            raise FaultRefused(f"{slug} exists in the dialect {kind.dialect} only")
        if times is not None and times < 1:
            raise FaultRefused("times must be at least 1")
        chosen = _fitting(kind, value)
        made = Fault(
            slug=slug,
            client_id=client_id,
            tenant_id=tenant_id,
            within=within,
            times=times,
            value=chosen,
            since=self._clock(),
        )
        with self._lock:
            beside = [one for one in self._on if _whom(one) != _whom(made)]
            for one in beside:
                if one.slug in kind.excludes and _meet(one, made):
                    raise FaultRefused(f"{slug} and {one.slug} exclude each other; switch that off first")
            self._on = (*beside, made)
        return made

    def set(self, faults: Sequence[Fault]) -> None:
        """Let exactly these be on, and no answer be written."""
        with self._lock:
            self._on, self._scripted = tuple(faults), ()

    def script(self, answer: Scripted) -> None:
        """Give this answer after those that were written before it."""
        with self._lock:
            self._scripted = (*self._scripted, answer)

    def take_scripted(self, method: str, path: str) -> Scripted | None:
        """Return the first written answer for a call, counting that it was given."""
        with self._lock:
            for place, one in enumerate(self._scripted):
                if one.method in ("", method) and path.startswith(one.within):
                    left = (msgspec.structs.replace(one, times=one.times - 1),) if one.times > 1 else ()
                    self._scripted = (*self._scripted[:place], *left, *self._scripted[place + 1 :])
                    return one
        return None

    def switch_off(self, slug: str = "", *, which: Callable[[Fault], bool] = lambda _: True) -> int:
        """Switch a fault off, or all of them; return how many were on. which: of several callers' ones, whose."""
        with self._lock:
            kept = tuple(one for one in self._on if (slug and one.slug != slug) or not which(one))
            gone = len(self._on) - len(kept)
            self._on = kept
        return gone

    def take(self, slug: str, claimant: Claimant) -> Fault | None:
        """Return the fault if it is on for this caller, counting that it met them."""
        if not self._on:  # as nearly always
            return None
        with self._lock:
            found = next((one for one in self._on if one.slug == slug and _meets(one, claimant)), None)
            if found is not None and found.times is not None:
                left = (msgspec.structs.replace(found, times=found.times - 1),) if found.times > 1 else ()
                self._on = tuple(one for one in self._on if one is not found) + left
        return found


def _fitting(kind: Kind, value: Any) -> Any:
    """Return the value, of the kind that the default has; raise FaultRefused for another one."""
    slug, default, meaning = kind.slug, kind.default, kind.value
    if value is None:
        return default
    if default is None:
        raise FaultRefused(f"{slug} has no value")
    if isinstance(default, int) and (type(value) is not int or not kind.least <= value <= kind.most):
        raise FaultRefused(f"the value of {slug} is a number of {meaning} from {kind.least} to {kind.most}")
    if isinstance(default, str) and not isinstance(value, str):
        raise FaultRefused(f"the value of {slug} is a {meaning}")
    if isinstance(default, list) and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise FaultRefused(f"the value of {slug} is a list of {meaning}")
    return value


def _whom(fault: Fault) -> tuple[str, str, str, str]:
    return fault.slug, fault.client_id, fault.tenant_id, fault.within


def _meet(one: Fault, other: Fault) -> bool:
    """Whether two faults may meet the same claimant."""
    clients = {one.client_id, other.client_id} - {""}
    tenants = {one.tenant_id, other.tenant_id} - {""}
    return len(clients) < 2 and len(tenants) < 2


def _meets(fault: Fault, claimant: Claimant) -> bool:
    return (
        fault.client_id in ("", claimant.client_id)
        and fault.tenant_id in ("", claimant.tenant_id)
        and (f"{claimant.method} {claimant.path}" if " " in fault.within else claimant.path).startswith(fault.within)
    )
