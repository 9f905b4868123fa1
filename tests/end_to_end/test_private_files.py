"""What bridgehead writes is its owner's alone, from the first byte, whatever the umask: a cost is somebody's salary."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest
from tests.conftest import Desk, lines

from bridgehead.ledgers.files import TableFiles
from bridgehead.ledgers.opening import ledger_in_folder
from bridgehead.private import create, make_folder, written_whole
from bridgehead.tables import Session
from bridgehead.testing import Clock

PROGRAM = Path(sys.executable).with_name("bridgehead")
SKIP = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'


@contextmanager
def open_to_all() -> Iterator[None]:
    """Take the umask away, as careless machines do."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def below(*folders: Path) -> dict[str, int]:
    """Return the mode of everything below folders; what goes while it is looked at is left out."""
    found = {}
    for folder in folders:
        for parent, inner, files in os.walk(folder):
            for name in (*inner, *files):
                with suppress(FileNotFoundError):
                    found[f"{parent}/{name}"] = os.lstat(f"{parent}/{name}").st_mode & 0o777
    return found


def open_to_others(*folders: Path) -> dict[str, str]:
    """Return what others may look into."""
    return {path: oct(mode) for path, mode in below(*folders).items() if mode & 0o077}


class Watch:
    """Looks again and again, while a command runs, whether anything can be read by others."""

    def __init__(self, *folders: Path, known: set[str]) -> None:
        self.found: dict[str, str] = {}
        self.seen: set[str] = set()
        self._folders, self._known, self._over = folders, known, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.is_set():
            told = below(*self._folders)
            self.seen |= told.keys()
            self.found |= {path: oct(mode) for path, mode in told.items() if mode & 0o077 and path not in self._known}
            time.sleep(0.002)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_nothing_that_any_command_writes_can_be_read_by_others_at_any_moment(desk: Desk, tmp_path: Path) -> None:
    home, spill = tmp_path / "home", tmp_path / "spill"
    home.mkdir()
    spill.mkdir()
    desk.folder = home
    desk.configure(desk.environment(), desk.feed(), SKIP)
    desk.plan(*lines(3000), "budget,v1,2027-01,0101,CC0100,L01,J001,5,x")
    known = {str(path) for path in home.rglob("*")}

    def typed(*arguments: str) -> int:
        command = [str(PROGRAM), "--config", str(home / "bridgehead.toml"), *arguments]
        environment = os.environ | {"TMPDIR": str(spill)}
        return subprocess.run(command, check=False, capture_output=True, umask=0, env=environment, cwd=home).returncode

    with Watch(home, spill, known=known) as watch:
        assert typed("plan", "acme", "--out", "p.parquet", "--html", "p.html", "--rejects", "r.csv") == 0
        assert typed("sync", "p.parquet") == 0
        desk.plan(*lines(2990, headcount=6))
        assert typed("sync", "acme", "--rejects", "r.csv") == 0
        assert typed("verify", "acme") == 0
        assert typed("--config", str(home / "made.toml"), "init", "plan.csv") == 0
        assert typed("history", "acme") == 0

    assert watch.found == {}
    written = {str(Path(path).relative_to(home)) for path in watch.seen if path.startswith(f"{home}/")}
    wanted = {"p.parquet", "p.html", "r.csv", "made.toml", ".bridgehead/ledger.sqlite", ".bridgehead/ledger.sqlite-wal"}
    assert wanted | {".bridgehead/tables/acme/production/lease"} <= written
    assert any(path.startswith(f"{spill}/bridgehead-") for path in watch.seen)
    assert list(spill.iterdir()) == []
    assert not [path for path in written if path.endswith(".part") and (home / path).exists()]


def test_the_demo_and_the_emulators_state_are_private_too(tmp_path: Path) -> None:
    command = [str(PROGRAM), "demo", "--folder", "played"]
    with open_to_all(), Watch(tmp_path, known=set()) as watch:
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)

    assert {"ukg.sqlite", "bridgehead.toml", "acme-plan.csv"} <= {path.name for path in (tmp_path / "played").iterdir()}
    assert watch.found == {}


def test_the_ledger_is_private_also_for_those_who_use_it_from_python(tmp_path: Path) -> None:
    key = ("acme", "production", "headcount")
    with open_to_all():
        ledger = ledger_in_folder(tmp_path / "deep" / "ledger", key, tenant_id="a", clock=Clock())
        with ledger.lease("jo"), TemporaryDirectory() as spill, Session(temp_directory=spill) as session:
            files = TableFiles(tmp_path / "deep" / "tables")
            session.fill("cells", ("cost BIGINT",), [(5,)])
            session.spool("spooled", "SELECT * FROM cells")
            for table in ("cells", "spooled"):
                files.save(session, table, f"{table}.parquet")
            found = open_to_others(tmp_path)
        ledger.close()

    assert found == {}
    assert {path.name for path in (tmp_path / "deep" / "tables").iterdir()} == {"cells.parquet", "spooled.parquet"}
    assert (tmp_path / "deep/ledger/tables/acme/production/lease").exists()


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.csv"
    path.write_text("as it was")
    with pytest.raises(ZeroDivisionError), written_whole(path) as side:
        side.write_text("half of it" * (1 // 0))

    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_others_could_read_is_exchanged_for_one_that_they_cannot(tmp_path: Path) -> None:
    path, link = tmp_path / "kept.csv", tmp_path / "link.csv"
    path.write_text("as it was")
    path.chmod(0o644)
    link.symlink_to(path)
    with open_to_all(), written_whole(link) as side:
        assert side.stat().st_mode & 0o777 == 0o600
        side.write_text("new")

    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert link.is_symlink()


def test_what_is_no_file_is_written_to_as_it_is() -> None:
    with written_whole(Path(os.devnull)) as side:
        assert side == Path(os.devnull)


@pytest.mark.parametrize("umask", [0, 0o022, 0o777])
def test_whatever_the_umask_a_file_and_a_folder_are_their_owners(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_folder(tmp_path / "a" / "b")
        create(tmp_path / "a" / "b" / "file")
        create(tmp_path / "a" / "b" / "file")
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"a": 0o700, "b": 0o700, "file": 0o600}
