"""Cures: what is to be done about each cause of a refusal, as data that a dialect or a tenant can say otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

import msgspec

from bridgehead.errors import ConfigError
from bridgehead.typed import converted
from bridgehead.ukg.dialect import Section, dialect_data, merged


class Cure(Section, frozen=True):
    """What mends one cause. number: in the taxonomy of docs/doctor.md, 0 for none. menu, enter: templates."""

    number: int
    what: str
    who: Literal["you", "network", "planning-owner", "ukg-administrator", "ukg-support"]
    menu: str
    enter: str
    spreads: str


def load_cures(name: str, overrides: Mapping[str, Any]) -> dict[str, Cure]:
    """Return the catalogue of a dialect, by cause; raise ConfigError for a tenant's override that does not fit."""
    known = tomllib.loads(resources.files("bridgehead.ukg").joinpath("cures.toml").read_text(encoding="utf-8"))
    over = overrides.get("cures", {})
    unknown = sorted(set(over) - known.keys()) if isinstance(over, Mapping) else ["that is no table"]
    if unknown:
        raise _unfit(f"there is no cure for {', '.join(unknown)}")
    try:
        return converted(merged(merged(known, dialect_data(name).get("cures", {})), over), dict[str, Cure])
    except msgspec.ValidationError as wrong:
        raise _unfit(str(wrong)) from None


def _unfit(problem: str) -> ConfigError:
    return ConfigError(
        f"The dialect overrides do not fit: {problem}.",
        cure='For instance: dialect_overrides.cures.role-missing = { menu = "Security > Roles" }.',
        setting="dialect_overrides",
    )
