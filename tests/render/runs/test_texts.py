"""What `gates runs` shows: golden files of each answer, tables that fit, and text of others that does not act."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.render.runs import attempts, columns, listed, one, patterns, tests, words
from gates.render.runs.columns import Column
from support import html_reports
from support import recorded_answers as made

GOLDEN = Path(__file__).parents[2] / "golden" / "runs"
EVIL = "\x1b]0;x\x07\x1b[2J\u202e::error::x\n##[group]\r<b>\udcff\x00" + "n" * 10_000
OTHER = "20261101T000000Z-00112233"
LISTED = (
    made.run(),
    made.passed(),
    made.passed(made.NAMES[2], command="prove", status="lost", backfilled=True, tests=0, commit=None, branch=None),
)
MADE: dict[str, Callable[[str], str]] = {
    "list": lambda word: listed.render((*LISTED, made.run(run=OTHER, branch=word, red=(word,))), 100, more=True),
    "list_80": lambda word: listed.render((*LISTED, made.run(run=OTHER, branch=word, red=(word,))), 80, more=False),
    "one": lambda word: one.render(made.detail(word, findings=12)),
    "trace": lambda word: attempts.traced(made.attempts(word), 120),
    "last_failed": lambda word: attempts.failures(made.failed(word), more=True),
    "patterns": lambda word: patterns.render(made.patterns(word), more=True),
    "flaky": lambda word: tests.flaky(made.flaky(word), 100),
    "slowest": lambda word: tests.slowest(made.slowest(word), 100),
}


@pytest.mark.parametrize("name", MADE)
def test_the_text_is_as_it_was(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    text = MADE[name]("word")
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.skipif("GATES_UPDATE_GOLDEN" in os.environ, reason="the files are being written")
def test_every_golden_file_is_still_rendered() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(MADE)


@pytest.mark.parametrize("attack", [EVIL, *html_reports.ATTACKS])
@pytest.mark.parametrize("name", MADE)
def test_text_of_others_is_shown_and_does_not_act(name: str, attack: str) -> None:
    text = MADE[name](attack)
    plain = text.replace("\n", "")
    assert plain.isprintable(), re.findall(r"[^\x20-\x7e…]", plain)[:5]
    assert len(text.splitlines()) <= len(MADE[name]("word").splitlines()) + 1
    assert not re.search(r"(?m)^\s*::|##\[", text)
    assert max(map(len, text.splitlines())) < 1500


def test_an_attack_is_still_to_be_read() -> None:
    text = attempts.failures(made.failed("\x1b[31mred"), more=False)
    assert "AssertionError: \\x1b[31mred" in text


TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)


@given(
    st.integers(1, 6).flatmap(lambda wide: st.lists(st.lists(TEXTS, min_size=wide, max_size=wide), min_size=1)),
    st.data(),
    st.integers(30, 150),
)
def test_a_table_is_as_wide_as_it_may_be_or_has_nothing_left_to_give(
    rows: list[list[str]], data: st.DataObject, width: int
) -> None:
    flags = st.tuples(st.booleans(), st.booleans(), st.integers(0, 3))
    given = [data.draw(flags) for _ in rows[0]]
    heads = [Column(head=f"h{at}", right=r, flexible=f, gives=g) for at, (r, f, g) in enumerate(given)]
    *lines, last = columns.table(heads, rows, width)
    if not last.startswith("not shown for want of room: "):
        lines.append(last)
    assert len(lines) == len(rows) + 1
    kept = [at for at in range(len(heads)) if heads[at].head in lines[0].split()]
    if max(map(len, lines)) > width:
        assert not any(heads[at].gives for at in kept)
    for row, line in zip(rows, lines[1:], strict=True):
        for at in kept:
            assert row[at] in line or heads[at].flexible


def test_a_column_without_anything_is_left_out_without_a_word() -> None:
    text = listed.render((made.passed(tests=0),), 100, more=False)
    assert text.splitlines()[0].split("  ")[-1].strip() == "took"
    assert "attempt" not in text
    assert "red gates" not in text
    assert "not shown" not in text


def test_what_a_narrow_terminal_has_no_room_for_is_named() -> None:
    text = listed.render(LISTED, 60, more=False)
    *table, note = text.splitlines()
    assert note == "not shown for want of room: attempt, source, took, failed, command"
    assert max(map(len, table)) <= 60


def test_runs_that_end_alike_are_told_apart_by_their_whole_names() -> None:
    twin = made.NAMES[0].replace("2026", "2025")
    text = listed.render((made.run(), made.run(run=twin), made.passed()), 200, more=False)
    assert made.NAMES[0] in text
    assert twin in text
    assert re.search("(?m)^01ab23cd ", text)


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 ms"),
        (1.234, "1.23 ms"),
        (999.4, "999 ms"),
        (999.7, "1.0 s"),
        (59_940, "59.9 s"),
        (59_960, "1 min 00 s"),
        (3_599_600, "1 h 00 min"),
        (90_000_000, "25 h 00 min"),
    ],
)
def test_durations(milliseconds: float, said: str) -> None:
    assert words.took(milliseconds) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-22T17:13:50.250000Z", "2026-11-22 17:13"),
        ("2026-11-22T17:13:50Z", "2026-11-22 17:13"),
        (None, ""),
        ("\x1b[2Jnow", "\\x1b[2Jnow"),
    ],
)
def test_moments(moment: str | None, said: str) -> None:
    assert words.when(moment) == said


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("AssertionError", "assert 1 == 2", "AssertionError: assert 1 == 2"),
        ("AssertionError", "AssertionError: 1 != 2", "AssertionError: 1 != 2"),
        ("AssertionError", "AssertionError", "AssertionError"),
        ("KeyError", "subtest (a='x'): KeyError: 'b'", "subtest (a='x'): KeyError: 'b'"),
        ("KeyError", "subtest (a='x')", "KeyError: subtest (a='x')"),
    ],
)
def test_the_type_of_an_exception_is_said_once(kind: str, message: str, said: str) -> None:
    assert words.error(kind, message) == said


def test_only_a_run_with_grounds_is_said_to_be_decided_again() -> None:
    known = made.detail()
    bare = msgspec.structs.replace(known, executions=tuple(made.gate("tests") for _ in known.executions))
    assert "gates runs replay" in one.render(known)
    assert "gates runs replay" not in one.render(bare)


def test_tests_are_counted_and_not_their_attempts() -> None:
    known = made.detail()
    rerun = msgspec.structs.replace(known, run=made.run(failed_tests=0))
    assert "tests: 3 of 212 failed\n" in one.render(known)
    assert "tests: 212 tests, none failed; at first:\n" in one.render(rerun)


def test_where_files_had_changed_it_may_be_the_code() -> None:
    sure, unsure = made.flaky()[0], made.flaky()[2]
    assert "not sure" not in tests.flaky([sure], 100)
    assert "not sure: files had changed each time" in tests.flaky([unsure], 100)
