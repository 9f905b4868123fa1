"""Remedies: the catalogue of cures, filled in for one patient."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from urllib.parse import urlsplit

from bridgehead.doctor.case import Case
from bridgehead.doctor.finding import Remedy, Suspect
from bridgehead.doctor.links.planning import calm_rate
from bridgehead.doctor.links.token import missing_scopes


def suspect(case: Case, cause: str) -> Suspect:
    """Return a cause with what mends it here."""
    cure, values = case.patient.cures[cause], _values(case)
    menu, enter = (_filled(template, values) for template in (cure.menu, cure.enter))
    return Suspect(cause, cure.number, cure.what, Remedy(cure.who, menu, enter, cure.spreads))


def _values(case: Case) -> dict[str, str]:
    who, dialect, standard = case.identity, case.dialect, case.patient.standard
    parameters = dialect.token.parameters | standard.token.parameters
    bound = next((f"{name}={one}" for name, one in parameters.items() if "{tenant_id}" in one), "")
    heard = [case.__dict__[name] for name in ("plain_info", "info") if name in case.__dict__]
    told = [one.says(dialect.tenant_info.tenant) for one in heard]
    way = "post" if case.patient.dialect.token.client_authentication == "basic" else "basic"
    return {
        "tenant": who.tenant,
        "environment": who.environment,
        "section": f"[tenants.{who.tenant}.environments.{who.environment}]",
        "client_id": who.client_id,
        "account": f"the service account of {who.client_id}" if who.login is None else "the person who is signed in",
        "tenant_id": case.acting.tenant_id if "acting" in case.__dict__ else who.tenant_id,
        "told_tenant": next(
            (one for one in told if re.fullmatch(dialect.tenant_id.pattern, one)),
            f"(see {dialect.tenant_id.menu})",
        ),
        "base_url": who.base_url,
        "host": urlsplit(who.base_url).hostname or who.base_url,
        "scopes": " ".join(dialect.scopes),
        "missing": ", ".join(missing_scopes(case)) or ", ".join(dialect.scopes),
        "method": way,
        "parameter": bound.replace("{tenant_id}", who.tenant_id),
        "header": dialect.call.tenant_header,
        "key_header": dialect.call.key_header or "its header",
        "audience": dialect.token.audience or "of this API",
        "path_key": "token.path, tenant_info.path, metadata.path or headcount.path",
        "calm": str(calm_rate(case)),
        "api_clients": dialect.menus.api_clients,
        "roles": dialect.menus.roles,
        "audit": dialect.menus.audit,
        "api_configuration": dialect.tenant_id.menu,
    }


class _Values(dict[str, str]):
    """What a template may name; what it names besides stays as it is."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _filled(template: str, values: Mapping[str, str]) -> str:
    try:
        return string.Formatter().vformat(template, (), _Values(values))
    except (ValueError, IndexError, KeyError, AttributeError):
        return template
