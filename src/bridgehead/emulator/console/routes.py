"""The console's addresses."""

from __future__ import annotations

from bridgehead.emulator.console import clients, configuration, emulator, log, planning, roles, visits
from bridgehead.emulator.environment import Environment
from bridgehead.emulator.exchange import Answer, Handler, Inbound
from bridgehead.emulator.pages import script


def _script(name: str) -> Handler:
    def served(_: Environment, __: Inbound) -> Answer:
        headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Answer(200, script(name), headers, media_type="text/javascript; charset=utf-8")

    return served


CONSOLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/console", visits.home),
    ("GET", "/console/sign-in", visits.show_sign_in),
    ("POST", "/console/sign-in", visits.sign_in),
    ("POST", "/console/sign-out", visits.sign_out),
    ("GET", "/console/api-configuration", configuration.show),
    ("POST", "/console/api-configuration/modules", configuration.change_modules),
    ("GET", "/console/api-clients", clients.show_all),
    ("POST", "/console/api-clients", clients.register),
    ("GET", "/console/api-clients/{id}", clients.show),
    ("POST", "/console/api-clients/{id}", clients.change),
    ("POST", "/console/api-clients/{id}/secrets", clients.add_secret),
    ("POST", "/console/api-clients/{id}/secrets/{number}", clients.withdraw_secret),
    ("GET", "/console/roles", roles.show_all),
    ("GET", "/console/roles/{id}", roles.show),
    ("POST", "/console/roles/{id}", roles.assign),
    ("POST", "/console/roles/{id}/activate", roles.activate),
    ("POST", "/console/roles/{id}/remove", roles.remove),
    ("POST", "/console/roles/{id}/lock", roles.lock),
    ("GET", "/console/api-access-logs", log.show_all),
    ("GET", "/console/api-access-logs.csv", log.export),
    ("GET", "/console/api-access-logs.json", log.export),
    ("GET", "/console/api-access-logs/{number}", log.show),
    ("GET", "/console/planning", planning.show),
    ("GET", "/console/emulator", emulator.show),
    ("POST", "/console/emulator/strictness", emulator.set_strictness),
    ("POST", "/console/emulator/keys", emulator.rotate_key),
    ("POST", "/console/emulator/keys/{id}", emulator.withdraw_key),
    ("POST", "/console/emulator/faults", emulator.switch_on),
    ("POST", "/console/emulator/faults/{slug}", emulator.switch_off),
    ("GET", "/console/static/htmx.js", _script("htmx.js")),
    ("GET", "/console/static/console.js", _script("console.js")),
    ("GET", "/console/{rest:path}", visits.missing),
)
