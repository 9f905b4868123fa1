"""The console used as people use it: two environments in one browser, links that are passed on, odd names, slips."""

from __future__ import annotations

from tests.console import Visitor
from tests.forging import GLOBEX


def test_another_tenants_faults_are_neither_shown_nor_ended(visitor: Visitor) -> None:
    caller = visitor.caller
    caller.switch("PUT", "faults/latency", value=1, tenant_id=GLOBEX)
    caller.switch("PUT", "faults/client-unknown", client_id="globex-headcount")
    assert "globex" not in visitor.open("/console/emulator")
    assert "None is on." in visitor.page
    answers = [visitor.send(f"/console/emulator/faults/{slug}").status for slug in ("latency", "client-unknown")]

    assert answers == [404, 404]
    on = caller.http.request("GET", f"{caller.base}/_emulator/faults").json()["on"]
    assert {fault["slug"] for fault in on} == {"latency", "client-unknown"}
    caller.switch("PUT", "faults/latency", value=1, tenant_id=caller.tenant)
    visitor.send("/console/emulator/faults/latency")
    on = caller.http.request("GET", f"{caller.base}/_emulator/faults").json()["on"]
    assert [fault["tenant_id"] for fault in on if fault["slug"] == "latency"] == [GLOBEX]
