"""From the columns of a planning file to ours: what a mapping can say, whether it fits, and carrying it out.

For: renaming, unpivoting and reading notations, as declared under a source in the configuration.
May touch: the header it is shown, and the tables of a source in the session.
May not: read a file; judge a value; guess between two readings.
"""

from bridgehead.sources.mapping.settings import (
    FIELDS,
    REJECT_COLUMNS,
    ColumnMapping,
    CrosswalkFile,
    Fiscal,
    Headers,
    MeasureColumn,
    Pov,
    Routing,
)

__all__ = [
    "FIELDS",
    "REJECT_COLUMNS",
    "ColumnMapping",
    "CrosswalkFile",
    "Fiscal",
    "Headers",
    "MeasureColumn",
    "Pov",
    "Routing",
]
