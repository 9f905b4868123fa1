"""The page *Walk the thread with curl*, run as it stands: curl alone walks the thread's steps."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.conftest import Desk

PAGE = (Path(__file__).parents[2] / "docs" / "walk-the-thread.md").read_text()


def test_curl_alone_walks_the_threads_steps_and_hears_what_the_page_says(desk: Desk) -> None:
    script = "\n".join(re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL))
    expected = re.findall(r"^#> (.*)$", script, re.MULTILINE)
    environment = {
        "PATH": os.environ["PATH"],
        "PRODUCTION": desk.emulator.production,
        "SANDBOX": desk.emulator.sandbox,
    }
    done = subprocess.run(
        ["/bin/bash", "-eu", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    # An answer of curl without a line end stands before the next one.
    heard = done.stdout.replace("}{", "}\n{").split("\n")

    assert done.stderr == ""
    assert [line for line in heard if line] == expected
    assert len(expected) > 15
