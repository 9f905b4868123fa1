"""The settings of what runs with nobody watching: when, within which bounds, who is told, and who may decide."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class RunSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[run]`: the long-lived process that honours each feed's schedule."""

    timezone: Annotated[
        str, Meta(description="In which schedules and blackouts are written.", examples=['"Europe/Berlin"'])
    ] = "UTC"
    slots: Annotated[
        int, Meta(description="How many tenants may be under way at once.", examples=["16"], ge=1, le=512)
    ] = 16
    quantum: Annotated[
        int,
        Meta(
            description="After so many seconds of a delivery a run lets others have its place.",
            examples=["300"],
            ge=5,
            le=86_400,
        ),
    ] = 300
    patience: Annotated[
        int,
        Meta(
            description="Where UKG asks to wait longer than so many seconds, a run gives its place back meanwhile.",
            examples=["30"],
            ge=0,
            le=3600,
        ),
    ] = 30
    blackout: Annotated[
        tuple[str, ...],
        Meta(
            description="When nothing is sent: every week, or once.",
            examples=['["sun 02:00 - sun 06:00", "2026-12-24 18:00 - 2026-12-27 06:00"]'],
        ),
    ] = ()
    heartbeat: Annotated[
        str,
        Meta(
            description="Where the URL is that is called as long as the scheduler lives, so that a dead one is seen.",
            examples=['"env:HEARTBEAT_URL"'],
        ),
    ] = ""
    heartbeat_every: Annotated[
        int, Meta(description="How many seconds lie between two calls.", examples=["60"], ge=1, le=3600)
    ] = 60
    listen: Annotated[
        str, Meta(description="Where pages, health and metrics are served.", examples=['"127.0.0.1:8790"'])
    ] = "127.0.0.1:8790"
    look_again_after: Annotated[
        int,
        Meta(
            description="After so many days UKG is read also where nothing was sent, for changes of others. 0: never.",
            examples=["7"],
            ge=0,
        ),
    ] = 7
    keep_values_for: Annotated[
        int,
        Meta(
            description="For how many days each number's life is kept; then the proof stays alone. 0: always.",
            examples=["800"],
            ge=0,
        ),
    ] = 0


class EmailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notify.email]`: through which server messages leave, and to whom."""

    server: Annotated[str, Meta(description="The mail server.", examples=['"smtp.acme.example"'])]
    sender: Annotated[str, Meta(description="Who writes.", examples=['"bridgehead@acme.example"'])]
    to: Annotated[tuple[str, ...], Meta(description="Who is told.", examples=['["fpa@acme.example"]'])]
    port: Annotated[int, Meta(description="Its port.", examples=["587"], ge=1, le=65_535)] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(description="How the way to it is encrypted; none is for this machine alone.", examples=['"starttls"']),
    ] = "starttls"
    user: Annotated[str, Meta(description="The account there, where it asks for one.", examples=['"bridgehead"'])] = ""
    password: Annotated[str, Meta(description="Where its password is.", examples=['"env:MAIL_PASSWORD"'])] = ""


class NotifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notify]`: who is told when a feed comes into another state."""

    webhook: Annotated[
        str,
        Meta(description="Where the URL is that each notice is posted to.", examples=['"env:BRIDGEHEAD_WEBHOOK"']),
    ] = ""
    email: Annotated[
        EmailSettings | None,
        Meta(
            description="The same by e-mail.",
            examples=[
                '{ server = "smtp.acme.example", sender = "bridgehead@acme.example", to = ["fpa@acme.example"] }'
            ],
        ),
    ] = None
    link: Annotated[
        str,
        Meta(
            description="Where people open the page, so that notices lead there.",
            examples=['"https://plans.acme.example"'],
        ),
    ] = ""


class PersonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[people.NAME]`: who may sign in to the page."""

    password: Annotated[
        str, Meta(description="The hash that `bridgehead person` prints.", examples=['"scrypt$14$..."'])
    ]
    sees: Annotated[
        tuple[str, ...], Meta(description="Which tenants this person sees; * is all.", examples=['["acme"]'])
    ] = ("*",)
    approves: Annotated[
        tuple[str, ...], Meta(description="For which of them this person decides on plans.", examples=['["acme"]'])
    ] = ()

    def __repr__(self) -> str:
        """Show the settings without the hash."""
        return f"PersonSettings(sees={self.sees!r}, approves={self.approves!r})"
