"""JUnit: tests that ran elsewhere, with the requirements that their properties name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PROPERTIES = frozenset({"requirement", "requirements", "requirement_id", "req", "reqs", "verifies"})
_BAD = {"error": "error", "failure": "failed", "rerunFailure": "flaky", "flakyFailure": "flaky", "skipped": "skipped"}
_SAID = {
    **dict.fromkeys(("", "completed", "ok", "pass", "passed", "run", "success", "successful", "succeeded"), "passed"),
    **dict.fromkeys(("fail", "failed", "failure", "ko", "timeout", "timedout"), "failed"),
    **dict.fromkeys(("broken", "crashed", "error", "errored"), "error"),
}
"""What tools write as the status of a case, beside its elements or instead of them; any other word is of no run."""


class UnreadableJUnitError(Exception):
    """A file that proves nothing: one sentence that says why, without its name."""


class Case(msgspec.Struct, frozen=True):
    """A test case: its node id as far as it can be told, how it ended, and the ids that it names."""

    id: str
    outcome: str
    requirements: tuple[str, ...]


class Run(msgspec.Struct, frozen=True):
    """All test cases of a file, and when it began, as it says itself; "" where it does not."""

    cases: tuple[Case, ...]
    at: str


class Places:
    """Where classes of JUnit are: `tests.unit.test_a.TestB` is in `tests/unit/test_a.py`, if that has tests."""

    def __init__(self, files: Iterable[str]) -> None:
        self._modules = {file.removesuffix(".py").replace("/", "."): file for file in files}
        self._ends: defaultdict[str, list[str]] = defaultdict(list)
        for module in self._modules:
            self._ends[module.rpartition(".")[2]].append(module)

    def nodeid(self, classname: str, name: str, file: str | None) -> str:
        """The node id of a test case; where no file fits, its class and name."""
        parts = [part for part in classname.split(".") if part]
        for end in range(len(parts), 0, -1):
            module = ".".join(parts[:end])
            if module in self._modules:
                return "::".join([self._modules[module], *parts[end:], name])
        for end in range(len(parts), 0, -1):
            ends = [
                one for one in self._ends.get(parts[end - 1], ()) if f".{one}".endswith("." + ".".join(parts[:end]))
            ]
            if len(ends) == 1:
                return "::".join([self._modules[ends[0]], *parts[end:], name])
        if file is not None and file.endswith(".py"):
            stem = file.replace("\\", "/").removesuffix(".py").rpartition("/")[2]
            rest = parts[parts.index(stem) + 1 :] if stem in parts else []
            return "::".join([file.replace("\\", "/").removeprefix("./"), *rest, name])
        return "::".join([*([classname] if classname else []), name])


def read(data: bytes, places: Places) -> Run:
    """The test cases of a file.

    Raises:
        UnreadableJUnitError: it is no XML, not JUnit's, has no test case, or counts more than it shows.
    """
    root = _parsed(data)
    if root.tag not in {"testsuites", "testsuite"}:
        raise UnreadableJUnitError(f"it is <{root.tag}> and not <testsuites>")
    cases = tuple(_case(one, places) for one in root.iter("testcase"))
    if not cases:
        raise UnreadableJUnitError("it has no test case")
    leaves = [one for one in root.iter("testsuite") if one.find("testsuite") is None]
    said = sum(_whole(one.get("tests")) for one in leaves)
    if said > len(cases):
        raise UnreadableJUnitError(f"it counts {said:,} tests and shows {len(cases):,}")
    bad = sum(_whole(one.get(name)) for one in leaves for name in ("failures", "errors"))
    shown = sum(len(case.findall("failure")) + len(case.findall("error")) for case in root.iter("testcase"))
    shown = max(shown, sum(one.outcome in {"failed", "error"} for one in cases))
    if bad > shown:
        raise UnreadableJUnitError(f"it counts {bad:,} failures and errors and shows {shown:,}")
    stamps = list(_stamps(root))
    return Run(cases, "" if "" in stamps else min(stamps, default=""))


def placed(cases: Iterable[Case], places: Places) -> Iterator[Case]:
    """The cases, of which those that were in no file that is there may be in one of these."""
    for case in cases:
        classname, _, name = case.id.partition("::")
        inside = not classname.endswith(".py") and name
        yield msgspec.structs.replace(case, id=places.nodeid(classname, name, None)) if inside else case


def _stamps(root: Element) -> Iterator[str]:
    """When each suite that holds a test case began, as it or what it is in says; "" where neither does."""
    left = [(root, "")]
    while left:
        suite, above = left.pop()
        own = (suite.get("timestamp") or "").strip() or above
        if suite.find("testcase") is not None:
            yield own
        left += [(one, own) for one in suite.findall("testsuite")]


def _case(case: Element, places: Places) -> Case:
    nodeid = places.nodeid(case.get("classname") or "", case.get("name") or "", case.get("file"))
    return Case(nodeid, _outcome(case), tuple(dict.fromkeys(_requirements(case))))


def _outcome(case: Element) -> str:
    for tag, outcome in _BAD.items():
        found = case.find(tag)
        if found is not None:
            expected = outcome == "skipped" and (found.get("type") or "") == "pytest.xfail"
            return "xfailed" if expected else outcome
    said = {_SAID.get((case.get(name) or "").strip().lower(), "skipped") for name in ("status", "result")}
    return next((one for one in ("error", "failed", "skipped") if one in said), "passed")


def _requirements(case: Element) -> Iterator[str]:
    for one in case.iter("property"):
        if (one.get("name") or "").lower() in PROPERTIES:
            written = one.get("value") or one.text or ""
            yield from (part for part in re.split(r"[,;\s]+", written) if part)


def _parsed(data: bytes) -> Element:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UnreadableJUnitError(f"it is not XML: {error}") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableJUnitError(f"it is XML that is not safe to read: {type(error).__name__}") from error
    return root


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0


WORST: Mapping[str, int] = {
    name: rank for rank, name in enumerate(("failed", "error", "flaky", "xpassed", "passed", "xfailed", "skipped"))
}
"""Outcomes of one test in several runs, the one that counts first: a failure anywhere, else that it ran at all."""


def worst(outcomes: Iterable[str | None]) -> str | None:
    """The outcome that counts of one test that ran in several places; None where it ran in none."""
    return min((one for one in outcomes if one is not None), key=lambda one: WORST.get(one, -1), default=None)
