"""Each number's life: which cells it has lived in, what each run did to it, and what became of that in UKG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bridgehead.projection import DIMENSIONS, MEASURES
from bridgehead.tables import Row, Session, literal, question

_HERE = "bridgehead.compare"
_CELL = tuple(f"{name} {'DATE' if name == 'period_start' else 'VARCHAR'}" for name in DIMENSIONS)
_SHAPE = (
    "row BIGINT",
    "record BIGINT",
    "origin_column VARCHAR",
    "action VARCHAR",
    *_CELL,
    *(f"{name}_before DECIMAL(18, 4)" for name in MEASURES),
    "currency_before VARCHAR",
    *(f"{name} DECIMAL(18, 4)" for name in MEASURES),
    "currency VARCHAR",
    "moved_to VARCHAR",
)
_SENT = (
    "number BIGINT",
    "first BIGINT",
    "last BIGINT",
    "state VARCHAR",
    "status BIGINT",
    "correlation_id VARCHAR",
    "answered_at VARCHAR",
)
_REJECTIONS = ("row BIGINT", "code VARCHAR", "field VARCHAR", "message VARCHAR")

Wanted = Mapping[str, str | date | None]
"""What is asked for: values of some dimensions; None where the dimension is to be unset."""


def begin_lives(session: Session, wanted: Wanted | None = None) -> None:
    """Prepare for looking through runs. wanted: which cells are asked for; None: all that the runs did."""
    session.fill("plan_shape", _SHAPE, [])
    session.fill("asked_cells", ("key VARCHAR",), [])
    session.fill("past_moves", ("turn BIGINT", "key VARCHAR", "moved_to VARCHAR"), [])
    stage_answers(session, (), ())
    conditions = [f"{name} IS NOT DISTINCT FROM {_constant(value)}" for name, value in (wanted or {}).items()]
    asked = " AND ".join(conditions) or "true"
    session.ask(f"CREATE OR REPLACE MACRO is_asked({', '.join(DIMENSIONS)}) AS ({asked})")


def _constant(value: str | date | None) -> str:
    kind = "DATE" if isinstance(value, date) else "VARCHAR"
    return "NULL" if value is None else f"CAST({literal(str(value))} AS {kind})"


def look_through(session: Session, turn: int) -> None:
    """Note which cells that are asked for a run touched, and which numbers went to another code in it.

    The run's rows are `plan_rows`. turn: its place among the runs, from 1, the oldest first.
    """
    session.ask(question(_HERE, "past_shaped"))
    session.ask(question(_HERE, "past_cells"))
    session.ask(question(_HERE, "past_moves"), {"turn": turn})


def look_at_held(session: Session) -> None:
    """Note which cells that are asked for UKG holds (`accepted`)."""
    session.ask(question(_HERE, "past_held"))


def cells_found(session: Session) -> int:
    """Return how many cells fit what is asked for."""
    return int(session.value("SELECT count(DISTINCT key) FROM asked_cells"))


def differing(session: Session) -> list[tuple[str, int]]:
    """Return the dimensions in which the cells that fit differ, each with how many codes there are."""
    return [(name, int(codes)) for name, codes in session.ask(question(_HERE, "past_differing")) if codes > 1]


def follow(session: Session) -> None:
    """Find all cells that the numbers have lived in (`kin`), once all runs were looked through."""
    session.ask(question(_HERE, "past_kin"))


def stage_answers(session: Session, sent: Sequence[Row], rejected: Sequence[Row]) -> None:
    """Stage what became of a run's batches and which of its rows UKG rejected."""
    session.fill("sent", _SENT, sent)
    session.fill("rejections", _REJECTIONS, rejected)
    session.ask(question(_HERE, "past_words"))


def pick(session: Session, turn: int) -> None:
    """Let `told` be what became of the rows of a run (`plan_rows`) that touch a number that is asked for."""
    session.ask(question(_HERE, "past_shaped"))
    session.drop("picked")
    session.ask(question(_HERE, "past_picked"), {"turn": turn})
    session.ask(question(_HERE, "past_told"))


def pick_all(session: Session) -> None:
    """Let `told` be what became of all rows of a run (`plan_rows`)."""
    session.ask(question(_HERE, "past_shaped"))
    session.drop("picked")
    session.ask("CREATE VIEW picked AS SELECT *, NULL AS key FROM shaped")
    session.ask(question(_HERE, "past_told"))


def pick_none(session: Session, action: str) -> None:
    """Let `told` be one line without a cell, of a run of which no row is kept. action: why."""
    session.drop("picked")
    session.ask("CREATE TABLE picked AS SELECT *, CAST(NULL AS VARCHAR) AS key FROM plan_shape")
    session.ask("INSERT INTO picked BY NAME SELECT 0 AS row, $action AS action", {"action": action})
    stage_answers(session, (), ())
    session.ask(question(_HERE, "past_told"))


def chapters(session: Session, turn: int) -> list[Row]:
    """Return what a run (`told`) did to each number that is asked for."""
    return session.ask(question(_HERE, "past_chapters"), {"turn": turn})


def held_now(session: Session) -> list[Row]:
    """Return what UKG holds of the cells that are asked for."""
    return session.ask(question(_HERE, "past_now"))


def lines() -> str:
    """Return the query for the lines of a run (`told`) in an auditor's file."""
    return question(_HERE, "past_lines")
