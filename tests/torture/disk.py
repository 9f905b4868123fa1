"""A small disk of its own that can be full: a file system in memory, seen by this process and its children alone."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

_NEW_NAMESPACE = 0x00020000  # CLONE_NEWNS
_PRIVATE = 0x00040000 | 0x00004000  # MS_PRIVATE, MS_REC
_LAZILY = 2  # MNT_DETACH
_SIZE = "96m"
_PAGE = 4096


class Disk:
    """A folder on a file system of its own, where the system lets us make one; else an ordinary one that is never full.

    The other kind of a full disk, a limit to how large a file may become, needs no rights and occurs everywhere.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.can_be_full = _mounted(folder)

    def fill(self, left: int) -> bool:
        """Take all the space but so many bytes; return whether that could be done."""
        if not self.can_be_full:
            return False
        with self._ballast.open("wb") as ballast:
            while (taken := self._free() - left) >= _PAGE:
                with suppress(OSError):  # the process has taken some of it meanwhile
                    os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), taken - taken % _PAGE)
        return True

    def _free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def drain(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the file system back."""
        if self.can_be_full:
            ctypes.CDLL(None).umount2(os.fsencode(self.folder), _LAZILY)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


def _mounted(folder: Path) -> bool:
    """Mount a file system in a namespace of this process, with which it vanishes."""
    library = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or library.unshare(_NEW_NAMESPACE) != 0:
        return False
    here, options = os.fsencode(folder), f"size={_SIZE},mode=0700".encode()
    return (
        library.mount(b"none", b"/", None, _PRIVATE, None) == 0
        and library.mount(b"torture", here, b"tmpfs", 0, options) == 0
    )
