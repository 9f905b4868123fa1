"""`bridgehead plan`: what would change, with nothing sent."""

from __future__ import annotations

from pathlib import Path

import click

from bridgehead.cli.options import Face, feed_options, find, rows_options, step_of, step_options
from bridgehead.cli.page import page, write_page
from bridgehead.cli.rejects import writing_rejects
from bridgehead.errors import CHANGES, ConfigError
from bridgehead.ledgers.saved_plan import save_plan
from bridgehead.ports import OpenRun
from bridgehead.tenant import open_sync


@click.command("plan")
@feed_options
@rows_options
@step_options
@click.option("--out", type=click.Path(path_type=Path), help="Save the plan; `bridgehead sync FILE` carries it out.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the plan as a page, for the person who signs off.")
@click.option("--exit-code", is_flag=True, help="Exit with 10 when there are changes.")
@click.pass_obj
def command(
    face: Face,
    tenant: str,
    environment: str | None,
    feed: str | None,
    rows_from: Path | None,
    rejects: Path | None,
    only: tuple[str, ...],
    most: int | None,
    revert: str | None,
    out: Path | None,
    html: Path | None,
    *,
    read_back: bool,
    exit_code: bool,
) -> int:
    """Show what a sync would change in UKG. Reads only.

    \b
    Example:  bridgehead plan acme --environment production
              bridgehead plan acme --only org_unit=0100 --max 50
              bridgehead plan acme --revert 20270103T031500-4f2a
    """
    if out is not None and out.suffix != ".parquet":
        raise ConfigError(f"{out} is no name for a plan.", cure="Call it .parquet: bridgehead sync FILE.parquet.")
    step = step_of(only, most, revert, rows_from, rejects)
    choice, place = find(face, tenant, environment, feed)
    with open_sync(
        choice,
        on_wait=face.view.waiting,
        rows_from=rows_from,
        only=step.only,
        revert=step.revert,
        read_back=read_back,
    ) as sync:
        with writing_rejects(sync, rejects, face.view):
            plan = sync.plan(whole=bool(out or html))
        dead = sync.ledger.unfinished(sync.session)
        objection = sync.feed.guardrails.objection(plan)
        if out is not None:
            save_plan(sync.session, plan, out)
            face.view.say(f"{out}: the plan. To carry it out as it is: bridgehead sync {out}")
    if html is not None:
        write_page(html, page(place, plan, objection))
        face.view.say(f"{html}: the plan as a page.")
    if dead is not None:
        face.view.say(_unsettled(dead))
    face.view.plan(place, plan, objection)
    return CHANGES if exit_code and plan.counts.changes else 0


def _unsettled(dead: OpenRun) -> str:
    return (
        f"Run {dead.run_id} did not end: {len(dead.doubtful)} requests were never answered and count as changed here. "
        "A sync settles them first."
    )
