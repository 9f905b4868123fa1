"""From the columns of a planning file to ours: what a mapping can say, whether it fits, and carrying it out.

For: renaming, unpivoting and reading notations, as declared under a source in the configuration.
May touch: the header it is shown, and the table `raw` of the session.
May not: read a file; judge a value; guess between two readings.
"""

from bridgehead.sources.mapping.crosswalks import Crosswalk, load_crosswalks, renames
from bridgehead.sources.mapping.fitting import REJECT_COLUMNS, Fitted, fit
from bridgehead.sources.mapping.settings import (
    FIELDS,
    ColumnMapping,
    CrosswalkFile,
    Fiscal,
    Headers,
    MeasureColumn,
    Pov,
    Routing,
)
from bridgehead.sources.mapping.staging import Table, check_notation, stage
from bridgehead.sources.mapping.told import spots_of, wording

__all__ = [
    "FIELDS",
    "REJECT_COLUMNS",
    "ColumnMapping",
    "Crosswalk",
    "CrosswalkFile",
    "Fiscal",
    "Fitted",
    "Headers",
    "MeasureColumn",
    "Pov",
    "Routing",
    "Table",
    "check_notation",
    "fit",
    "load_crosswalks",
    "renames",
    "spots_of",
    "stage",
    "wording",
]
