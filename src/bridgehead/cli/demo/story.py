"""The demo's acts: last month's script and its 401, the repair link by link, then the plan that arrives."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3
from rich.console import Console
from rich.markup import escape

from bridgehead.cli.demo import workforce
from bridgehead.cli.demo.last_month import Script

if TYPE_CHECKING:
    from bridgehead.emulator import DemoClient, Emulator

_EXACT = ("workforce.planning.write", "compliance.data.access", "tenant.context.read")
_CONFIG = """\
# The demo's configuration: two tenants, two environments. `bridgehead emulate` plays UKG Pro.

{environments}
[tenants.acme.feeds.headcount.source]
path = "acme-plan.csv"
headers = {{ pattern = '(?P<year>\\d{{4}})-(?P<month>\\d{{2}})', measure = "headcount" }}
ignore = ["Total"]

[tenants.acme.feeds.headcount.source.columns]
scenario = "Scenario"
version = "Version"
org_unit = "Department"
cost_center = "Cost centre"
location = "Site"
job = "Job"

[tenants.globex.feeds.headcount.source]
path = "globex-plan.csv"
constants = {{ scenario = "forecast", version = "v1", currency = "EUR" }}

[tenants.globex.feeds.headcount.source.columns]
period_start = "Period"
org_unit = "Org unit"
cost_center = "Cost center"
location = "Location"
job = "Job code"
headcount = "Heads"
fte = "FTE"
cost = "Cost"

# A mistake made on purpose: Acme's tenant, Globex's credentials.
[tenants.mixed-up.environments.production]
tenant_id = "{acme_id}"
base_url = "{base_url}"
client_id = "globex-headcount"
client_secret = "file:secrets/globex-production"

