"""What `status` says of a feed below its table: a plan that waits, a sync that went wrong, or how to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bridgehead.cli.view import Standing


def standing_told(one: Standing, foreign: Callable[[str], str]) -> Iterator[str]:
    """Yield what to say of a feed. foreign: makes foreign words harmless."""
    verdict = one.verdict
    if one.waiting is not None:
        yield f"{one.place}: a plan waits for a person: [bold]bridgehead waiting {one.waiting.name}[/]"
    elif verdict is not None and verdict.exit_code and one.verdict_at is not None:
        when = f"{one.verdict_at:%Y-%m-%d %H:%M} UTC"
        yield f"{one.place}: [red]{verdict.state}[/] on {when}: {foreign(verdict.message)}"
        if verdict.next_command:
            yield f"  Next: [bold]{foreign(verdict.next_command)}[/]"
    elif one.last is None and not one.problem:
        yield f"To begin: [bold]{one.place.command('plan')}[/]"
