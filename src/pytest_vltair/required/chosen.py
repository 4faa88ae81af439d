"""The tests of chosen requirements: `--requirement CE-7` runs them and no others."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from pytest_vltair.options import REQUIREMENT
from pytest_vltair.required.listed import LISTED, Listed, configured
from pytest_vltair.requirements import Named, named_each

LEFT = "vltair_requirement_left"
"""Under this name a worker says which of the requirements have no test left."""
OUTPUT = "vltair_requirement"
"""Under this name a worker of xdist says why it ran nothing: an error of its own takes it down without a word."""


def start(config: pytest.Config, given: Iterable[str] | None) -> None:
    """Read the list of requirements, and run only tests of those that the option was given.

    Raises:
        pytest.UsageError: the list cannot be read, or the option names nothing.
    """
    listed = config.stash[LISTED] = configured(config)
    if given is not None:
        config.pluginmanager.register(Chooser(config, patterns(given), listed), "vltair-requirement")


def patterns(given: Iterable[str]) -> list[str]:
    """The ids and patterns in what the option was given, each once.

    Raises:
        pytest.UsageError: there are none.
    """
    found = list(dict.fromkeys(word.strip() for text in given for word in text.split(",") if word.strip()))
    if not found:
        raise pytest.UsageError(f"{REQUIREMENT} names no requirement: write an id such as {REQUIREMENT}=CE-7")
    return found


def matches(name: str, pattern: str) -> bool:
    """Whether `pattern` is the id `name`, or a pattern with * or ? that it fits, upper and lower case told apart."""
    return name == pattern or (("*" in pattern or "?" in pattern) and fnmatchcase(name, pattern))


def unknown(pattern: str, known: Collection[str]) -> str | None:
    """What is wrong with a pattern that fits none of the known ids, in one sentence, or None."""
    if any(matches(name, pattern) for name in known):
        return None
    said = f"{REQUIREMENT}: no collected test names {pattern!r}"
    if not known:
        return f"{said}, or any other requirement: mark tests with pytest.mark.requirement(...)"
    return f"{said}; the nearest known id is {_nearest(pattern, known)}"


def _nearest(pattern: str, known: Collection[str]) -> str:
    from difflib import SequenceMatcher

    wanted = pattern.casefold()
    return max(sorted(known), key=lambda name: SequenceMatcher(None, wanted, name.casefold()).ratio())


class Chooser:
    """Leaves out the tests that name none of the chosen requirements, after other plugins selected and marked theirs.

    Known is what any collected test names, also one that another option leaves out, and what is listed.
    """

    def __init__(self, config: pytest.Config, wanted: Sequence[str], listed: Listed | None) -> None:
        self._config = config
        self._wanted = wanted
        self._known: set[str] = set() if listed is None else set(listed.ids)
        self._collected: set[str] = set()
        self._without: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Keep the tests of what was chosen."""
        self._learn(items)
        result = yield
        named = self._learn(items)
        # An id of a file that could not be collected is not known, and pytest says why it was not.
        fault = None if session.testsfailed else self._fault()
        kept = [] if fault else [item for item, found in named if self._is_wanted(found)]
        staying = set(map(id, kept))
        left_out = [item for item in items if id(item) not in staying]
        if left_out:
            items[:] = kept
            self._config.hook.pytest_deselected(items=left_out)
        if fault:
            self._refuse(fault)
        self._without = self._left(kept) if not session.testsfailed else {}
        if hasattr(self._config, "workerinput"):
            _output(self._config)[LEFT] = self._without
        return result

    def pytest_report_header(self) -> str:
        """What was chosen."""
        return f"vltair: tests of the requirements {', '.join(self._wanted)}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Which of the chosen ones have no test in this run, since a run without them may pass."""
        for said in self._without.values():
            terminalreporter.write_line(said, yellow=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has no test of, and refuse what it could not make anything of."""
        said = getattr(node, "workeroutput", {})
        self._without.update(said.get(LEFT, {}))
        fault = said.get(OUTPUT)
        if fault is not None:
            raise pytest.UsageError(fault)

    def _learn(self, items: Iterable[pytest.Item]) -> list[tuple[pytest.Item, Named]]:
        named = list(named_each(items))
        for _, found in named:
            self._collected.update(found.requirements)
        self._known |= self._collected
        return named

    def _left(self, kept: Iterable[pytest.Item]) -> dict[str, str]:
        """By pattern what is said of those that none of these tests belongs to."""
        names = {name for _, found in named_each(kept) for name in found.requirements}
        found: dict[str, str] = {}
        for pattern in self._wanted:
            if pattern in names or any(matches(name, pattern) for name in names):
                continue
            named = any(matches(name, pattern) for name in self._collected)
            why = "other options or plugins left out those that name it" if named else "no collected test names it"
            found[pattern] = f"{REQUIREMENT}: no test of {pattern} is in this run: {why}"
        return found

    def _is_wanted(self, found: Named) -> bool:
        return any(matches(name, pattern) for name in found.requirements for pattern in self._wanted)

    def _fault(self) -> str | None:
        return next((fault for fault in (unknown(pattern, self._known) for pattern in self._wanted) if fault), None)

    def _refuse(self, fault: str) -> None:
        if not hasattr(self._config, "workerinput"):
            raise pytest.UsageError(fault)
        _output(self._config)[OUTPUT] = fault


def _output(config: pytest.Config) -> dict[str, object]:
    """What this worker sends when it has ended."""
    return cast("dict[str, object]", cast("Any", config).workeroutput)
