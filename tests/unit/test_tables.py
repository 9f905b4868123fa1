"""A table file is one file, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgehead.tables import Session


@pytest.mark.parametrize(
    "name", ["plain.parquet", "[1].parquet", "*.parquet", "it's.parquet", "[prod]/s.parquet", "x=9/s.parquet"]
)
def test_a_parquet_file_is_read_back_under_any_name_and_no_other_file_with_it(
    session: Session, tmp_path: Path, name: str
) -> None:
    session.save_parquet("SELECT 'decoy' AS x", str(tmp_path / "1.parquet"))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    session.save_parquet("SELECT 'mine' AS x", str(tmp_path / name))
    session.view_parquet("loaded", str(tmp_path / name))
    assert session.ask("SELECT row, x FROM loaded") == [(1, "mine")]
