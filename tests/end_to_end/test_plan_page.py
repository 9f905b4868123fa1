"""The page of a plan shows what it was given, and runs none of it."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.conftest import HEADER, Desk

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
ANYTHING = """dialect_overrides.metadata.codes = { org_unit = "no", cost_center = "no", job = "no" }
dialect_overrides.metadata.scenarios = "no"
dialect_overrides.headcount.lengths = { scenario = 90, version = 90, org_unit = 90, cost_center = 90, job = 90 }"""


class Page(HTMLParser):
    """Reads a page as a browser would: which elements it has, with which attributes, and what it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.shown = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_codes_and_names_that_are_html_are_shown_and_never_run(desk: Desk) -> None:
    name = f"{SCRIPT.replace('/', '')}.csv"
    rules = '[tenants.acme.feeds.headcount.rules]\non_invalid = "skip"'
    desk.configure(desk.environment(extra=ANYTHING), desk.feed(path=name), rules)
    quoted = IMAGE.replace('"', '""')
    rows = [
        HEADER,
        f'{SCRIPT},{SCRIPT},2027-01,{SCRIPT},"{quoted}",L01,{SCRIPT},5,5',
        f"{SCRIPT},v1,2027-02,{SCRIPT},{SCRIPT},L01,{SCRIPT},{SCRIPT},5",
    ]
    (desk.folder / name).write_text("\n".join(rows) + "\n")
    path = desk.folder / "plan.html"
    outcome = desk.run("plan", "acme", "--html", str(path))
    page = Page(path.read_text())

    assert outcome.code == 0, outcome
    assert {"script", "img"}.isdisjoint(page.elements)
    assert not any(attribute.startswith("on") for attribute in page.attributes)
    for shown in (SCRIPT, IMAGE, name):
        assert shown in page.shown
    assert "Content-Security-Policy" in path.read_text()
    assert "default-src 'none'" in path.read_text()
