"""Logins: where what a person granted is kept, replaced with every use, by one process at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from bridgehead.config.secrets import with_keyring
from bridgehead.errors import SecretMissing, Unavailable
from bridgehead.private import create, make_folder, written_whole
from bridgehead.ukg.delegated import Kept, Turn

_PATIENCE = 300
"""So many seconds one waits for another that has its turn: a token request that is tried again may take long."""


@dataclass(frozen=True, slots=True)
class KeptLogin:
    """The login of a tenant's environment. name: where it is kept, `file:PATH` or `keyring:SERVICE/NAME`.

    folder: where relative paths begin. ledger: where locks of what lies in a keyring have their folder beside.
    """

    name: str
    folder: Path
    ledger: Path | str
    tenant: str
    environment: str
    base_url: str
    client_id: str
    tenant_id: str

    @property
    def next_command(self) -> str:
        """The command with which a person signs in."""
        return f"bridgehead login {self.tenant} --environment {self.environment}"

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Let nobody else use it until the block ends, in this process or another one."""
        kind, _, where = self.name.partition(":")
        place: _InFile | _InKeyring
        if kind == "file":
            place = _InFile(Path(os.path.realpath(self.folder / where)), self.name)
            lock = place.path.with_name(f".{place.path.name}.lock")
        else:
            place = _InKeyring(where, self.name)
            lock = self._locks() / f"{sha256(where.encode()).hexdigest()[:16]}.lock"
        with self._locked(lock):
            yield place

    def current(self, turn: Turn) -> Kept:
        """Return who is signed in; raise SecretMissing where nobody is, or somebody for another client or UKG."""
        kept = turn.read()
        if kept is None:
            raise SecretMissing(
                f"Nobody is signed in for {self.tenant} ({self.environment}): there is no login in {self.name}.",
                cure="Sign in, in a browser.",
                next_command=self.next_command,
            )
        for name in ("base_url", "client_id", "tenant_id"):
            if getattr(kept, name) != getattr(self, name):
                raise SecretMissing(
                    f"The login in {self.name} is {kept.person}'s for {name} {getattr(kept, name)}, and the "
                    f"configuration has {getattr(self, name)}: it was not sent there.",
                    cure="Sign in anew; give every environment a login of its own.",
                    next_command=self.next_command,
                )
        return kept

    def _locks(self) -> Path:
        if isinstance(self.ledger, Path):
            return self.ledger.with_name(f"{self.ledger.name}.logins")
        return Path(tempfile.gettempdir()) / f"bridgehead-{os.getuid()}"

    @contextmanager
    def _locked(self, lock: Path) -> Iterator[None]:
        """Hold the system's lock on a file: it ends with its holder, so that no crash leaves anything to wait for."""
        with _explained(self.name):
            make_folder(lock.parent)
            create(lock)
            descriptor = os.open(lock, os.O_RDWR)
        try:
            ends = time.monotonic() + _PATIENCE
            while not _taken(descriptor):
                if time.monotonic() > ends:
                    raise Unavailable(
                        f"Another process has had its turn with the login in {self.name} for {_PATIENCE} s.",
                        cure="Look what hangs there; then try again.",
                    )
                time.sleep(0.02)
            yield
        finally:
            os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say in our words what the disk says."""
    try:
        yield
    except OSError as wrong:
        raise SecretMissing(
            f"The login in {name} cannot be kept or read: {type(wrong).__name__}.",
            cure="Check path, permissions and space: it changes with every use, so it has to be writable.",
        ) from None


@dataclass(frozen=True, slots=True)
class _InFile:
    path: Path
    name: str

    def read(self) -> Kept | None:
        with _explained(self.name):
            found = _decoded(self.path.read_bytes()) if self.path.exists() else None
        return _whole(found, self.name)

    def write(self, kept: Kept) -> None:
        with _explained(self.name), written_whole(self.path) as side:
            side.write_bytes(msgspec.json.encode(kept))

    def forget(self) -> None:
        with _explained(self.name):
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _InKeyring:
    where: str
    name: str

    def read(self) -> Kept | None:
        def take(ring: Any, service: str, name: str) -> Kept | str | None:
            text = ring.get_password(service, name)
            return None if text is None else _decoded(text.encode())

        return _whole(with_keyring(self.where, take), self.name)

    def write(self, kept: Kept) -> None:
        def put(ring: Any, service: str, name: str) -> None:
            ring.set_password(service, name, msgspec.json.encode(kept).decode())

        with _explained(self.name):
            with_keyring(self.where, put)

    def forget(self) -> None:
        if self.read() is not None:
            with_keyring(self.where, lambda ring, service, name: ring.delete_password(service, name))


def _decoded(content: bytes) -> Kept | str:
    """Return a login, or a word where it is none; no error is raised here, whose traceback would hold the content."""
    try:
        return msgspec.json.decode(content, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "no login"


def _whole(found: Kept | str | None, name: str) -> Kept | None:
    if isinstance(found, str):
        cure = "Name another place in login, or take it away and sign in."
        raise SecretMissing(f"What lies in {name} is {found}.", cure=cure)
    return found
