"""The page in a real browser, by somebody who never saw the command line; fit for keyboard and screen reader."""

from __future__ import annotations

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.analyst import PASSWORD, some_lines
from tests.chromium import browser, complaints, found_by_axe, hosts, leaving
from tests.conftest import UNJUDGED, Desk
from tests.service.page.conftest import configure

FEED = "/feeds/acme/production/headcount"
SKIP = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
ROWS = [
    *some_lines(),
    "budget,v1,2027-01,NOSUCH,CC0100,L01,J001,5,5",
    "budget,v1,2027-02,NOSUCH,CC0100,L01,J001,5,5",
    "budget,v1,2027-03,NOSUCH,CC0100,L01,J001,5,5",
    "budget,v1,2027-03,0100,CC0100,L01,J009,-5,5",
]


@pytest.fixture
def office(office: Desk) -> Desk:
    """A plan waits: it leaves a row out, and UKG will refuse three others."""
    configure(office, SKIP, extra=UNJUDGED)
    office.plan(*ROWS)
    assert office.run("sync", "acme").code == 6
    return office


def sign_in(chrome: Chrome, where: str) -> None:
    """Sign in, by keyboard alone: the name is where one begins to type."""
    chrome.get(where)
    with leaving(chrome):
        chrome.switch_to.active_element.send_keys("ann", Keys.TAB, PASSWORD, Keys.ENTER)
    assert chrome.find_element(By.TAG_NAME, "h1").text == "All feeds"


def follow(chrome: Chrome, words: str) -> None:
    with leaving(chrome):
        chrome.find_element(By.PARTIAL_LINK_TEXT, words).click()


def press(chrome: Chrome, words: str) -> None:
    with leaving(chrome):
        chrome.find_element(By.XPATH, f"//button[normalize-space()='{words}']").click()


def text(chrome: Chrome) -> str:
    return chrome.find_element(By.TAG_NAME, "main").text


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_analyst_approves_a_plan_and_finds_out_why_three_rows_were_refused(
    office: Desk, where: str, *, scripts: bool
) -> None:
    chrome = browser(scripts=scripts)
    try:
        sign_in(chrome, where)
        assert "1 plan waits for your decision" in text(chrome)
        follow(chrome, "Look at the plan and decide")
        assert "plan.csv:17 headcount '-5' is below zero" in text(chrome)
        assert chrome.find_element(By.CSS_SELECTOR, "figure svg rect.after").is_displayed()
        chrome.find_element(By.ID, "reason").send_keys("Budget of 11/2026, agreed with J. Berg")
        press(chrome, "Approve this plan")
        assert chrome.find_element(By.CSS_SELECTOR, "[role=status]").text == "Approved. The next run sends it."
        assert "approved by ann" in office.run("sync", "acme").err
        follow(chrome, "All feeds")
        assert "Sent, some rows refused" in text(chrome)
        follow(chrome, "headcount")
        follow(chrome, "See which 3 projections were refused, and why")
        assert "Approved by ann: Budget of 11/2026, agreed with J. Berg" in text(chrome)
        assert "Why 3 rows were refused" in text(chrome)
        assert '3 rows, for the org unit: ObjectRef with qualifier: "NOSUCH" could not be found.' in text(chrome)
        rows = chrome.find_elements(By.CSS_SELECTOR, "[aria-label='Refused rows'] tbody tr th")
        assert [row.text for row in rows] == ["plan.csv, record 13", "plan.csv, record 14", "plan.csv, record 15"]
        press(chrome, "Sign out")
        assert chrome.find_element(By.TAG_NAME, "h1").text == "Sign in"
        assert complaints(chrome) == []
        assert hosts(chrome) == {"127.0.0.1"}
    finally:
        chrome.quit()
    assert len(office.held()) == 12


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_is_fit_for_keyboard_and_screen_reader(office: Desk, where: str, *, dark: bool) -> None:
    """axe finds nothing: names, labels, headings, landmarks, tables, contrast (WCAG 2 AA and best practice)."""
    chrome = browser(dark=dark, width=1280 if dark else 500)
    try:
        chrome.get(f"{where}/sign-in")
        assert found_by_axe(chrome) == {}
        sign_in(chrome, where)
        seen = [("/", False), (FEED, False), (f"{FEED}/plans/1", False)]
        visit(chrome, where, seen)
        chrome.find_element(By.ID, "reason").send_keys("Budget")
        press(chrome, "Approve this plan")
        assert found_by_axe(chrome) == {}
        office.run("sync", "acme")
        office.emulator.switch_on("role-missing", client_id="acme-headcount")
        office.run("sync", "acme")
        chrome.get(f"{where}/doctor/acme/production")
        press(chrome, "Examine it now")
        assert found_by_axe(chrome) == {}
        chrome.get(where + FEED)
        run = chrome.find_element(By.CSS_SELECTOR, "a[href*='/runs/']").get_attribute("href") or ""
        folded, number = [(run.removeprefix(where), True), (FEED, True)], f"{FEED}/number?period_start=2027-01"
        visit(chrome, where, [*folded, (number, False), ("/", False), ("/words", False), ("/no", False)])
        assert all("404" in one for one in complaints(chrome))
    finally:
        chrome.quit()


def visit(chrome: Chrome, where: str, pages: list[tuple[str, bool]]) -> None:
    """Look at pages; with all that is folded away, where that is told."""
    for path, unfolded in pages:
        chrome.get(where + path)
        chrome.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
        assert chrome.switch_to.active_element.text == "Skip to the content"
        for folded in chrome.find_elements(By.TAG_NAME, "summary") if unfolded else []:
            folded.click()
        assert found_by_axe(chrome) == {}, path
        wide, seen = chrome.execute_script("const d = document.documentElement; return [d.scrollWidth, d.clientWidth]")
        assert wide <= seen, f"{path} is wider than the window"
