"""Turning values into pages: the templates beside this file, which escape everything that they are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from bridgehead.charts import Chart
from bridgehead.projection import DIMENSIONS, Cell, Projection
from bridgehead.service.schedule import ScheduleError, zone
from bridgehead.service.web.words import FIELDS

_DASH = "\u2013"


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.PackageLoader("bridgehead.service.web", "pages")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    made.filters.update(
        number=number,
        change=change,
        drawing=_drawing,
        figures=figures,
        field=field_name,
        plural=plural,
        took=took,
        sentence=sentence,
        query=query_of,
        plain=_plain,
    )
    return made


def rendered(template: str, /, *, timezone: str, **values: Any) -> str:
    """Return a page. timezone: in which it says moments."""
    return _templates().get_template(f"{template}.html").render(moment=moments(timezone), **values)


@cache
def asset(name: str) -> bytes:
    """Return a file that the pages refer to."""
    return resources.files("bridgehead.service.web").joinpath("pages", name).read_bytes()


def moments(timezone: str) -> Callable[[datetime | None], str]:
    """Return what says a moment in a time zone: `27 Nov 2026, 06:15 UTC`."""
    try:
        where = zone(timezone)
    except ScheduleError:  # the scheduler names it; a page is readable all the same
        where = ZoneInfo("UTC")

    def said(moment: datetime | None) -> str:
        if moment is None:
            return _DASH
        here = moment.astimezone(where)
        return f"{here.day} {here:%b %Y, %H:%M %Z}".replace(" ", "\u00a0")  # on one line

    return said


def number(value: Decimal | float | None, digits: int = 0) -> str:
    """Return a figure with its thousands grouped."""
    return _DASH if value is None else f"{value:,.{digits}f}"


def change(value: Decimal | int, digits: int = 0) -> str:
    """Return a difference with its sign; none is a dash's width of nothing to look at."""
    return f"{value:+,.{digits}f}".replace("-", "\u2212") if value else "0"


def plural(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun: `1 row`, `3 rows`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def took(seconds: float) -> str:
    """Return how long something took."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{seconds:.1f} s"


class Changing(Protocol):
    """What has a before and an after."""

    @property
    def before(self) -> Projection | None:
        """What was there."""

    @property
    def after(self) -> Projection | None:
        """What is there then."""


def figures(one: Changing) -> str:
    """Return what a change does to the measures that differ: `heads 12 -> 14`."""
    before = one.before.measures() if one.before is not None else {}
    return ", ".join(
        f"{FIELDS[name]} {_plain(before[name])} \u2192 {_plain(value)}"
        if name in before
        else f"{FIELDS[name]} {_plain(value)}"
        for name, value in (one.after.measures() if one.after is not None else {}).items()
        if before.get(name) != value
    )


def query_of(cell: Cell) -> str:
    """Return a cell as the query of the address under which its history is shown."""
    told = {name: getattr(cell, name) for name in DIMENSIONS}
    told["period_start"] = f"{cell.period_start:%Y-%m}"
    return urlencode({name: value for name, value in told.items() if value is not None})


def sentence(text: str) -> str:
    """Return a text that begins as a sentence does."""
    return text[:1].upper() + text[1:]


def field_name(name: str) -> str:
    """Return what people call a field of a record; one that we do not know is named as it came."""
    return FIELDS.get(name, name)


def _plain(value: Decimal | None) -> str:
    return _DASH if value is None else f"{value.normalize():f}"


def _drawing(chart: Chart) -> Markup:
    """Return a chart's drawing, in which only figures and months stand."""
    return Markup(chart.svg)  # noqa: S704 - ours: see charts.py
