"""Who may sign in to the page, which tenants each person sees, and for which they decide; as the configuration says."""

from __future__ import annotations

from bridgehead.config import Config
from bridgehead.errors import ConfigError
from bridgehead.service.web.passwords import is_hash

_ALL = "*"


def check_people(config: Config) -> None:
    """Raise ConfigError where nobody may sign in, or a person's section cannot be meant as it stands."""
    if not config.people:
        raise ConfigError(
            f"{config.path.name} names nobody who may sign in to the page.",
            cure="Make a section [people.NAME] for each person; the command asks for their password and prints it.",
            next_command="bridgehead person NAME",
        )
    for name, person in config.people.items():
        section = f"people.{name}"
        if not is_hash(person.password):
            cure = f"Paste what `bridgehead person {name}` prints."
            raise config.sections.wrong(section, "password", "password is no hash.", cure)
        for key in ("sees", "approves"):
            for tenant in getattr(person, key):
                if tenant != _ALL and tenant not in config.tenants:
                    cure = f"Known are: {', '.join(config.tenants)}; * is all."
                    raise config.sections.wrong(section, key, f"{key} names {tenant!r}, which is no tenant.", cure)


def may_see(config: Config, person: str, tenant: str) -> bool:
    """Whether a person sees a tenant."""
    return tenant in config.tenants and person in config.people and _names(config.people[person].sees, tenant)


def may_decide(config: Config, person: str, tenant: str) -> bool:
    """Whether a person decides on the plans of a tenant."""
    return may_see(config, person, tenant) and _names(config.people[person].approves, tenant)


def _names(tenants: tuple[str, ...], tenant: str) -> bool:
    return tenant in tenants or _ALL in tenants
