"""Filters: which runs are meant, as a condition of SQL over `runs`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gates.record.asked.answers import Filter
from pytest_vltair.personal import scrub

FAR = "\U0010ffff"
"""Comes after every text."""


class Condition(NamedTuple):
    """A condition, and what is to stand in the places of its question marks."""

    text: str
    values: tuple[object, ...]


def condition(wanted: Filter) -> Condition:
    """The condition that a filter makes of runs; without any wish it is always true."""
    parts = list(_parts(wanted))
    text = " AND ".join(part.text for part in parts) or "1"
    return Condition(text, tuple(map(_plain, (value for part in parts for value in part.values))))


def _plain(value: object) -> object:
    """A value that the store takes: what a terminal gave and is no text is in no run."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _parts(wanted: Filter) -> Iterator[Condition]:
    for name in ("status", "branch", "command"):
        if getattr(wanted, name):
            forms = _forms(getattr(wanted, name))
            yield Condition(f"runs.{name} IN ({_marks(forms)})", forms)
    if wanted.since:
        yield Condition("runs.started >= ?", (wanted.since,))
    if wanted.commit:
        yield Condition("runs.commit_id >= ? AND runs.commit_id < ?", (wanted.commit, wanted.commit + FAR))
    if wanted.gate:
        yield _ran("gates", "gate", wanted.gate)
    if wanted.test:
        yield _ran("tests", "test", wanted.test)
    if wanted.requirement:
        text = "EXISTS (SELECT 1 FROM requirements WHERE requirement = ? AND run_id = runs.id)"
        yield Condition(text, (wanted.requirement,))


def _ran(table: str, kind: str, name: str) -> Condition:
    """That a gate or a test, of whichever member, is among those of the run; `*` and `?` are the signs of a glob."""
    values: tuple[str, ...]
    if set(name) & set("*?"):
        # The sign + keeps SQLite from looking up each of thousands of tests in each run.
        column, which, values = "+subject_id", "name GLOB ?", (_literal(name),)
    else:
        values = tuple(form for one in (name, *_in_members(name)) for form in _forms(one))
        column, which = "subject_id", f"name IN ({_marks(values)})"
        if kind == "gate":
            which, values = f"({which} OR name GLOB ?)", (*values, f"*:{_literal(name)}")
    among = f"{column} IN (SELECT id FROM subjects WHERE kind = ? AND {which})"  # noqa: S608 - names of our own
    found = f"EXISTS (SELECT 1 FROM {table} WHERE run_id = runs.id AND {among})"  # noqa: S608 - names of our own
    return Condition(found, (kind, *values))


def _literal(glob: str) -> str:
    """The glob with brackets that mean themselves, as they do in the names of tests."""
    return glob.replace("[", "[[]")


def _in_members(test: str) -> Iterator[str]:
    """What a test that is named from the root of a workspace may be called: each folder of its path may be a member."""
    path, mark, rest = test.partition("::")
    for at, sign in enumerate(path):
        if sign == "/":
            yield f"{path[:at]}:{path[at + 1 :]}{mark}{rest}"


def _forms(said: str) -> tuple[str, ...]:
    """What was said, as it is and as the record has it, where what may tell of a person was taken out."""
    return tuple(dict.fromkeys((said, scrub(said), scrub(said, strict=True))))


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
