"""What the cases are run with: planning files and prebuilt bodies, made when they are needed and kept."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

from bench.measure import Cost, json_line, run
from bench.product import ROOT, WORK, inherited


def planning_file(rows: int, twin: str) -> Path:
    """Return a planning file."""
    path = _folder() / f"{twin}-{rows}.csv"
    if not path.exists():
        made_by("rows", str(rows), twin, str(path))
    return path


def bodies(rows: int, *, anew: bool = False) -> tuple[Path, Cost | None]:
    """Return the file of prebuilt bodies and, when it was made now, what rendering them took."""
    path = _folder() / f"bodies-{rows}"
    if anew or not path.exists():
        return path, made_by("bodies", str(rows), str(path))
    return path, None


def made_by(module: str, *arguments: str) -> Cost:
    """Run one of this folder's programs in a process of its own: what needs much memory must not grow this one."""
    return run(
        [sys.executable, "-m", f"bench.{module}", *arguments],
        folder=_folder(),
        environment=inherited() | {"PYTHONPATH": str(ROOT)},
        limit=120,
        understood=json_line,
    )


def _folder() -> Path:
    """Return a folder whose name changes with the programs that fill it."""
    made_with = b"".join((ROOT / "bench" / name).read_bytes() for name in ("rows.py", "bodies.py"))
    folder = WORK / f"material-{zlib.crc32(made_with):08x}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
