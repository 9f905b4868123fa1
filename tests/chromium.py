"""A real browser without a screen: Debian's own Chromium, which reaches this machine alone; and axe, which looks on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DRIVER = "/usr/bin/chromedriver"
AXE = Path(__file__).parent / "emulator" / "node" / "node_modules" / "axe-core" / "axe.min.js"


def browser(*, scripts: bool = True, dark: bool = False, width: int = 1280) -> Chrome:
    """Start a browser. width: of its window; Chromium makes none narrower than 500."""
    options = ChromeOptions()
    # As root, without a screen; every name but this machine's leads nowhere.
    size = f"window-size={width},1000"
    for one in ("headless=new", "no-sandbox", "disable-gpu", size, "disable-background-networking"):
        options.add_argument(f"--{one}")
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    if dark:
        options.add_argument("--blink-settings=preferredColorScheme=0")
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chrome(options=options, service=Service(DRIVER))


@contextmanager
def leaving(chrome: Chrome) -> Iterator[None]:
    """Wait, after the block, until the page that it leads to is there."""
    before = chrome.find_element(By.TAG_NAME, "html")
    yield
    WebDriverWait(chrome, 10).until(lambda there: there.find_element(By.TAG_NAME, "html") != before)


def complaints(chrome: Chrome) -> list[str]:
    """Return what the browser complained about since it was last asked."""
    return [entry["message"] for entry in chrome.get_log("browser") if "favicon.ico" not in entry["message"]]


def hosts(chrome: Chrome) -> set[str | None]:
    """Return the hosts that it called since it was last asked."""
    asked = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in asked if one["method"] == "Network.requestWillBeSent"]
    return {urlsplit(url).hostname for url in urls if not url.startswith("data:")}


def found_by_axe(chrome: Chrome) -> dict[str, str]:
    """Return what axe finds wrong with the page: by rule the first element. It comes by the debugger, past the CSP."""
    chrome.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text()})
    asked = {"expression": "axe.run().then(JSON.stringify)", "awaitPromise": True, "returnByValue": True}
    told = json.loads(chrome.execute_cdp_cmd("Runtime.evaluate", asked)["result"]["value"])
    assert "color-contrast" in {rule["id"] for rule in told["passes"]}
    return {rule["id"]: rule["nodes"][0]["html"] for rule in told["violations"]}
