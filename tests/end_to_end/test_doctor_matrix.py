"""Each cause of a refusal alone, and two at once: the doctor names what is broken, and nothing else.

All pairs are injected by `make matrix`; here a sample of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from tests.matrix.bench import Bench
from tests.matrix.causes import CAUSES, VARIANTS, Cause
from tests.matrix.pairs import judge_pair, read_pairs

from bridgehead.doctor import AT_MOST, CHAIN, Verdict
from bridgehead.emulator.gate import CHECKS
from bridgehead.ukg.cures import load_cures
from bridgehead.ukg.dialect import load_dialect

PAIRS = read_pairs()
SAMPLE = sorted(PAIRS)[::8]
EVERY = [*CAUSES.values(), *VARIANTS]
COARSER = {"scope-near-miss": ("scope-not-registered",)}
"""What the log says of a cause that the doctor names more exactly."""
PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("matrix")).standing() as bench:
        yield bench


def named(cause: Cause) -> str:
    where = [*cause.faults, *cause.settings, *cause.overrides, *(["key"] if cause.keyed else [])]
    return f"{cause.number}-{cause.name}-{'-'.join(where)}"


@pytest.mark.parametrize("cause", EVERY, ids=named)
def test_a_cause_is_named_from_evidence_alone_or_within_the_set_that_looks_alike(bench: Bench, cause: Cause) -> None:
    seen = bench.examine(cause)

    assert seen.names(cause), seen.suspects()
    assert seen.exactly(cause) or cause.alike
    assert seen.alarms(cause) == []
    assert seen.diagnosis.refused <= AT_MOST


@pytest.mark.parametrize("cause", EVERY, ids=named)
def test_with_the_audit_log_a_cause_is_named_exactly_and_the_log_agrees(bench: Bench, cause: Cause) -> None:
    seen = bench.examine(cause, auditor=True)

    assert seen.exactly(cause), seen.suspects()
    assert seen.alarms(cause) == []
    denied = bench.denied(cause.dialect or "thread")
    if cause.logged and cause.name != "path-unknown":
        assert denied[0][0] == cause.logged
    known = load_dialect("thread", {}).audit
    told = {
        cause for check, reason in denied for cause in [known.causes.get(check), *_by_words(known.words, check, reason)]
    }
    if cause.logged:
        assert told & {*cause.names, *COARSER.get(cause.name, ())}


def _by_words(words: dict[str, dict[str, str]], check: str, reason: str) -> list[str]:
    return [cause for part, cause in words.get(check, {}).items() if part in reason]


@pytest.mark.parametrize("pair", SAMPLE, ids=lambda pair: f"{pair[0]}-{PAIRS[pair]}-{pair[1]}")
def test_two_causes_at_once_are_seen_as_the_reviewed_table_says(bench: Bench, pair: tuple[int, int]) -> None:
    assert judge_pair(bench, *pair, PAIRS[pair]) == ""


@pytest.mark.parametrize("strictness", ["production", "sandbox", "soft"])
@pytest.mark.parametrize("keyed", [False, True], ids=["secret", "key"])
@pytest.mark.parametrize("dialect", ["thread", "platform"])
def test_a_healthy_tenant_raises_no_alarm(bench: Bench, strictness: str, *, keyed: bool, dialect: str) -> None:
    seen = bench.examine(Cause(0, ("healthy",), dialect=dialect), strictness=strictness, keyed=keyed)

    assert seen.told == []
    assert (seen.diagnosis.exit_code, seen.diagnosis.refused) == (0, 0)
    assert [one.check for one in seen.of(Verdict.UNKNOWN)] == ["org-units"]


def test_the_table_has_each_pair_once() -> None:
    listed = [tuple(sorted(pair)) for pair in PAIRS]

    assert sorted(listed) == sorted(combinations(sorted(CAUSES), 2))


def test_the_page_declares_of_each_cause_where_it_is_injected_and_what_the_log_calls_it() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE))

    assert rows.keys() == {str(number) for number in CAUSES}
    for cause in EVERY:
        causes, injected, _, logged = (part.strip() for part in rows[str(cause.number)].split("|"))
        assert set(cause.names) <= set(re.findall(r"`([a-z-]+)`", causes))
        where = {
            "server": cause.faults,
            "configuration": cause.settings or cause.overrides,
            "second dialect": cause.dialect,
        }
        assert any(how and name in injected for name, how in where.items())
        assert cause in VARIANTS or logged.strip("` ") == cause.logged


def test_the_doctor_and_the_emulators_gate_call_their_checks_the_same() -> None:
    asked, causes = {check.slug for check in CHAIN}, load_dialect("thread", {}).audit.causes
    others = {check.slug for check in CHECKS} - asked

    assert others == {"address", "registration", "planning-permission"}  # which the doctor sees only through the log
    assert others <= causes.keys()


def test_every_check_has_a_heading_and_every_cause_a_cure() -> None:
    headings = re.findall(r"^### `([a-z-]+)`$", PAGE, re.MULTILINE)
    cures = load_cures("thread", {})

    assert headings == [check.slug for check in CHAIN]
    assert {name for cause in EVERY for name in cause.names} <= cures.keys()
    assert {cure.number for cure in cures.values()} == {0, *CAUSES}
    assert all(f"`{cause}`" in PAGE for cause, cure in cures.items() if cure.number)
