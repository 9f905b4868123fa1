"""Files that nobody but their owner reads, whatever the umask: what a position costs is somebody's salary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

_FILE, _FOLDER = 0o600, 0o700


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Hand out a file beside this one, private from its first byte; it becomes this one when the block ends well.

    It is on the disk before it gets the name; else nothing of it is left, and what was there before stays. What is no
    file, such as a pipe, is handed out itself.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not target.is_file():
        yield target
        return
    descriptor, name = mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.fchmod(descriptor, _FILE)
    side = Path(name)
    try:
        yield side
        os.fsync(descriptor)
        side.rename(target)
    except BaseException:
        side.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    _sync_folder(target.parent)


def create(path: Path) -> None:
    """Make an empty file, unless there is one."""
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
        os.fchmod(descriptor, _FILE)
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing; raise OSError, which names the one that cannot be made."""
    if path.is_dir():
        return
    make_folder(path.parent)
    try:
        path.mkdir(mode=_FOLDER)
        path.chmod(_FOLDER)
    except FileExistsError:
        if not path.is_dir():  # a file is in the way; else somebody else was quicker
            raise


@contextmanager
def by_default() -> Iterator[None]:
    """Let all files that this program makes be private, those too that its libraries make: spilled rows, a journal."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
