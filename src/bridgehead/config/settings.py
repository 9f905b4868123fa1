"""The settings that a configuration can hold, each with its meaning and a right example."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bridgehead.config.secrets import shown
from bridgehead.errors import ConfigError
from bridgehead.sources.mapping import ColumnMapping
from bridgehead.ukg.interlock import EVIDENCE


def _shown(settings: msgspec.Struct, *references: str) -> str:
    told = {name: getattr(settings, name) for name in settings.__struct_fields__}
    told |= {name: shown(told[name]) for name in references}
    return f"{type(settings).__name__}({', '.join(f'{name}={value!r}' for name, value in told.items())})"


class AuditorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.environments.ENVIRONMENT.auditor]`: a client of its own, since a refused one reads no log."""

    client_id: Annotated[str, Meta(description="The API client.", examples=['"acme-auditor"'])]
    client_secret: Annotated[str, Meta(description="Where its secret is.", examples=['"env:ACME_AUDITOR_SECRET"'])]

    def __repr__(self) -> str:
        """Show the settings, and of a command that gives a secret its name alone."""
        return _shown(self, "client_secret")


class EnvironmentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.environments.ENVIRONMENT]`: one UKG Pro of a tenant, and who we are there."""

    tenant_id: Annotated[
        str,
        Meta(
            description="The tenant's identifier: System Configuration > Organization Settings > API Configuration.",
            examples=['"0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"'],
        ),
    ]
    base_url: Annotated[
        str, Meta(description="Where this UKG Pro answers.", examples=['"https://acme.ukgpro.example"'])
    ]
    client_id: Annotated[
        str, Meta(description="The API client: Integration Hub > API Clients.", examples=['"acme-headcount"'])
    ]
    client_secret: Annotated[
        str,
        Meta(
            description="Where the secret is: env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM. Never the "
            "secret itself.",
            examples=['"env:ACME_CLIENT_SECRET"'],
        ),
    ] = ""
    client_key: Annotated[
        str,
        Meta(
            description="Instead of a secret, where a private key in PEM is, which signs token requests.",
            examples=['"file:secrets/acme.pem"'],
        ),
    ] = ""
    client_key_id: Annotated[
        str, Meta(description="What UKG calls that key, where it knows several.", examples=['"2026-11"'])
    ] = ""
    login: Annotated[
        str,
        Meta(
            description="Where the login of the person is kept for whom the feed acts, instead of a service account: "
            "file:PATH or keyring:SERVICE/NAME. `bridgehead login` puts it there; the client may go without a secret.",
            examples=['"file:secrets/acme.login"'],
        ),
    ] = ""
    app_key: Annotated[
        str,
        Meta(
            description="Where a key is that this UKG wants with every call besides the token.",
            examples=['"env:ACME_APP_KEY"'],
        ),
    ] = ""
    auditor: Annotated[
        AuditorSettings | None,
        Meta(
            description="An API client that may read the audit log, for the doctor.",
            examples=['{ client_id = "acme-auditor", client_secret = "env:ACME_AUDITOR_SECRET" }'],
        ),
    ] = None
    approval: Annotated[
        Literal["required", "guardrails", ""],
        Meta(
            description="Which plans wait for a person: all (required; so in production), or those that a guardrail "
            "stops.",
            examples=['"guardrails"'],
        ),
    ] = ""
    four_eyes: Annotated[bool, Meta(description="Whether who drew a plan may not approve it.", examples=["true"])] = (
        False
    )
    decided_within: Annotated[
        int, Meta(description="For how many hours a plan waits to be decided.", examples=["72"], ge=1, le=8760)
    ] = 72
    dialect: Annotated[str, Meta(description="How this UKG speaks.", examples=['"thread"'])] = "thread"
    dialect_overrides: Annotated[
        dict[str, Any],
        Meta(
            description="Keys of the dialect that are otherwise here, see docs/dialects.md.",
            examples=['{ call = { tenant_header = "global-tenant-id" } }'],
        ),
    ] = {}
    waivers: Annotated[
        dict[str, str],
        Meta(
            description=f"Evidence that this UKG does not offer, accepted on record: {', '.join(EVIDENCE)}.",
            examples=['{ token-environment = "tokens are opaque, agreed with J. Berg, 2026-11-02" }'],
        ),
    ] = {}
    in_flight: Annotated[
        int, Meta(description="How many requests may be on their way at once, at most.", examples=["8"], ge=1, le=64)
    ] = 8
    attempts: Annotated[
        int, Meta(description="How often a call is tried while UKG is away or overloaded.", examples=["6"], ge=1, le=20)
    ] = 6
    connect_timeout: Annotated[
        int, Meta(description="How many seconds connecting may take.", examples=["10"], ge=1, le=120)
    ] = 10
    timeout: Annotated[int, Meta(description="How many seconds an answer may take.", examples=["60"], ge=1, le=600)] = (
        60
    )
    quota_share: Annotated[
        int,
        Meta(
            description="So many percent of the requests that UKG takes in a minute are ours; others need the rest.",
            examples=["50"],
            ge=1,
            le=100,
        ),
    ] = 100
    blackout: Annotated[
        tuple[str, ...],
        Meta(
            description="When nothing is sent here, as under [run].",
            examples=['["sat 22:00 - sun 06:00"]'],
        ),
    ] = ()
    deadline: Annotated[
        int,
        Meta(
            description="How many seconds a run may take; it then stops after the requests in flight, and the next one "
            "goes on. 0: as long as it takes.",
            examples=["3600"],
            ge=0,
            le=604_800,
        ),
    ] = 0

    def __repr__(self) -> str:
        """Show the settings, and of a command that gives a secret its name alone."""
        return _shown(self, "client_secret", "client_key", "app_key")


class SourceSettings(ColumnMapping, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[tenants.NAME.feeds.FEED.source]`: the planning file, and how its columns become ours."""

    path: Annotated[
        str,
        Meta(
            description="The planning file or files, from the configuration's folder; * for any text, - for stdin.",
            examples=['"plans/acme.csv"'],
        ),
    ] = ""
    encoding: Annotated[
        str, Meta(description="How the file is written, when it is not UTF-8.", examples=['"windows-1252"'])
    ] = ""
    delimiter: Annotated[str, Meta(description="What separates fields, when it is ambiguous.", examples=['";"'])] = ""
    sheet: Annotated[str, Meta(description="The sheet of a workbook; * for any text.", examples=['"Plan*"'])] = ""
    header_row: Annotated[
        int, Meta(description="The row of the header, when it cannot be found by its columns.", examples=["4"], ge=0)
    ] = 0
    header_rows: Annotated[
        int,
        Meta(
            description="How many rows the header has; titles below one another are joined: 2027 and Jan are 2027 Jan.",
            examples=["2"],
            ge=1,
            le=5,
        ),
    ] = 1
    settled_after: Annotated[
        int,
        Meta(
            description="A file that was changed less than so many seconds ago is not read; for network shares, where "
            "the system does not tell that it is being written.",
            examples=["30"],
            ge=0,
        ),
    ] = 0
    connection: Annotated[
        str,
        Meta(
            description="Instead of a path, where a database's URL is: env:NAME, file:PATH, keyring:SERVICE/NAME or "
            "command:PROGRAM; sqlite:///FILE may stand here itself.",
            examples=['"env:PLANNING_DATABASE"'],
        ),
    ] = ""
    query: Annotated[
        str, Meta(description="What to read from the database.", examples=['"SELECT * FROM headcount_plan"'])
    ] = ""

    def __repr__(self) -> str:
        """Show the settings, and of a command that gives the database's URL its name alone."""
        return _shown(self, "connection")


class OwnsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[tenants.NAME.feeds.FEED.owns]]`: a part of the plan that the feed is complete for."""

    scenario: Annotated[str, Meta(description="The scenario.", examples=['"budget"'])]
    version: Annotated[str, Meta(description="The version.", examples=['"v1"'])]
    first_period: Annotated[date, Meta(description="The first month.", examples=["2027-01-01"])]
    last_period: Annotated[date, Meta(description="The last month.", examples=["2028-12-01"])]


class GuardrailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED.guardrails]`: how far a plan may go without a person's word."""

    max_retired_percent: Annotated[
        Decimal, Meta(description="Of what UKG holds, so much may be retired.", examples=["20"])
    ] = Decimal(20)
    max_total_change_percent: Annotated[
        Decimal, Meta(description="So much may the heads of a scenario move.", examples=["30"])
    ] = Decimal(30)
    max_org_unit_retired_percent: Annotated[
        Decimal, Meta(description="Of what UKG holds of one org unit, so much may be retired.", examples=["50"])
    ] = Decimal(50)
    max_org_unit_change_percent: Annotated[
        Decimal, Meta(description="So much may the heads of one org unit move.", examples=["100"])
    ] = Decimal(100)


class ControlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED.control]`: what the planning file has to add up to."""

    totals: Annotated[
        dict[Literal["projections", "headcount", "fte", "hours", "cost"], Decimal],
        Meta(description="The totals, by measure; projections counts them.", examples=['{ headcount = "16047" }']),
    ] = {}
    file: Annotated[
        str,
        Meta(description="A CSV file beside the plan that says them: measure,total.", examples=['"plan.control.csv"']),
    ] = ""


class RulesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED.rules]`: what becomes of rows that are not as they should be."""

    on_invalid: Annotated[
        Literal["refuse", "skip"],
        Meta(description="Whether one bad row stops the plan, or is left out of it.", examples=['"skip"']),
    ] = "refuse"
    duplicates: Annotated[
        Literal["refuse", "sum", "last"],
        Meta(description="What becomes of a cell that is planned more than once.", examples=['"sum"']),
    ] = "refuse"
    fte_over_headcount: Annotated[
        Literal["warn", "refuse", "allow"],
        Meta(description="Whether more full-time equivalents than heads are a fault.", examples=['"allow"']),
    ] = "warn"
    verify: Annotated[
        bool,
        Meta(description="Whether UKG is read after a sync, to see that it holds what was sent.", examples=["false"]),
    ] = True
    read_back: Annotated[
        bool,
        Meta(description="Whether UKG is read before sending, to see what others changed there.", examples=["true"]),
    ] = False
    on_drift: Annotated[
        Literal["stop", "overwrite", "keep", ""],
        Meta(
            description="What becomes of cells that others changed in UKG: stop in production, else overwrite.",
            examples=['"keep"'],
        ),
    ] = ""


class FeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tenants.NAME.feeds.FEED]`: one planning file's way to one tenant.

    schedule: when `bridgehead run` syncs it, as cron writes it. expect_new_by: by when another file has to have come,
    in the same writing. section: where its source stands in the configuration, which several tenants may share. whole:
    what a shared source has to add up to.
    """

    source: SourceSettings
    schedule: str = ""
    expect_new_by: str = ""
    section: str = ""
    whole: ControlSettings = ControlSettings()
    owns: tuple[OwnsSettings, ...] = ()
    guardrails: GuardrailSettings = GuardrailSettings()
    rules: RulesSettings = RulesSettings()
    control: ControlSettings = ControlSettings()


class TenantSettings(msgspec.Struct, frozen=True):
    """`[tenants.NAME]`."""

    name: str
    environments: dict[str, EnvironmentSettings]
    feeds: dict[str, FeedSettings]
    default_environment: str

    def environment(self, name: str | None) -> tuple[str, EnvironmentSettings]:
        """Return an environment by name, or the default one; raise ConfigError when there is none."""
        wanted = name or self.default_environment
        if wanted not in self.environments:
            raise ConfigError(
                f"{self.name} has no environment {wanted!r}.", cure=f"Known are: {', '.join(self.environments)}."
            )
        return wanted, self.environments[wanted]
