"""Values as TOML, one setting a line, as people write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Return a key, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def value(one: Any) -> str:
    """Return a value that fits into a line."""
    if isinstance(one, str):
        plain = "\\" in one and "'" not in one and one.isprintable()
        return f"'{one}'" if plain else quoted(one)
    if isinstance(one, Mapping):
        return "{ " + ", ".join(f"{key(name)} = {value(inner)}" for name, inner in one.items()) + " }"
    if isinstance(one, (list, tuple)):
        return "[" + ", ".join(value(inner) for inner in one) + "]"
    return str(one)


def line(name: str, one: Any) -> str:
    """Return a setting as a line."""
    return f"{key(name)} = {value(one)}"


def comment(words: str) -> str:
    """Return words as a comment; nothing in them can end it."""
    return "# " + "".join(sign if sign.isprintable() else " " for sign in words)
