"""The tests of chosen requirements: `--requirement CE-7` runs them and no others."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from pytest_vltair.options import REQUIREMENT
from pytest_vltair.required.listed import LISTED, Listed, configured
from pytest_vltair.requirements import Named, named_each

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
        return result

    def pytest_report_header(self) -> str:
        """What was chosen."""
        return f"vltair: tests of the requirements {', '.join(self._wanted)}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Refuse what a worker could not make anything of."""
        fault = getattr(node, "workeroutput", {}).get(OUTPUT)
        if fault is not None:
            raise pytest.UsageError(fault)

    def _learn(self, items: Iterable[pytest.Item]) -> list[tuple[pytest.Item, Named]]:
        named = list(named_each(items))
        for _, found in named:
            self._known.update(found.requirements)
        return named

    def _is_wanted(self, found: Named) -> bool:
        return any(matches(name, pattern) for name in found.requirements for pattern in self._wanted)

    def _fault(self) -> str | None:
        return next((fault for fault in (unknown(pattern, self._known) for pattern in self._wanted) if fault), None)

    def _refuse(self, fault: str) -> None:
        if not hasattr(self._config, "workerinput"):
            raise pytest.UsageError(fault)
        cast("dict[str, object]", cast("Any", self._config).workeroutput)[OUTPUT] = fault
