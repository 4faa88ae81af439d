"""Selection: the tests that somebody named, by node id, file, folder or how their ids begin."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gates.builtin.diagnosis.trial import Laboratory, trial
from gates.errors import UsageError, nearest


class Collected(msgspec.Struct, frozen=True):
    """The tests of a project in their order, or the reason why nobody knows them."""

    tests: tuple[str, ...]
    reason: str = ""


def collected(laboratory: Laboratory) -> Collected:
    """The tests, from a run in the base: the one with which every search begins, so that none is run for this."""
    (ran,) = laboratory.run([trial()])
    if ran.status != "done":
        return Collected((), f"the tests cannot be run: {ran.reason}")
    return Collected(ran.order) if ran.order else Collected((), "no test was found")


def chosen(given: Sequence[str], tests: Sequence[str]) -> tuple[str, ...]:
    """The tests that were named, in the order of collection; all where none was.

    Raises:
        UsageError: one names none of them.
    """
    wanted = set(given) & set(tests)
    for one in given:
        if one in wanted:
            continue
        name = _plain(one)
        found = [nodeid for nodeid in tests if _names(name, nodeid)]
        found = found or [nodeid for nodeid in tests if nodeid.startswith(name)]
        if not found:
            raise unknown(one, tests)
        wanted.update(found)
    return tuple(nodeid for nodeid in tests if nodeid in wanted or not given)


def unknown(given: str, tests: Sequence[str]) -> UsageError:
    """What to raise for a name that no test has."""
    known = {part for nodeid in tests for part in (nodeid, nodeid.partition("::")[0])}
    close = nearest(given, sorted(known))
    ends = sorted(nodeid for nodeid in tests if nodeid.endswith(f"::{given}"))
    close = ends[0] if ends else close
    hint = f"did you mean {close!r}?" if close else "`pytest --collect-only -q` shows them all"
    return UsageError(f"there is no test {given!r}; {hint}")


def _plain(given: str) -> str:
    name = given.replace("\\", "/") if "::" not in given else given
    name = name.removeprefix("./")
    return "" if name == "." else name.removesuffix("/")


def _names(name: str, nodeid: str) -> bool:
    """Whether it is the test, or what the test is in: a folder, a file, a class, a function with parameters."""
    if not nodeid.startswith(name):
        return False
    return not name or nodeid == name or nodeid[len(name) :].startswith(("/", "::", "["))
