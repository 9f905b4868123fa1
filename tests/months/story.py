"""What happens in the three months: each happening meets its tenants on its day, and people act in the morning."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import msgspec
import urllib3

from bridgehead.config import load
from bridgehead.deciding import decide
from bridgehead.emulator import DemoClient, demo_seed
from bridgehead.emulator.seed import Seed
from bridgehead.errors import BridgeheadError
from bridgehead.ledgers.ledger import FeedLedger
from bridgehead.tenant import Choice, choose, open_ledger, open_sync
from tests.months.truth import HEADER, RENAMED, Planners
from tests.nights import Nights

TENANTS = tuple(f"tenant{number:02d}" for number in range(20))
BEGIN = date(2026, 11, 30)
_WRITE = "/api/v1/workforce/planning/headcount"
_SCOPES = "workforce.planning.write compliance.data.access tenant.context.read"


def seed() -> Seed:
    """Return twenty tenants, each as Acme is, with enough cost centres for a reorganisation."""
    (acme, *_) = demo_seed().production
    text = json.dumps(msgspec.to_builtins(acme))
    centres = [{"code": f"CC{number:04d}"} for number in range(100, 240)]
    tenants = []
    for number, name in enumerate(TENANTS):
        copied = json.loads(text.replace("acme", name))
        copied["catalogue"]["cost_centers"] = centres
        tenants.append(copied | {"tenant_id": f"00000000-0000-4000-8000-{number:012d}"})
    return msgspec.convert({"production": tenants, "sandbox": []}, Seed)


@dataclass(slots=True)
class Story:
    """The office of all tenants, and what its people do. calendar: by day, what happens in its evening."""

    nights: Nights
    chance: random.Random
    planners: dict[str, Planners] = field(default_factory=dict)
    calendar: dict[date, list[Callable[[], None]]] = field(default_factory=dict)
    mistaken: set[str] = field(default_factory=set)
    expected: dict[str, list[str]] = field(default_factory=dict)
    wrong_run: str = ""

    @property
    def folder(self) -> Path:
        """Where the office keeps its files."""
        return self.nights.folder

    def client(self, tenant: str) -> DemoClient:
        """Return a tenant's headcount client."""
        return next(one for one in self.nights.emulator.demo_clients() if one.client_id == f"{tenant}-headcount")

    def choice(self, tenant: str) -> Choice:
        """Return a tenant's feed as it is configured now."""
        return choose(load(self.folder / "bridgehead.toml"), tenant, None, None)

    def ledger(self, tenant: str) -> FeedLedger:
        """Open a tenant's ledger."""
        return open_ledger(self.choice(tenant), self.nights.clock)

    def on(self, month: int, day: int, happening: Callable[[], None]) -> None:
        """Let something happen in the evening of a day."""
        self.calendar.setdefault(date(2026 if month > 6 else 2027, month, day), []).append(happening)

    def tell(self, tenant: str, *states: str) -> None:
        """Note which notices a tenant's people have to get, in this order."""
        self.expected.setdefault(tenant, []).extend(states)

    def configure(self, blackout: str = "") -> None:
        """Write the configuration of all tenants; the first five demand an approval for every plan."""
        sections = ['[notify]\nwebhook = "file:hook.url"\n']
        columns = ", ".join(f'{name} = "{name}"' for name in HEADER.split(","))
        for number, tenant in enumerate(TENANTS):
            client = self.client(tenant)
            secret = self.folder / f"{tenant}.secret"
            if not secret.exists():
                secret.write_text(client.secret)
            crosswalk = self.folder / f"{tenant}.crosswalk.csv"
            crosswalks = (
                f'crosswalks.cost_center = {{ path = "{crosswalk.name}", effective = "since", unknown = "keep" }}'
                if crosswalk.exists()
                else ""
            )
            sections.append(
                f"[tenants.{tenant}.environments.production]\n"
                f'tenant_id = "{client.tenant_id}"\nbase_url = "{client.base_url}"\nclient_id = "{client.client_id}"\n'
                f'client_secret = "file:{tenant}.secret"\napproval = "{"required" if number < 5 else "guardrails"}"\n'
                f"attempts = 2\n{blackout if tenant == 'tenant18' else ''}\n"
                f'[tenants.{tenant}.feeds.headcount]\nschedule = "30 2 * * *"\nexpect_new_by = "0 18 5 * *"\n'
                f'[tenants.{tenant}.feeds.headcount.source]\npath = "{tenant}.csv"\ncolumns = {{ {columns} }}\n'
                f"{crosswalks}\n"
            )
        (self.folder / "bridgehead.toml").write_text("\n".join(sections))

    def begin(self) -> None:
        """Hand the first plans over, and fill the calendar."""
        (self.folder / "tenant09.crosswalk.csv").write_text("from,to,since\n")
        for tenant in TENANTS:
            self.planners[tenant] = Planners(tenant, self.chance, self.folder)
            self.planners[tenant].begin()
            self.planners[tenant].hand_over()
        self.configure()
        for tenant in TENANTS[:5]:
            self.tell(tenant, "approval-needed", "healthy")
        for month in (12, 1, 2):
            self.on(month, 3, lambda month=month: self.new_month(month))  # type: ignore[misc]
        self._troubles_of_files()
        self._troubles_of_plans()
        self._troubles_of_ukg()

    def new_month(self, month: int) -> None:
        """Let all planners think again and hand their files over, those who are late later."""
        late = {1: ("tenant05",), 2: ("tenant06",)}.get(month, ())
        for tenant, planners in self.planners.items():
            if tenant not in late:
                planners.revise()
                planners.hand_over(self.rows(tenant))
        for tenant in TENANTS[:5]:
            self.tell(tenant, "approval-needed", "healthy")

    def rows(self, tenant: str) -> list[str]:
        """Return the lines of a tenant's file; one whose codes a crosswalk renames still writes the old ones."""
        renamed = tenant == "tenant09" and any(cell[3] in RENAMED.values() for cell in self.planners[tenant].plan)
        old = {new: code for code, new in RENAMED.items()} if renamed else {}
        return self.planners[tenant].rows(centres=old)

    def _late(self, tenant: str) -> None:
        self.planners[tenant].revise()
        self.planners[tenant].hand_over()

    def _broken(self, tenant: str, *, header: bool) -> None:
        rows = self.planners[tenant].rows()
        text = "\n".join([HEADER.replace("headcount", "heads") if header else HEADER, *rows])
        (self.folder / f"{tenant}.csv").write_text(text.replace("CC0107", "CC0107" if header else "CC9999") + "\n")

    def _troubles_of_files(self) -> None:
        self.tell("tenant05", "late", "came")
        self.tell("tenant06", "late", "came")
        self.on(1, 8, lambda: self._late("tenant05"))
        self.on(2, 7, lambda: self._late("tenant06"))
        self.on(12, 10, lambda: self._broken("tenant07", header=False))
        self.on(12, 12, self.planners["tenant07"].hand_over)
        self.tell("tenant07", "rows-invalid", "healthy")
        self.on(1, 14, lambda: self._broken("tenant08", header=True))
        self.on(1, 16, self.planners["tenant08"].hand_over)
        self.tell("tenant08", "mapping-mismatch", "healthy")

    def _troubles_of_plans(self) -> None:
        self.on(1, 20, self.reorganise_by_crosswalk)
        self.on(1, 21, lambda: self.reorganise("tenant10"))
        self.tell("tenant10", "guardrail", "healthy")
        self.on(2, 10, self.rebase)
        self.on(1, 25, lambda: self.wrong_file("tenant14"))
        self.tell("tenant14", "guardrail", "healthy", "guardrail", "healthy")
        self.on(1, 27, self.planners["tenant14"].hand_over)
        self.on(2, 14, lambda: self.wrong_file("tenant19"))
        self.on(2, 16, self.planners["tenant19"].hand_over)
        self.tell("tenant19", "guardrail", "healthy")

    def _troubles_of_ukg(self) -> None:
        self.on(12, 20, lambda: self.edit_in_ukg("tenant12"))
        self.tell("tenant12", "drift", "healthy")
        self.on(12, 15, lambda: self.expire_secret("tenant13"))
        self.on(12, 17, lambda: self.new_secret("tenant13"))
        self.tell("tenant13", "token-refused", "healthy")
        fault = "role-missing"
        self.on(1, 11, lambda: self._fault(fault, "tenant16-headcount"))
        self.on(1, 13, self.nights.emulator.switch_off)
        self.tell("tenant16", "permission-refused", "healthy")
        self.on(1, 5, lambda: self._fault("server-error", "tenant15-headcount"))
        self.on(1, 6, self.nights.emulator.switch_off)
        self.tell("tenant15", "unavailable", "healthy")
        self.on(2, 1, lambda: self.configure('blackout = ["2027-02-02 00:00 - 2027-02-05 12:00"]'))
        self.on(2, 20, lambda: self.nights.start() and None)

    def _fault(self, slug: str, client_id: str) -> None:
        self.nights.emulator.switch_on(slug, client_id=client_id)

    def reorganise_by_crosswalk(self) -> None:
        """Rename forty cost centres by a dated crosswalk: the numbers move."""
        lines = ["from,to,since", *(f"{old},{new},2027-01" for old, new in RENAMED.items())]
        (self.folder / "tenant09.crosswalk.csv").write_text("\n".join(lines) + "\n")
        self.planners["tenant09"].rename()
        self.planners["tenant09"].hand_over(self.rows("tenant09"))

    def reorganise(self, tenant: str) -> None:
        """Rename forty cost centres in the file itself: all is retired and created anew, which a person has to see."""
        self.planners[tenant].rename()
        self.planners[tenant].hand_over()

    def rebase(self) -> None:
        """Let a tenant plan another version."""
        self.planners["tenant11"].rebase()
        self.planners["tenant11"].hand_over()

    def wrong_file(self, tenant: str) -> None:
        """Put a file in place that nobody means: all heads doubled; tenant14's is approved by mistake."""
        self.planners[tenant].hand_over(self.planners[tenant].rows(factor=2))
        if tenant == "tenant14":
            self.mistaken.add(tenant)

    def edit_in_ukg(self, tenant: str) -> None:
        """Let somebody change three numbers in UKG itself."""
        client = self.client(tenant)
        held = sorted(self.nights.held(client.tenant_id).items())
        with urllib3.PoolManager(retries=False) as http:
            token = http.request(
                "POST",
                f"{client.base_url}/oauth/token",
                fields={
                    "grant_type": "client_credentials",
                    "scope": _SCOPES,
                    "tenant_context": client.tenant_id,
                },
                encode_multipart=False,
                headers=urllib3.make_headers(basic_auth=f"{client.client_id}:{client.secret}"),
            ).json()["access_token"]
            records = [{**record, "headcount": 99} for _, record in held[:3]]
            answer = http.request(
                "POST",
                f"{client.base_url}{_WRITE}",
                headers={
                    "Authorization": f"Bearer {token}",
                    "X-Tenant-ID": client.tenant_id,
                    "Content-Type": "application/json",
                    "Idempotency-Key": "somebody-else",
                },
                body=json.dumps({"records": records}).encode(),
            )
        assert answer.status == 200, answer.data

    def _rotate(self, tenant: str) -> str:
        client = self.client(tenant)
        url = f"{client.base_url}/_emulator/clients/{client.client_id}/secrets"
        with urllib3.PoolManager(retries=False) as http:
            made = http.request("POST", url).json()
            answer = http.request("DELETE", f"{url}/1")
        assert answer.status == 200, answer.data
        return str(made["client_secret"])

    def expire_secret(self, tenant: str) -> None:
        """Let the API client have another secret, which nobody has told the feed."""
        (self.folder / "next.secret").write_text(self._rotate(tenant))

    def new_secret(self, tenant: str) -> None:
        """Put the new secret where the configuration says it is."""
        (self.folder / f"{tenant}.secret").write_text((self.folder / "next.secret").read_text())

    def morning(self) -> None:
        """Let people look at what waits and at what went wrong, and act."""
        for tenant in TENANTS:
            with closing(self.ledger(tenant)) as ledger:
                one = ledger.proposals.waiting()
                if one is not None:
                    right = self._is_right(tenant) or bool(one.plan.reverts)
                    approve = right or tenant in self.mistaken
                    by = "max.jung" if tenant in self.mistaken and not right else "jo.berg"
                    reason = "as planned" if right else "looks fine" if approve else "last month's numbers twice"
                    decide(self.choice(tenant), ledger, one, approve=approve, by=by, reason=reason)
                verdict = ledger.agenda.appointment().verdict
            if verdict is not None and verdict.state == "drift":
                self._repair(tenant)
        self._revert()

    def _is_right(self, tenant: str) -> bool:
        """Whether the file in place is the one that the planners mean."""
        text = (self.folder / f"{tenant}.csv").read_text().splitlines()[1:]
        return text == self.rows(tenant)

    def _repair(self, tenant: str) -> None:
        with open_sync(self.choice(tenant), clock=self.nights.clock) as sync:
            for _ in sync.repair(owner="jo.berg@office (2)"):
                pass

    def _revert(self) -> None:
        """The day after a wrong file was sent by mistake, somebody sees it and takes that run back."""
        for tenant in sorted(self.mistaken):
            with closing(self.ledger(tenant)) as ledger:
                wrong = next((run for run in ledger.history() if run.approved_by == "max.jung"), None)
            if wrong is None:
                continue
            self.mistaken.discard(tenant)
            self.wrong_run = wrong.run_id
            self.planners[tenant].hand_over()
            with (
                open_sync(self.choice(tenant), clock=self.nights.clock, revert=wrong.run_id) as sync,
                suppress(BridgeheadError),
            ):
                for _ in sync.run(owner="jo.berg@office (2)"):
                    pass

    def evening(self, day: date) -> None:
        """Let happen what the calendar has for a day."""
        for happening in self.calendar.get(day, []):
            happening()

    def days(self, count: int) -> list[date]:
        """Return the days of the story."""
        return [BEGIN + timedelta(days=number) for number in range(count)]
