"""A target of the Singer SDK, fed by a tap through a pipe. Fair: its faster reader, and a tap leaner than its own.

The SDK validates every record against the schema, which is its default and cannot be had elsewhere in the pipeline.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import msgspec
import requests
from singer_sdk import BatchSink, Target
from singer_sdk.contrib.msgspec import MsgSpecReader

from bench.peers.wire import BATCH, HEADERS, asked

ENCODER = msgspec.json.Encoder(decimal_format="number")  # the SDK hands numbers over as decimals


class HeadcountSink(BatchSink):
    """Posts each batch."""

    max_size = BATCH
    include_sdc_metadata_properties = False

    def setup(self) -> None:
        """Open the connection."""
        self.session = requests.Session()
        self.session.headers.update(HEADERS)

    def process_batch(self, context: dict[str, Any]) -> None:
        """Post one batch."""
        body = ENCODER.encode({"records": context["records"]})
        self.session.post(self.config["url"], data=body, timeout=60).raise_for_status()


class HeadcountTarget(Target):
    """The target."""

    name = "target-headcount"
    config_jsonschema = {"properties": {"url": {"type": "string"}}}  # noqa: RUF012 - as every target states it
    default_sink_class = HeadcountSink
    message_reader_class = MsgSpecReader


def main() -> None:
    """Run tap and target, and fail when either does."""
    url, file = asked()
    command = [sys.executable, "-m", "bench.peers.singer_tap", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tap:  # noqa: S603 - our own program
        HeadcountTarget(config={"url": url}).listen(tap.stdout)
    sys.exit(tap.returncode)


if __name__ == "__main__":
    main()
