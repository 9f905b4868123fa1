"""Secrets, proxies and who started us: read from where a reference or the environment says, when it is needed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from bridgehead.errors import SecretMissing

_Result = TypeVar("_Result")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_reference(text: str) -> bool:
    """Whether a text says where a secret is."""
    kind, _, where = text.partition(":")
    if kind == "keyring":
        service, _, name = where.rpartition("/")
        return bool(service and name)
    return kind in ("env", "file", "command") and bool(where.strip())


def is_login(text: str) -> bool:
    """Whether a text says where a login is kept: only where it can be replaced too, since it changes with each use."""
    return text.startswith(("file:", "keyring:")) and is_reference(text)


def shown(reference: str) -> str:
    """Return a reference as it may be shown: a command's words may hold a secret of their own."""
    kind, _, where = reference.partition(":")
    return reference if kind != "command" else f"command:{''.join(where.split()[:1])} ..."


def secret_reader(reference: str, folder: Path) -> Callable[[], str]:
    """Return a function that reads a secret anew at every call, from where the reference says it is."""
    kind, _, where = reference.partition(":")
    named = shown(reference)

    def read() -> str:
        try:
            if kind == "env":
                secret = os.environ[where]  # noqa: TID251 - this is the configuration
            elif kind == "file":
                secret = (folder / where).read_text(encoding="utf-8")
            elif kind == "keyring":
                secret = _from_keyring(where)
            else:
                # No shell: the words are split here, so that nothing in them is ever expanded.
                done = subprocess.run(where.split(), capture_output=True, text=True, check=True, timeout=30)  # noqa: S603
                secret = done.stdout
        except KeyError:
            raise SecretMissing(f"The environment variable {where} is not set.", cure=f"export {where}=...") from None
        except (OSError, UnicodeError) as wrong:
            raise SecretMissing(
                f"The secret {named} cannot be read: {wrong.__class__.__name__}.",
                cure="Check path and permissions.",
            ) from None
        except subprocess.SubprocessError:
            raise SecretMissing(
                f"The secret {named} cannot be read: the command failed.", cure="Run it by hand to see why."
            ) from None
        if not secret.strip():
            raise SecretMissing(f"The secret {named} is empty.", cure="Put the API client's secret there.")
        return secret.strip()

    return read


def with_keyring(where: str, act: Callable[[Any, str, str], _Result]) -> _Result:
    """Do something with the system's keyring; raise SecretMissing where there is none, or it is locked."""
    try:
        import keyring  # noqa: PLC0415 - an extra
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise SecretMissing(
            f"The secret keyring:{where} needs the extra [keyring].", cure='pip install "bridgehead[keyring]"'
        ) from None
    service, _, name = where.rpartition("/")
    try:
        return act(keyring, service, name)
    except KeyringError as wrong:
        raise SecretMissing(
            f"The secret keyring:{where} cannot be read: {type(wrong).__name__}.",
            cure="Unlock the keyring; on a machine without one, use env:NAME or file:PATH.",
        ) from None


def _from_keyring(where: str) -> str:
    """Return the password of a service and name, as the system's keyring holds it."""
    secret: str | None = with_keyring(where, lambda keyring, service, name: keyring.get_password(service, name))
    if secret is None:
        service, _, name = where.rpartition("/")
        raise SecretMissing(
            f"The keyring has no password of {name} for {service}.", cure=f"Put it there: keyring set {service} {name}"
        )
    return secret


def proxy_for(base_url: str) -> str | None:
    """Return the proxy that the environment names for this URL, as other programs do."""
    url = urlsplit(base_url)
    proxies = getproxies_environment()
    if not url.hostname or url.hostname in LOOPBACK or proxy_bypass(url.hostname):
        return None
    return proxies.get(url.scheme)


def notify_socket() -> str:
    """Return where systemd listens for word from this process (sd_notify(3)); empty when it does not."""
    return os.environ.get("NOTIFY_SOCKET", "")  # noqa: TID251 - this is the configuration
