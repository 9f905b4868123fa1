"""The console in a real browser: the thread by mouse alone, with scripts and without; nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait
from tests.chromium import browser, complaints, found_by_axe, hosts, leaving
from tests.curl import ADMINISTRATOR, HEADCOUNT, SCOPES, Caller, records

from bridgehead.emulator.console.visits import MENU


class Mouse:
    """Somebody at the console with a mouse, who types only what no mouse can say."""

    def __init__(self, chrome: Chrome, caller: Caller) -> None:
        self.chrome, self.caller = chrome, caller
        chrome.get(f"{caller.base}/console")
        self.type("username", "admin@acme.example")
        self.type("password", "acme-admin")
        self.press("Sign in")

    def type(self, field: str, text: str) -> None:
        self.chrome.find_element(By.ID, field).send_keys(text)

    def press(self, words: str) -> None:
        """Press a button, and wait until the page that it leads to is there."""
        self._click(self.chrome.find_element(By.XPATH, f"//button[normalize-space()='{words}']"))

    def follow(self, words: str) -> None:
        self._click(self.chrome.find_element(By.PARTIAL_LINK_TEXT, words))

    def _click(self, element: WebElement) -> None:
        with leaving(self.chrome):
            element.click()

    def tick(self, value: str) -> None:
        self.chrome.find_element(By.CSS_SELECTOR, f"input[value='{value}']").click()

    @property
    def heading(self) -> str:
        return self.chrome.find_element(By.TAG_NAME, "h1").text

    def newest(self) -> str:
        """Return what the first line of the log says of the reason."""
        self.follow("API Access Logs")
        return self.chrome.find_element(By.CSS_SELECTOR, ".log tbody tr td:last-child").text

    def write(self, *, bound: bool) -> int:
        """Write as the thread's integration does; that is a program, not the mouse."""
        caller, client = self.caller, self.caller.client("integration")
        tenant = {"tenant_context": caller.tenant} if bound else {}
        form = {"grant_type": "client_credentials", **tenant}
        token = caller.post("/oauth/token", basic=(client.client_id, client.secret), **form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", **({"X-Tenant-ID": caller.tenant} if bound else {})}
        url = caller.base + HEADCOUNT
        return int(caller.http.request("POST", url, json=records("0100"), headers=headers).status)


@pytest.fixture(scope="module", params=["with scripts", "without scripts", "dark"])
def opened(request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """Start each kind of browser once; each test signs in anew."""
    chrome = browser(scripts=request.param != "without scripts", dark=request.param == "dark")
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def mouse(caller: Caller, opened: Chrome) -> Iterator[Mouse]:
    opened.delete_all_cookies()  # the visit of the test before
    yield Mouse(opened, caller)
    assert complaints(opened) == []
    assert hosts(opened) == {"127.0.0.1"}


def test_the_thread_by_mouse_alone(mouse: Mouse) -> None:
    assert mouse.write(bound=False) == 401
    assert mouse.newest().startswith("token-tenant the token carries no tenant context")
    mouse.follow("Mend it: API Configuration")
    assert mouse.chrome.find_element(By.ID, "tenant").text == mouse.caller.tenant
    assert mouse.write(bound=True) == 401
    assert "workforce:write and planning:manage look like it and are not enough" in mouse.newest()
    mouse.follow("Mend it: API Clients: acme-integration")
    for scope in SCOPES.split():
        mouse.tick(scope)
    mouse.press("Save")
    assert mouse.write(bound=True) == 401
    assert mouse.newest().startswith("planning-permission")
    mouse.follow("Mend it: API Clients: acme-integration")
    mouse.chrome.find_element(By.NAME, "planning_permission").click()
    mouse.press("Save")
    assert mouse.write(bound=True) == 401
    assert mouse.newest().startswith("role service account svc-acme-integration has no role")
    mouse.follow("Mend it: Role Management: svc-acme-integration")
    Select(mouse.chrome.find_element(By.ID, "role")).select_by_visible_text(ADMINISTRATOR)
    mouse.press("Assign")
    assert mouse.chrome.find_element(By.CSS_SELECTOR, "[role=status]").text.startswith(ADMINISTRATOR)
    assert mouse.write(bound=True) == 200
    mouse.follow("Headcount projections")
    assert mouse.chrome.find_element(By.CSS_SELECTOR, "figure svg rect").is_displayed()
    assert mouse.chrome.find_element(By.CSS_SELECTOR, "tbody tr:last-child td:nth-child(3)").text == "0100"


def test_every_screen_opens_from_the_menu_and_is_wide_enough(mouse: Mouse) -> None:
    for _, entry, path in MENU:
        mouse.follow(entry)
        chrome = mouse.chrome
        assert urlsplit(chrome.current_url).path == path
        assert chrome.find_element(By.CSS_SELECTOR, "nav a[aria-current=page]").text.endswith(entry)
        assert mouse.heading
        wide = chrome.find_element(By.TAG_NAME, "main").size["width"]
        assert all(one.size["width"] <= wide for one in chrome.find_elements(By.CSS_SELECTOR, "main table, main form"))


def test_with_scripts_the_log_is_filtered_at_once_and_the_tenant_id_is_copied(caller: Caller) -> None:
    chrome = browser()
    try:
        mouse = Mouse(chrome, caller)
        mouse.write(bound=False)
        mouse.follow("API Access Logs")
        Select(chrome.find_element(By.ID, "outcome")).select_by_visible_text("denied")
        rows = (By.CSS_SELECTOR, ".log tbody tr")
        WebDriverWait(chrome, 10).until(lambda there: len(there.find_elements(*rows)) == 1)
        assert "outcome=denied" in chrome.current_url
        assert chrome.find_element(By.ID, "count").text == "1 call."
        mouse.follow("API Configuration")
        chrome.execute_cdp_cmd(
            "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        )
        button = chrome.find_element(By.CSS_SELECTOR, "button[data-copy=tenant]")
        button.click()
        WebDriverWait(chrome, 10).until(lambda _: button.text == "Copied")
        assert chrome.execute_script("return navigator.clipboard.readText()") == caller.tenant
    finally:
        chrome.quit()


def test_where_the_clipboard_is_not_lent_the_tenant_id_is_selected_instead(caller: Caller) -> None:
    chrome = browser()
    try:
        mouse = Mouse(chrome, caller)
        mouse.follow("API Configuration")
        denied = {"permission": {"name": "clipboard-write"}, "setting": "denied"}
        chrome.execute_cdp_cmd("Browser.setPermission", denied)
        chrome.find_element(By.CSS_SELECTOR, "button[data-copy=tenant]").click()
        WebDriverWait(chrome, 10).until(lambda there: "by keyboard" in there.find_element(By.ID, "told").text)
        assert chrome.execute_script("return String(getSelection())") == caller.tenant
    finally:
        chrome.quit()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_screen_is_fit_for_keyboard_and_screen_reader(caller: Caller, *, dark: bool) -> None:
    """axe finds nothing: names, labels, headings, landmarks, tables, contrast (WCAG 2 AA and best practice)."""
    chrome = browser(dark=dark)
    try:
        chrome.get(f"{caller.base}/console/sign-in")
        assert found_by_axe(chrome) == {}
        mouse = Mouse(chrome, caller)
        assert mouse.write(bound=False) == 401
        headers = caller.headers(caller.token().json()["access_token"])
        caller.http.request("POST", caller.base + HEADCOUNT, json=records("0100"), headers=headers)
        caller.switch("PUT", "faults/latency", value=1)
        caller.switch("POST", "clients/acme-headcount/secrets")
        caller.switch("POST", "keys", algorithm="")
        things = ("api-clients/acme-headcount", "roles/svc-acme-headcount", "roles/admin@acme.example", "nothing")
        mouse.newest()
        (line, *_) = chrome.find_elements(By.CSS_SELECTOR, ".log tr.denied td a")
        own = urlsplit(line.get_attribute("href") or "").path
        for path in [*(path for _, _, path in MENU), *(f"/console/{thing}" for thing in things), own]:
            chrome.get(caller.base + path)
            assert found_by_axe(chrome) == {}, path
            chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
            assert chrome.switch_to.active_element.text == "Skip to the content"
    finally:
        chrome.quit()
