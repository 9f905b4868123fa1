"""Telling people: a notice as JSON to a webhook, and as an e-mail; the ledger keeps it until it has got through."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import truststore
from urllib3.exceptions import HTTPError

from bridgehead.agenda import Notice
from bridgehead.config import LOOPBACK, Config, EmailSettings, secret_reader
from bridgehead.errors import BridgeheadError
from bridgehead.service.posting import PATIENCE, post

WEBHOOK, EMAIL = "webhook", "email"

Page = Callable[[Notice], str]
"""Returns the plan that a notice is about as a page, empty where there is none."""


def channels(config: Config) -> tuple[str, ...]:
    """Return the ways that a configuration names."""
    named = ((WEBHOOK, config.notify.webhook), (EMAIL, config.notify.email))
    return tuple(name for name, given in named if given)


def tell(config: Config, notice: Notice, *, page: Page = lambda _: "") -> str:
    """Let a notice leave by its channel; return why it did not get through, empty when it did. No secret is in it."""
    channel = notice.id.rpartition("/")[2]
    try:
        if channel == WEBHOOK and config.notify.webhook:
            return _post(secret_reader(config.notify.webhook, config.path.parent)(), notice)
        if channel == EMAIL and config.notify.email is not None:
            _mail(config, config.notify.email, notice, page(notice))
    except BridgeheadError as wrong:
        return wrong.message
    except (OSError, HTTPError, ValueError) as wrong:  # what smtplib raises is an OSError
        return type(wrong).__name__  # its words may hold the address, which is a secret
    return ""


def _post(url: str, notice: Notice) -> str:
    """Post a notice. Its id is the header by which a receiver knows one that it has taken already."""
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in LOOPBACK:
        return "its address is not encrypted: https is needed"
    headers = {"Content-Type": "application/json", "Idempotency-Key": notice.id}
    return post(url, notice.document.encode(), headers)


def _mail(config: Config, email: EmailSettings, notice: Notice, page: str) -> None:
    import smtplib  # noqa: PLC0415 - a sync that has nobody to tell is over sooner
    from email.message import EmailMessage  # noqa: PLC0415 - as above

    document = msgspec.json.decode(notice.document)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = document["title"], email.sender, ", ".join(email.to)
    message["Message-ID"] = f"<{notice.id.replace('/', '.')}@{email.sender.rpartition('@')[2]}>"
    message.set_content(document["text"])
    if page:
        message.add_attachment(page, subtype="html", filename="plan.html")
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    kind = smtplib.SMTP_SSL if email.security == "tls" else smtplib.SMTP
    options: dict[str, Any] = {"context": context} if email.security == "tls" else {}
    with kind(email.server, email.port, timeout=PATIENCE, **options) as server:
        if email.security == "starttls":
            server.starttls(context=context)
        if email.user:
            server.login(email.user, secret_reader(email.password, config.path.parent)())
        server.send_message(message)
