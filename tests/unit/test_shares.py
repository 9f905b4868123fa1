"""Where a ledger in SQLite must not lie: network shares, told by the list of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgehead.ledgers.shares import network_share

MOUNTS = r"""
overlay / overlay rw,relatime 0 0
/dev/sda1 /home ext4 rw 0 0
filer:/plans /home/jo/plans nfs4 rw,vers=4.2 0 0
tmpfs /home/jo/plans/local tmpfs rw 0 0
//filer/share /mnt/a\040share cifs rw 0 0
jo@host:/ /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /mnt/ssh ext4 rw 0 0
gvfs /run/gvfs fuse.gvfsd-fuse rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/jo/ledger", ""),
        ("/home/jo/plans/ledger", "nfs4"),
        ("/home/jo/plans/local/ledger", ""),
        ("/home/jo/plansandmore", ""),
        ("/mnt/a share/ledger", "cifs"),
        ("/mnt/ssh/ledger", ""),  # the later mount lies over the earlier one
        ("/var/lib/bridgehead", ""),
    ],
)
def test_a_network_share_is_told_by_the_mount_that_lies_deepest(path: str, kind: str) -> None:
    assert network_share(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "ceph", "lustre", "fuse.sshfs", "fuse.s3fs", "fuse.rclone"]
)
def test_every_kind_of_share_is_known(kind: str) -> None:
    assert network_share(Path("/x/ledger"), f"somewhere /x {kind} rw 0 0") == kind


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "9p", "fuse.gvfsd-fuse"])
def test_disks_are_none(kind: str) -> None:
    assert network_share(Path("/x/ledger"), f"somewhere /x {kind} rw 0 0") == ""


def test_where_the_system_tells_nothing_nothing_is_refused() -> None:
    assert network_share(Path("/x"), "") == ""
