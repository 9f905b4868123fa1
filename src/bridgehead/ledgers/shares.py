"""Whether a path lies on a network share, by the list of mounts that the system keeps: a pure question."""

from __future__ import annotations

import re
from pathlib import Path

_NETWORK = re.compile(
    r"nfs4?|cifs|smb[23]?|smbfs|afs|ncpfs|ceph|coda|gfs2?|ocfs2|lustre|gpfs|beegfs|orangefs|davfs|acfs"
    r"|fuse\.(sshfs|s3fs|rclone|glusterfs|ceph\S*|davfs\S*|smbnetfs|goofys|gcsfuse|blobfuse2?|curlftpfs)"
)
_ESCAPED = re.compile(r"\\([0-7]{3})")  # how the list writes blanks in a path


def network_share(path: Path, mounts: str) -> str:
    """Return the kind of the share that a path lies on, such as nfs4; empty when it lies on a disk.

    path: absolute, without links. mounts: the text of /proc/self/mounts; of two at one place the later one counts.
    """
    deepest, kind = Path("/"), ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[1]))
        if path.is_relative_to(point) and len(point.parts) >= len(deepest.parts):
            deepest, kind = point, fields[2]
    return kind if _NETWORK.fullmatch(kind) else ""
