"""A person signs in for a tenant, and out: the browser's way there and back, held against the configuration."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from bridgehead.config import Config, KeptLogin
from bridgehead.connecting import Who, carried, door_of, identity_of, login_of
from bridgehead.errors import BridgeheadError, ConfigError, Refused, RequestRefused, SecretMissing
from bridgehead.ukg.asking import Form, Identity, client_request, filled
from bridgehead.ukg.auth import Entered, TenantAuth
from bridgehead.ukg.delegated import Asking, Kept, Turn, code_of
from bridgehead.ukg.dialect import Dialect, at, load_dialect
from bridgehead.ukg.messages import Request
from bridgehead.ukg.transport import Transport


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a person enters for a tenant's environment. door: to its UKG; it is closed by who opened it."""

    identity: Identity
    dialect: Dialect
    login: KeptLogin
    door: Transport
    clock: Callable[[], datetime]

    @property
    def callback(self) -> str:
        """The path to which the browser comes back."""
        return self.dialect.login.callback

    def ask(self, port: int) -> Asking:
        """Begin a sign-in whose answer is awaited at a port of this machine; UKG is asked what it calls itself."""
        issuer, names_itself = self.identity.base_url, False
        discovery = self.dialect.token.discovery
        if discovery:
            told = self.door.send(Request("GET", discovery, {"Accept": "application/json"})).document()
            issuer = str(at(told, "issuer") or issuer)
            names_itself = at(told, "authorization_response_iss_parameter_supported") is True
        return Asking(
            f"http://127.0.0.1:{port}{self.callback}",
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            issuer,
            names_itself=names_itself,
        )

    def url(self, asking: Asking) -> str:
        """Return the address that the person opens in a browser."""
        known = self.dialect.login
        parameters = filled(self.dialect, self.identity, Form(known.path, "login.ask", known.ask, asking.values))
        return f"{self.identity.base_url.rstrip('/')}{known.path}?{urlencode(parameters)}"

    def enter(self, asking: Asking, answer: Mapping[str, str]) -> Entered:
        """Redeem what the browser brought back, and keep it once it agrees with the configuration."""
        known = self.dialect.login
        code = code_of(self.dialect, asking, answer, f"Begin anew: {self.login.next_command}.")
        values = {"code": code, "redirect_uri": asking.redirect_uri, "verifier": asking.verifier}
        form = Form(self.dialect.token.path, "login.redeem", known.redeem, values)
        auth = TenantAuth(self.dialect, self.identity, clock=self.clock, new_id=_new_id)
        request = client_request(self.dialect, self.identity, self.clock, _new_id, form)
        give_back = self._revocation if known.revocation else None
        entered = carried(auth.enter(request, give_back), self.door)
        with self.login.turn() as turn:
            before = self._before(turn)
            turn.write(entered.kept)
        if before is not None and known.revocation:
            with suppress(BridgeheadError):  # the new login stands, whatever becomes of the one before
                self.door.send(self._revocation(before.refresh_token))
        return entered

    def _before(self, turn: Turn) -> Kept | None:
        """Return the login that is replaced, where it is one of the same client at the same UKG."""
        try:
            return self.login.current(turn)
        except SecretMissing:
            return None

    def _revocation(self, refresh_token: str) -> Request:
        """Ask that a login is ended (RFC 7009)."""
        known = self.dialect.login
        form = Form(known.revocation, "login.revoke", known.revoke, {"refresh_token": refresh_token})
        return client_request(self.dialect, self.identity, self.clock, _new_id, form)

    def leave(self) -> tuple[Kept | None, bool]:
        """End the login there and forget it here; return whose it was, and whether UKG was told."""
        with self.login.turn() as turn:
            kept = turn.read()
            if kept is None:
                return None, False
            told = bool(self.dialect.login.revocation) and kept == self.login.current(turn)
            if told:
                self._revoke(kept)
            turn.forget()
        return kept, told

    def _revoke(self, kept: Kept) -> None:
        """End a login (RFC 7009); raise what is in the way, and then it is not forgotten either."""
        by_hand = f"Or take {self.login.name} away by hand, and have the session ended in UKG."
        try:
            response = self.door.send(self._revocation(kept.refresh_token))
        except BridgeheadError as wrong:
            wrong.cure = f"{wrong.cure} {by_hand}".strip()
            raise
        if response.status != 200:
            kind = Refused if response.status in (400, 401, 403) else RequestRefused
            raise kind(
                f"UKG does not end the login of {kept.person}: {response.status} {response.words()}.",
                cure=f"It is kept, so that it can be ended later. {by_hand}",
                status=response.status,
            )


def entrance(config: Config, tenant: str, environment: str | None, *, clock: Callable[[], datetime]) -> Entrance:
    """Find where a person enters; raise ConfigError where the environment names no place for a login."""
    name, settings = config.tenant(tenant).environment(environment)
    who = Who(tenant, name, settings, config.path.parent, config.ledger)
    section = f"tenants.{tenant}.environments.{name}"
    try:
        _check_place(who, section)
        dialect = load_dialect(settings.dialect, settings.dialect_overrides)
        return Entrance(identity_of(who, dialect), dialect, login_of(who), door_of(settings, clock), clock)
    except ConfigError as wrong:
        raise config.placed(wrong, section, "") from None


def _check_place(who: Who, section: str) -> None:
    if not who.settings.login:
        raise ConfigError(
            f"{who.tenant} ({who.environment}) acts by itself, for nobody: there is no place for a login.",
            cure=f'Say where it is to be kept, under [{section}]: login = "file:secrets/{who.tenant}.login".',
            setting="login",
        )
