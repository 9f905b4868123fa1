"""The pages that people see, rendered from the templates beside this file; everything they show is escaped.

For: the routes that answer a browser.
May touch: the files beside this one.
May not: know what is shown, or decide anything.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2


@cache
def _templates() -> jinja2.Environment:
    """Load the template engine when the first page is asked for: a test that wants tokens need not wait for it."""
    import jinja2  # noqa: PLC0415 - see above

    loader = jinja2.PackageLoader("bridgehead.emulator", "pages")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)


def page(template: str, /, **values: Any) -> bytes:
    """Render a page."""
    return _templates().get_template(f"{template}.html").render(**values).encode()


@cache
def script(name: str) -> bytes:
    """Return a script of the pages."""
    return resources.files(__name__).joinpath(name).read_bytes()


@cache
def style() -> bytes:
    """Return the style sheet of all pages."""
    return resources.files(__name__).joinpath("ukg.css").read_bytes()