[tenants.mixed-up.feeds.headcount.source]
path = "acme-plan.csv"
headers = {{ pattern = '(?P<year>\\d{{4}})-(?P<month>\\d{{2}})', measure = "headcount" }}
ignore = ["Total"]
columns = {{ scenario = "Scenario", version = "Version", org_unit = "Department", cost_center = "Cost centre", \
location = "Site", job = "Job" }}
"""
_ENVIRONMENT = """\
[tenants.{tenant}.environments.{environment}]
tenant_id = "{tenant_id}"
base_url = "{base_url}"
client_id = "{client_id}"
client_secret = "file:secrets/{tenant}-{environment}"
approval = "guardrails"  # else every plan for production waits for a person
"""


@dataclass(slots=True)
class Story:
    """Tells the demo.

    run: runs a command as a user would type it, and returns its exit code. program: how the user calls bridgehead.
    """

    emulator: Emulator
    folder: Path
    run: Callable[[list[str]], int]
    console: Console
    http: urllib3.PoolManager
    program: str

    def act(self, number: int, title: str) -> None:
        """Begin an act."""
        self.console.print(f"\n[bold cyan]{number}. {escape(title)}[/]")

    def say(self, words: str) -> None:
        """Tell something."""
        self.console.print(escape(words))

    def typed(self, line: str, *, expect: int = 0) -> None:
        """Show a command, run it, and make sure that it ends as the story says."""
        self.console.print(f"\n[bold]$ {escape(line)}[/]")
        code = self.run(shlex.split(line)[1:])
        if code != expect:
            raise RuntimeError(f"{line!r} ended with {code}, the story says {expect}")
        if code:
            self.console.print(f"[dim](exit code {code})[/]")

    def client(self, tenant: str, environment: str, kind: str) -> DemoClient:
        """Return a client of the seed."""
        wanted = (tenant, environment, f"{tenant}-{kind}")
        return next(
            one for one in self.emulator.demo_clients() if (one.tenant, one.environment, one.client_id) == wanted
        )

    def prepare(self) -> int:
        """Write the planning files and the configuration; return how many projections there are."""
        projections = workforce.write_wide(self.folder / "acme-plan.csv")
        projections += workforce.write_long(self.folder / "globex-plan.csv")
        secrets = self.folder / "secrets"
        secrets.mkdir(mode=0o700)
        sections = []
        for environment in ("production", "sandbox"):
            for tenant in ("acme", "globex"):
                client = self.client(tenant, environment, "headcount")
                secret = secrets / f"{tenant}-{environment}"
                secret.touch(mode=0o600)
                secret.write_text(client.secret + "\n", encoding="utf-8")
                sections.append(
                    _ENVIRONMENT.format(
                        tenant=tenant,
                        environment=environment,
                        tenant_id=client.tenant_id,
                        base_url=client.base_url,
                        client_id=client.client_id,
                    )
                )
        acme = self.client("acme", "production", "headcount")
        text = _CONFIG.format(environments="\n".join(sections), acme_id=acme.tenant_id, base_url=acme.base_url)
        (self.folder / "bridgehead.toml").write_text(text, encoding="utf-8")
        return projections

    def meet_the_401(self) -> Script:
        """Act one: the sandbox accepts, production refuses."""
        self.act(1, "Last month's script: plain HTTP calls, as in the thread")
        sandbox = self.client("acme", "sandbox", "integration")
        script = Script(sandbox.base_url, sandbox.client_id, sandbox.secret, "workforce:write planning:manage")
        self._try("sandbox", script)
        production = self.client("acme", "production", "integration")
        script = script.with_(base_url=production.base_url, secret=production.secret)
        self.say("\nThe same script against production. A token is issued, other endpoints work, and then:")
        _, answer = script.with_(scope="employees.read").token(self.http)
        employees = script.get(self.http, "/api/v1/employees", answer["access_token"])
        self.say(f"  GET  /api/v1/employees                      {employees}")
        self._try("production", script)
        return script

    def _try(self, where: str, script: Script) -> bool:
        """Run the script; show what it sees, and what only the audit log knows."""
        status, answer = script.token(self.http)
        shown = "a token" if status == 200 else f"{answer['error']}: {answer['error_description']}"
        self.say(f"  POST /oauth/token      scope={script.scope}")
        self.say(f"       tenant_context={script.tenant_context or '(not sent)'}   {status} {shown}")
        if status == 200:
            status, answer = script.post(self.http, answer["access_token"])
            told = answer.get("error") or ", ".join(result["status"] for result in answer["results"])
            colour = "green" if status == 200 else "red"
            self.say("  POST /api/v1/workforce/planning/headcount")
            self.say(f"       X-Tenant-ID={script.header or '(not sent)'}")
            self.console.print(f"       [{colour}]{where} answers {status} {escape(told)}[/]")
        if status != 200:
            entry = self._newest_entry(script)
            self.console.print(f"       audit log: [yellow]{entry['check']}[/]: {escape(entry['reason'])}")
        return status == 200

    def _newest_entry(self, script: Script) -> Any:
        url = f"{script.base_url}/_emulator/audit?limit=1&client_id={script.client_id}"
        return self.http.request("GET", url).json()["entries"][0]

    def _administrator(self, menu: str, what: str, path: str, **change: Any) -> None:
        """Do what an administrator does on a screen of UKG Pro."""
        self.console.print(f"\n  [bold]Repair[/] {escape(menu)}: {escape(what)}")
        self.http.request("PATCH", f"{self.emulator.production}/_emulator/{path}", json=change)

    def repair(self, script: Script) -> None:
        """Act two: each missing piece in turn, until the same call passes."""
        self.act(2, "The chain, link by link: what the audit log names is repaired, and tried again")
        tenant_id = self.client("acme", "production", "integration").tenant_id
        self.console.print("\n  [bold]Repair[/] the token request: send tenant_context, from tenant/info")
        script = script.with_(tenant_context=tenant_id)
        self._try("production", script)
        self.console.print("\n  [bold]Repair[/] the call: send the header X-Tenant-ID")
        script = script.with_(header=tenant_id)
        self._try("production", script)
        self.console.print("\n  [bold]Repair[/] the token request: ask for the exact scopes")
        script = script.with_(scope=" ".join(_EXACT))
        self._try("production", script)
        clients, account = f"clients/{script.client_id}", f"service-accounts/svc-{script.client_id}"
        self._administrator(
            "Integration Hub > API Clients",
            "register the three exact scopes",
            clients,
            scopes=[*_EXACT, "employees.read"],
        )
        self._try("production", script)
        self._administrator(
            "Integration Hub > API Clients",
            "grant the tenant's workforce planning permission",
            clients,
            planning_permission=True,
        )
        self._try("production", script)
        self._administrator(
            "Role Management",
            "assign Workforce Planning Administrator to the service account",
            account,
            roles=["Workforce Planning Administrator", "Employee Data Reader"],
        )
        if not self._try("production", script):
            raise RuntimeError("the repaired script was refused")

    def deliver(self, projections: int) -> None:
        """Act three: the same with bridgehead, for two tenants."""
        self.act(3, f"The same with bridgehead: {projections:,} projections, two tenants, 24 months")
        self.typed("bridgehead plan acme")
        self.typed("bridgehead sync acme")
        self.typed("bridgehead sync globex")
        self.typed("bridgehead sync acme")

    def change(self) -> None:
        """Act four: a month later, only what changed is sent; and it arrived."""
        self.act(4, "A month later: three numbers changed, one line gone")
        workforce.edit(self.folder / "acme-plan.csv")
        self.typed("bridgehead plan acme")
        self.typed("bridgehead sync acme")
        self.typed("bridgehead verify acme")
        self.typed("bridgehead verify globex")

    def cross(self) -> None:
        """Act five: one tenant's plan with the other's credentials never leaves."""
        self.act(5, "A mistake: Acme's plan with Globex's credentials")
        before = self._writes()
        self.typed("bridgehead sync mixed-up", expect=4)
        self.say(f"Write calls that reached UKG: {self._writes() - before}.")

    def _writes(self) -> int:
        url = f"{self.emulator.production}/_emulator/audit?limit=99999"
        entries = self.http.request("GET", url).json()["entries"]
        return sum(entry["method"] == "POST" and entry["path"].endswith("/headcount") for entry in entries)

    def tell(self) -> None:
        """Play all acts, then say what to type next."""
        begun = time.monotonic()
        projections = self.prepare()
        script = self.meet_the_401()
        self.repair(script)
        self.deliver(projections)
        self.change()
        self.cross()
        self._next(time.monotonic() - begun)

    def _next(self, seconds: float) -> None:
        ports = " ".join(
            f"--{name}-port {environment.base_url.rpartition(':')[2]}"
            for name, environment in self.emulator.environments.items()
        )
        self.act(6, f"Your turn (the demo took {seconds:.0f} s)")
        self.say(f"Everything is in {self.folder.name}/. In one terminal:")
        self.console.print(f"  [bold]cd {self.folder.name} && {self.program} emulate --state ukg.sqlite {ports}[/]")
        self.say("In another one, edit acme-plan.csv and type:")
        self.console.print(f"  [bold]cd {self.folder.name} && {self.program} plan acme[/]")
        self.say("With your own planning file:")
        self.console.print(f"  [bold]{self.program} init PLAN.csv[/]")
