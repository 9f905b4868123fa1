"""The other end of the Singer target: writes a planning file as Singer messages, leaner than any tap of the SDK."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson

from bench.peers.wire import batches

KEY = ["scenario", "version", "period_start", "org_unit", "cost_center", "location", "job"]
SCHEMA = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in (*KEY, "currency")},
        "headcount": {"type": "integer"},
        "fte": {"type": "number"},
        "cost": {"type": "number"},
    },
}


def main() -> None:
    """Write schema, records and state to stdout."""
    out = sys.stdout.buffer
    out.write(orjson.dumps({"type": "SCHEMA", "stream": "headcount", "schema": SCHEMA, "key_properties": KEY}) + b"\n")
    for batch in batches(Path(sys.argv[1])):
        messages = [orjson.dumps({"type": "RECORD", "stream": "headcount", "record": record}) for record in batch]
        out.write(b"\n".join(messages) + b"\n")
    out.write(orjson.dumps({"type": "STATE", "value": {}}) + b"\n")


if __name__ == "__main__":
    main()
