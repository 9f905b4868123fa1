"""*System Configuration > Organization Settings > API Configuration*: the tenant id, and how a token is asked for."""

from __future__ import annotations

import msgspec

from bridgehead.emulator import administration
from bridgehead.emulator.console.visits import Visit, signed_in
from bridgehead.emulator.exchange import Answer

_PATH = "/console/api-configuration"


@signed_in
def show(visit: Visit) -> Answer:
    """`GET /console/api-configuration`."""
    return visit.page(
        "api_configuration",
        title="API Configuration",
        base=visit.environment.base_url,
        spelling=visit.environment.spelling,
        keys=visit.environment.keys.all,
        modules=administration.MODULES,
    )


@signed_in
def change_modules(visit: Visit) -> Answer:
    """`POST /console/api-configuration/modules`: which modules the tenant has licensed."""
    modules = [name for name in administration.MODULES if name in visit.lists.get("modules", [])]
    administration.change_tenant(visit.environment, msgspec.structs.replace(visit.tenant, modules=tuple(modules)))
    return visit.back(_PATH, f"Licensed modules: {', '.join(modules) or 'none'}.")
