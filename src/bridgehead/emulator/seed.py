"""Seeds: the state that a new emulator starts with, as a value that a YAML file may say instead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from bridgehead.emulator.directory import (
    ROLES,
    SCOPES,
    ApiClient,
    Person,
    Secret,
    ServiceAccount,
    Tenant,
    active,
    hash_password,
    hash_secret,
)
from bridgehead.emulator.records import Catalogue
from bridgehead.emulator.store import Store

ENVIRONMENTS = ("production", "sandbox")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-01")
_TENANT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|org_[A-Za-z0-9]{16}")


class SeedRefused(Exception):
    """A seed that cannot be planted."""


class SeedCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A code of reference data."""

    code: str
    name: str = ""
    active: bool = True


class SeedScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A scenario with its versions."""

    code: str
    name: str = ""
    versions: tuple[str, ...] = ("v1",)
    read_only: bool = False


class SeedCatalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tenant plans with. open_from, open_to, and those of locked: first days of months, YYYY-MM-01."""

    open_from: str
    open_to: str
    scenarios: tuple[SeedScenario, ...]
    org_units: tuple[SeedCode, ...]
    cost_centers: tuple[SeedCode, ...] = ()
    locations: tuple[SeedCode, ...] = ()
    jobs: tuple[SeedCode, ...] = ()
    locked: tuple[str, ...] = ()


class SeedClient(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An API client with its secret in the clear, and the roles of its service account; they are no secrets.

    purpose: in words, for the banner and the example configuration.
    """

    client_id: str
    secret: str = ""
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    planning_permission: bool = False
    purpose: str = ""
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    grants: tuple[str, ...] = ("client_credentials",)
    redirect_uris: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class SeedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person with their password in the clear."""

    username: str
    password: str
    name: str
    roles: tuple[str, ...] = ()
    administrator: bool = False


class SeedTenant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tenant of an environment. name: as configurations call it. title: as people do."""

    name: str
    tenant_id: str
    title: str
    catalogue: SeedCatalogue
    clients: tuple[SeedClient, ...] = ()
    people: tuple[SeedPerson, ...] = ()
    modules: tuple[str, ...] = ("core-hr", "workforce-planning")
    release: str = "2022.2"


class Seed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tenants of both environments."""

    production: tuple[SeedTenant, ...] = ()
    sandbox: tuple[SeedTenant, ...] = ()

    def tenants(self, environment: str) -> tuple[SeedTenant, ...]:
        """Return the tenants of an environment."""
        return self.production if environment == "production" else self.sandbox


def read_seed(text: bytes) -> Seed:
    """Read a seed from YAML; raise SeedRefused, which says what is wrong and where."""
    try:
        seed = msgspec.yaml.decode(text, type=Seed)
    except msgspec.DecodeError as wrong:
        raise SeedRefused(str(wrong)) from None
    for environment in ENVIRONMENTS:
        for problem in _problems(seed.tenants(environment)):
            raise SeedRefused(f"{environment}: {problem}")
    return seed


def write_seed(seed: Seed) -> bytes:
    """Return a seed as YAML."""
    return msgspec.yaml.encode(seed, order="deterministic")


def _problems(tenants: tuple[SeedTenant, ...]) -> Iterator[str]:
    named = {
        "tenant id": [tenant.tenant_id for tenant in tenants],
        "API client": [client.client_id for tenant in tenants for client in tenant.clients],
        "person": [person.username for tenant in tenants for person in tenant.people],
    }
    for what, names in named.items():
        yield from (f"the {what} {name} stands there {n} times" for name, n in Counter(names).items() if n > 1)
    for tenant in tenants:
        if not _TENANT_ID.fullmatch(tenant.tenant_id):
            told = f"the tenant id {tenant.tenant_id} of {tenant.name}"
            yield f"{told} is no lower-case UUID, nor an organization such as org_c5DJ9CCKN4WUuP98"
        for period in (tenant.catalogue.open_from, tenant.catalogue.open_to, *tenant.catalogue.locked):
            if not _MONTH.fullmatch(period):
                yield f"{period} in the catalogue of {tenant.name} is no first day of a month, YYYY-MM-01"
        for client in tenant.clients:
            yield from _problems_of_client(client)
        for person in tenant.people:
            yield from _unknown(person.username, "role", person.roles, ROLES)


def _problems_of_client(client: SeedClient) -> Iterator[str]:
    yield from _unknown(client.client_id, "role", client.roles, ROLES)
    yield from _unknown(client.client_id, "scope", client.scopes, SCOPES)
    if not client.secret and client.methods not in (("none",), ("private_key_jwt",)):
        yield f"{client.client_id} has no secret"


def _unknown(who: str, what: str, named: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    for one in sorted(set(named) - set(known)):
        yield f"{who} has the {what} {one}; there are {', '.join(sorted(known))}"


def plant(store: Store, seed: Seed, hash_key: bytes, now: str) -> None:
    """Write the seed into an environment that is still empty."""
    for tenant in seed.tenants(store.environment):
        store.keep(tenant.tenant_id, Tenant(tenant.tenant_id, tenant.title, tenant.modules, tenant.release))
        store.keep(tenant.tenant_id, msgspec.convert(msgspec.to_builtins(_filled(tenant.catalogue)), Catalogue))
        for person in tenant.people:
            password = hash_password(person.password, bytes(16), cost=2)
            kept = Person(person.username, tenant.tenant_id, person.name, password, active(person.roles, now))
            store.keep(person.username, msgspec.structs.replace(kept, administrator=person.administrator))
        for client in tenant.clients:
            account = ServiceAccount(f"svc-{client.client_id}", tenant.tenant_id, active(client.roles, now))
            store.keep(account.account_id, account)
            registered = ApiClient(
                client.client_id,
                tenant.tenant_id,
                account.account_id,
                client.scopes,
                secrets=(Secret(hash_secret(client.secret, hash_key), now),) if client.secret else (),
                methods=client.methods,
                grants=client.grants,
                redirect_uris=client.redirect_uris,
                addresses=client.addresses,
                planning_permission=client.planning_permission,
            )
            store.keep(client.client_id, registered)


def _filled(catalogue: SeedCatalogue) -> dict[str, object]:
    """Return a catalogue with every member of its codes, as the metadata call answers."""
    documents = {name: getattr(catalogue, name) for name in ("open_from", "open_to", "locked")}
    for name in ("org_units", "cost_centers", "locations", "jobs", "scenarios"):
        documents[name] = [msgspec.structs.asdict(one) for one in getattr(catalogue, name)]
    return documents
