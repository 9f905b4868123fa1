"""What a mapping can say, as settings: each with its meaning and a right example."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bridgehead.projection import DIMENSIONS, MEASURES

FIELDS = (*DIMENSIONS, *MEASURES, "currency")
"""The fields of a projection, as a mapping names them."""

PARTS = ("year", "month")
"""A period may also come in two columns, or half from a column and half from a header."""

REJECT_COLUMNS = ("origin", "rule", "message")
"""What a rejects file has beside the source's own columns; it is fed back as it is."""


class Headers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns whose header says what their cells hold: each becomes a row of its own."""

    pattern: Annotated[
        str,
        Meta(
            description="Regular expression for the whole header. Named groups: year or yy, month (number or name), "
            "measure, and the names of dimensions.",
            examples=["(?P<year>\\\\d{4})-(?P<month>\\\\d{2})"],
        ),
    ]
    measure: Annotated[
        Literal["headcount", "fte", "hours", "cost", ""],
        Meta(description="What the cells hold, unless header or row says it.", examples=["headcount"]),
    ] = ""
    measures: Annotated[
        dict[str, str],
        Meta(description="The header's word for each measure.", examples=['{ HC = "headcount", FTE = "fte" }']),
    ] = {}


class MeasureColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that says, row by row, which measure the row's number is: an account, or a heads-or-hours flag."""

    column: Annotated[str, Meta(description="The column that says it.", examples=['"Account"'])]
    words: Annotated[
        dict[str, Literal["headcount", "fte", "hours", "cost"]],
        Meta(description="Its word for each measure.", examples=['{ Heads = "headcount", FTE = "fte" }']),
    ]
    value: Annotated[
        str, Meta(description="The column of the number, unless months are columns.", examples=['"Amount"'])
    ] = ""


class Pov(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column whose cell holds several dimensions, as in Oracle EPM's exports."""

    fields: Annotated[
        tuple[str, ...],
        Meta(description='What its parts are, in order; "" for one that is not needed.', examples=['["scenario", ""]']),
    ]
    column: Annotated[str, Meta(description="The column.", examples=['"Point-of-View"'])] = "Point-of-View"
    separator: Annotated[str, Meta(description="What stands between the parts.", examples=['","'], min_length=1)] = ","


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows of a shared file are whose: every row has to fit one tenant, and one only."""

    column: Annotated[str, Meta(description="The column that says it.", examples=['"Company"'])]
    tenants: Annotated[
        dict[str, tuple[str, ...]],
        Meta(
            description="Each tenant's values; * stands for any text.",
            examples=['{ acme = ["ACME", "AC-*"], globex = ["GLX"] }'],
        ),
    ]


class Fiscal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fiscal calendar: years and months of the file are fiscal ones; dates with a day are the calendar's."""

    first_month: Annotated[
        int,
        Meta(
            description="The calendar month that a fiscal year begins with; 0 while nobody has said it.",
            examples=["4"],
            ge=0,
            le=12,
        ),
    ]
    year_named: Annotated[
        Literal["start", "end"],
        Meta(description="Whether FY26 is the year that starts, or the one that ends, in 2026.", examples=['"end"']),
    ]


class CrosswalkFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"old": "from", "new": "to"}):
    """A CSV file that translates the codes of one dimension."""

    path: Annotated[
        str, Meta(description="The file, from the configuration's folder.", examples=['"maps/org-units.csv"'])
    ]
    old: Annotated[str, Meta(description="Its column of our plan's codes.", examples=['"from"'])] = "from"
    new: Annotated[str, Meta(description="Its column of UKG's codes.", examples=['"to"'])] = "to"
    effective: Annotated[
        str,
        Meta(
            description="Its column of the month from which a code is another one: such a line is a move.",
            examples=['"effective"'],
        ),
    ] = ""
    unknown: Annotated[
        Literal["refuse", "keep", ""],
        Meta(
            description="What to do with a code that the file does not have; keep with effective, else refuse.",
            examples=['"keep"'],
        ),
    ] = ""


class ColumnMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a file's columns become a projection's fields."""

    columns: Annotated[
        dict[str, str | tuple[str, ...]],
        Meta(
            description="Our field = the file's column, or a list of names that it has had.",
            examples=['{ org_unit = "Department", job = ["Job code", "Job"] }'],
        ),
    ] = {}
    constants: Annotated[
        dict[str, str],
        Meta(
            description="Fields that are the same in every row.", examples=['{ scenario = "budget", version = "v1" }']
        ),
    ] = {}
    unset: Annotated[
        tuple[Literal["cost_center", "location", "job"], ...],
        Meta(description="Dimensions that this plan does not have; they are sent as null.", examples=['["location"]']),
    ] = ()
    headers: Annotated[
        Headers | None,
        Meta(
            description="For wide files: the columns whose header says month, scenario or department.",
            examples=["{ pattern = '(?P<year>\\\\d{4})-(?P<month>\\\\d{2})', measure = \"headcount\" }"],
        ),
    ] = None
    measure: Annotated[
        MeasureColumn | None,
        Meta(
            description="The column that says which measure a row holds.",
            examples=['{ column = "Account", words = { Heads = "headcount" }, value = "Amount" }'],
        ),
    ] = None
    pov: Annotated[
        Pov | None,
        Meta(
            description="A column that holds several dimensions in one cell.",
            examples=['{ column = "Point-of-View", fields = ["scenario", "version", "org_unit"] }'],
        ),
    ] = None
    only: Annotated[
        dict[str, tuple[str, ...]],
        Meta(description="Rows to read: the file's column = the values that count.", examples=['{ Type = ["Plan"] }']),
    ] = {}
    without: Annotated[
        dict[str, tuple[str, ...]],
        Meta(description="Rows to leave: the file's column = their values.", examples=['{ Department = ["Total"] }']),
    ] = {}
    ignore: Annotated[
        tuple[str, ...],
        Meta(description="Columns that are not needed; * stands for any text.", examples=['["Comment", "*Total*"]']),
    ] = ()
    missing: Annotated[
        tuple[str, ...],
        Meta(description="Texts that mean absent (not 0).", examples=['["#Missing", "-", "n/a"]']),
    ] = ("#Missing",)
    period_format: Annotated[
        str,
        Meta(
            description="How a period is written: iso for 2027-01 and 2027-01-01, excel-serial, or a pattern of %Y %y "
            "%m %b %d.",
            examples=['"%d/%m/%Y"'],
        ),
    ] = "iso"
    month_names: Annotated[
        dict[str, int],
        Meta(description="Names of months that are not English.", examples=["{ Mrz = 3, Mai = 5, Okt = 10 }"]),
    ] = {}
    fiscal: Annotated[
        Fiscal | None,
        Meta(
            description="The fiscal calendar that years and months are counted in; dates with a day are no part of it.",
            examples=['{ first_month = 4, year_named = "end" }'],
        ),
    ] = None
    decimal: Annotated[
        Literal["point", "comma", ""],
        Meta(description="What stands before the decimals; point, when nothing contradicts.", examples=['"comma"']),
    ] = ""
    thousands: Annotated[
        Literal["", ",", ".", "'", " "], Meta(description="What groups thousands.", examples=['"."'])
    ] = ""
    routing: Annotated[
        Routing | None,
        Meta(
            description="For a source that several tenants share: which of its rows are whose.",
            examples=['{ column = "Company", tenants = { acme = ["ACME"], globex = ["GLX"] } }'],
        ),
    ] = None
    crosswalks: Annotated[
        dict[str, CrosswalkFile],
        Meta(
            description="Files that translate codes, by dimension.",
            examples=['{ org_unit = { path = "maps/org-units.csv" } }'],
        ),
    ] = {}

    @property
    def mark(self) -> Literal["point", "comma"]:
        """What stands before the decimals."""
        return self.decimal or "point"
