"""A planning file is read when it is whole: not while another program writes it, nor in the middle of a change."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridgehead.errors import SourceUnreadable
from bridgehead.sources.files import open_files
from bridgehead.sources.reader import Wanted
from bridgehead.sources.settled import check_left_alone
from bridgehead.tables import Session

TEXT = "org,heads\nA,1\n"


@contextmanager
def writer(path: Path) -> Iterator[None]:
    """Another program that has the file open for writing."""
    program = "import sys; file = open(sys.argv[1], 'ab'); print('open', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    yield
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


def load(session: Session, folder: Path, path: str) -> list[Any]:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    for reader in open_files(folder, path, scratch, wanted=Wanted()):
        reader.load(session)
    return session.ask("SELECT * FROM raw")


@pytest.fixture(params=["plan.csv", "plan.parquet", "plan.zip"])
def file(request: pytest.FixtureRequest, session: Session, tmp_path: Path) -> Path:
    path: Path = tmp_path / request.param
    if path.suffix == ".csv":
        path.write_text(TEXT)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("plan.csv", TEXT)
    else:
        session.save_parquet("SELECT 'A' AS org, '1' AS heads", str(path))
    return path


def test_a_file_that_another_program_is_writing_is_not_read_before_it_has_finished(
    session: Session, tmp_path: Path, file: Path
) -> None:
    with writer(file):
        with pytest.raises(SourceUnreadable, match="is still being written") as caught:
            load(session, tmp_path, file.name)
        assert "try again" in caught.value.cure
    assert load(session, tmp_path, file.name) == [("A", "1")]


def test_files_that_are_being_copied_are_not_taken_for_a_part_of_the_plan(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    for name in ("b.csv.part", "c.csv.filepart", "d.csv.tmp"):
        (tmp_path / name).write_text("org,he")
    assert load(session, tmp_path, "*.csv*") == [("A", "1")]


def test_a_file_has_to_be_left_alone_for_as_long_as_the_configuration_says(tmp_path: Path) -> None:
    path, now = tmp_path / "plan.csv", datetime(2027, 1, 2, 3, 0, tzinfo=UTC)
    path.write_text(TEXT)
    os.utime(path, times=(now.timestamp(), (now - timedelta(seconds=20)).timestamp()))
    check_left_alone(path, 20, now)
    with pytest.raises(SourceUnreadable, match="was changed 20 s ago, and may be half written: settled_after is 30 s"):
        check_left_alone(path, 30, now)


def test_where_nobody_asked_to_wait_a_file_from_the_future_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(TEXT)

    check_left_alone(path, 0, datetime.fromtimestamp(path.stat().st_mtime, UTC) - timedelta(days=1))


class Meddling(Session):
    """A session in whose back somebody goes on writing the file."""

    path: Path

    def load_csv(self, table: str, path: str, **settings: Any) -> None:
        with self.path.open("a") as file:
            file.write("late,1\n")
        super().load_csv(table, path, **settings)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    with Meddling(temp_directory=str(tmp_path)) as session:
        session.path = tmp_path / "plan.csv"
        session.path.write_text(TEXT)
        with pytest.raises(SourceUnreadable, match="changed while it was read") as caught:
            load(session, tmp_path, "plan.csv")
    assert "try again" in caught.value.cure
