"""Where a setting stands in the text, so that an error can name its line, and what is wrong with a section."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bridgehead.errors import ConfigError

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class Sections:
    """The sections of a configuration. What is wrong with one is said with file, line, key and a right example."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def wrong(self, section: str, key: str, problem: str, cure: str) -> ConfigError:
        """Return the error that names the place of a key, or of its section."""
        return ConfigError(f"{self.place(section, key)}{problem}", cure=cure)

    def place(self, section: str, key: str) -> str:
        """Name file, line and section, as the beginning of a sentence. key: dots lead into tables."""
        line = self._line(section, key)
        where = f"{self.path.name}:{line}: " if line else f"{self.path.name}: "
        return f"{where}[{section}] " if section else where

    def _line(self, section: str, key: str) -> int:
        """Find a key's line: in its own table, as a key of the section, else the section; 0 when none has a line."""
        outer, _, inner = key.partition(".")
        return (inner and self._line(f"{section}.{outer}", inner)) or self._in_section(section, outer)

    def _in_section(self, section: str, key: str) -> int:
        inside, found = section == "", 0
        named = f"{section}.{key}".strip(".")
        for number, line in enumerate(self._lines, 1):
            header = re.fullmatch(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(#.*)?", line)
            if header:
                name = header.group(1).replace('"', "")
                if f"{name}.".startswith(f"{named}."):  # or a table inside it, where it has no line of its own
                    return number
                inside = name == section
                found = number if inside and not found else found
            elif inside and re.match(rf'\s*"?{re.escape(key)}"?\s*[=.]', line):
                return number
        return found

    def struct(self, section: str, data: Any, kind: type[_Struct]) -> _Struct:
        """Convert a section; raise ConfigError naming the first key that is unknown, missing or wrong."""
        if not isinstance(data, Mapping):
            raise self.wrong(section, "", "must be a table.", f"Write it as [{section}].")
        fields = {one.name: one for one in msgspec.structs.fields(kind)}
        for key in data:
            if key not in fields:
                known = ", ".join(fields)
                raise self.wrong(
                    section, key, f"has an unknown key {key!r}.", f"{did_you_mean(key, fields)}Known are: {known}."
                )
        for name, one in fields.items():
            if one.required and name not in data:
                raise self.wrong(section, name, f"lacks the key {name!r}.", f"Add it, for instance: {example(one)}.")
        try:
            return msgspec.convert(dict(data), kind)
        except msgspec.ValidationError as bad:
            path = str(bad).partition("`$.")[2].rstrip("`")
            key = re.split(r"[.\[]", path)[0]
            shown = f", for instance: {example(fields[key])}" if key in fields else ""
            problem = str(bad).partition(" - at ")[0]
            raise self.wrong(section, path, f"has a wrong {path}: {problem}.", f"Correct it{shown}.") from None


def example(one: msgspec.structs.FieldInfo) -> str:
    """Return a right line for a setting."""
    examples = [meta.examples[0] for meta in getattr(one.type, "__metadata__", ()) if meta.examples]
    return f"{one.name} = {examples[0]}" if examples else one.name


def did_you_mean(key: str, known: Mapping[str, Any]) -> str:
    """Return a sentence that names what was probably meant, if anything is near."""
    near = difflib.get_close_matches(key, list(known), 1)
    return f"Did you mean {near[0]!r}? " if near else ""
