"""The peers by name: which program each is, and whether it is a system that people run or a script that they write."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Cost, json_line, run
from bench.product import ROOT, WORK, inherited

_QUIET = {
    "DO_NOT_TRACK": "1",
    "DRT_TELEMETRY": "0",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "SINGER_SDK_LOG_LEVEL": "ERROR",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer. tuned: it gets settings that its users would have to look for."""

    module: str
    system: bool
    tuned: bool = False


PEERS = {
    "aiohttp-8": Peer("aiohttp_script", system=False),
    "requests": Peer("requests_script", system=False),
    "dlt-arrow": Peer("dlt_arrow", system=True),
    "dlt-arrow-8": Peer("dlt_arrow", system=True, tuned=True),
    "dlt-dicts": Peer("dlt_dicts", system=True),
    "drt-core": Peer("drt_core", system=True),
    "drt-core-10": Peer("drt_core", system=True, tuned=True),
    "singer-sdk": Peer("singer_target", system=True),
    "prebuilt": Peer("prebuilt_bodies", system=False),
}


def let_run(who: str, url: str, file: Path, *, limit: float = 400) -> Cost:
    """Run a peer in an empty folder that is also its home; keep the line of JSON that it may write."""
    peer = PEERS[who]
    folder = WORK / "runs" / who
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tuned = ["tuned"] if peer.tuned else []
    home = {"HOME": str(folder), "DLT_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    return run(
        [sys.executable, "-m", f"bench.peers.{peer.module}", url, str(file), *tuned],
        folder=folder,
        environment=inherited() | _QUIET | home,
        limit=limit,
        understood=json_line,
    )
