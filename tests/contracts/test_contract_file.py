"""The contract is one valid OpenAPI 3.1 file, with exactly the routes of the emulator and examples that fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import schemathesis
from tests.contract import (
    CONTRACT,
    contract,
)

from bridgehead.emulator.app import ROUTES

EVIDENCE = {"thread", "rfc7009", "rfc7517", "rfc7662", "rfc8414", "assumed"}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of the document."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from nodes(child)


def test_the_contract_is_a_valid_openapi_3_1_document() -> None:
    assert contract.document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_path(CONTRACT).validate()
    for name, one in contract.document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **one})
        contract.breaches({"$ref": f"#/components/schemas/{name}"}, None, name)  # every reference leads somewhere


def test_the_contract_has_exactly_the_operations_of_the_emulator() -> None:
    assert set(contract.operations) == {(method, path) for method, path, _ in ROUTES}


def test_every_operation_says_on_what_evidence_it_stands_and_has_a_name_of_its_own() -> None:
    operations = contract.operations.values()
    assert {operation["x-evidence"] for operation in operations} == EVIDENCE
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)


def test_every_component_is_used() -> None:
    used = {node["$ref"] for node in nodes(contract.document) if "$ref" in node}
    used |= {f"#/components/securitySchemes/{name}" for one in contract.operations.values() for name in _names(one)}
    made = {f"#/components/{kind}/{name}" for kind, some in contract.document["components"].items() for name in some}
    assert made == used


def _names(operation: dict[str, Any]) -> list[str]:
    return [name for alternative in operation["security"] for name in alternative]


def test_every_example_in_the_contract_fits_its_schema() -> None:
    found, count = [], 0
    for node in nodes(contract.document):
        if "schema" not in node:
            continue
        examples = [one["value"] for one in node.get("examples", {}).values()]
        examples += [node["example"]] if "example" in node else []
        count += len(examples)
        for example in examples:
            found += contract.breaches(node["schema"], example, json.dumps(example)[:60])
    assert found == []
    assert count > 10


# Left out: positive_data_acceptance and negative_data_rejection, since a bad record is no bad request but a result of
# its own in a 207, and a random code is a good record only by luck; ignored_auth, missing_required_header and
# object_level_authorization, since the gate's refusals have tests of their own; unsupported_method and
# allow_header_conformance, since 405 is not in the contract; use_after_free and ensure_resource_availability, since
# nothing here is deleted or has an address of its own.
