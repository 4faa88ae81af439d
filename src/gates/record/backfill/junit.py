"""Backfill from JUnit XML, as pytest, Maven Surefire, Gradle and most other runners of tests write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from gates.model.recorded_run import CollectError, Phase
from gates.record.backfill import runs
from gates.record.backfill.runs import Past, PhaseOutcome, UnreadableError, When, phase

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

AGAIN = frozenset({"flakyFailure", "flakyError", "rerunFailure", "rerunError"})
"""How Surefire tells of attempts before the last one."""
BAD = frozenset({"failure", "error"})
RAISED = re.compile(r"^[^:\n]+:\d+: ([A-Za-z_][\w.]*)$", re.MULTILINE)
"""The last line of a failure as pytest writes it: file, line, type."""
AROUND = re.compile(r'failed on (?P<when>setup|teardown) with "(?P<why>.*?)"?\Z', re.DOTALL)
"""How pytest writes the message of an error; from 9.2 on a long one is cut, and its quotation never ends."""
PHASES: Mapping[str, tuple[When, ...]] = {
    "setup": ("setup", "teardown"),
    "call": ("setup", "call", "teardown"),
    "teardown": ("setup", "call", "teardown"),
}
"""The phases of a test that failed in one of them."""


def read(data: bytes, at: datetime | None) -> Past:
    """The run that a JUnit file tells of; `at` is when it began where the file does not say that.

    Raises:
        UnreadableError: it is not XML, not JUnit's, or says no time.
    """
    root = _parsed(data)
    if _tag(root) not in {"testsuites", "testsuite"}:
        raise UnreadableError(f"it is <{_tag(root)}> and not <testsuites>", foreign=True)
    suites = [one for one in root.iter() if _tag(one) == "testsuite"]
    of_pytest = any(one.get("name") == "pytest" for one in suites)
    started = _started([root, *suites]) or at
    if started is None:
        raise UnreadableError("it does not say when it ran; give that with --at 2026-01-31T10:00:00Z")
    tests: dict[str, list[Phase]] = {}
    errors: list[CollectError] = []
    for case in root.iter():
        if _tag(case) != "testcase":
            continue
        if of_pytest and not case.get("classname") and _bad(case) is not None:
            errors.append(_uncollected(case))
        else:
            _add(tests, case, of_pytest)
    phases = [one for test in tests.values() for one in test]
    failed = bool(errors) or any(one.outcome == "failed" for one in phases)
    counted = sum(_counted(one) for one in suites)
    if counted and not failed:
        raise UnreadableError(f"it counts {counted} failures and errors and shows none")
    verdict = "failed" if failed else "passed" if phases else "undecided"
    return Past(
        kind="junit",
        command="pytest" if of_pytest else "junit",
        gates=("tests",),
        started=started,
        duration_ms=round(1000 * _took(root)),
        status=verdict,
        verdict=verdict,
        exit_code=None,
        lines=runs.lines(started, phases, errors, status=int(failed)),
    )


def _took(suite: Element) -> float:
    """Seconds, as the suite says or those within it do."""
    said = suite.get("time")
    return runs.seconds(said) if said else sum(_took(one) for one in suite if _tag(one) == "testsuite")


def _add(tests: dict[str, list[Phase]], case: Element, of_pytest: bool) -> None:
    """Add what a case says; one whose name is there is the next attempt at what failed, or else another test.

    pytest writes a second case of that name for a teardown that failed after a call that did.
    """
    own = nodeid = _nodeid(case, of_pytest)
    bad, number = _bad(case), 1
    while nodeid in tests:
        held = tests[nodeid]
        if of_pytest and bad is not None and (bad.get("message") or "").startswith("failed on teardown"):
            held[-1] = list(_phases(case, nodeid, of_pytest))[-1]
            return
        if any(one.outcome == "failed" for one in held):
            before = [_again(one) for one in held]
            tests[nodeid] = [*before, *_phases(case, nodeid, of_pytest)]
            return
        number += 1
        nodeid = f"{own}#{number}"
    tests[nodeid] = list(_phases(case, nodeid, of_pytest))


def _again(one: Phase) -> Phase:
    return msgspec.structs.replace(one, outcome="rerun") if one.outcome == "failed" else one


def _phases(case: Element, nodeid: str, of_pytest: bool) -> Iterator[Phase]:
    path = case.get("file") or (nodeid.partition("::")[0] if of_pytest and "::" in nodeid else None)
    bad, skipped = _bad(case), _child(case, "skipped")
    tries = [one for one in case if _tag(one) in AGAIN]
    if bad is not None and tries:
        tries = [bad, *tries]  # Surefire: the first failure, then those of the attempts after it
        bad = tries.pop()
    for one in tries:
        yield from _attempt(nodeid, path, one, "rerun", 0.0)
    took = runs.seconds(case.get("time", 0))
    if bad is not None:
        yield from _attempt(nodeid, path, bad, "failed", took)
    elif skipped is not None:
        why = skipped.get("message") or (skipped.text or "").strip()
        yield phase(nodeid, "setup", path=path)
        expected = skipped.get("type") == "pytest.xfail"
        yield phase(nodeid, "call", "skipped", seconds=took, path=path, message=why, wasxfail=expected)
        yield phase(nodeid, "teardown", path=path)
    else:
        yield phase(nodeid, "setup", path=path)
        yield phase(nodeid, "call", seconds=took, path=path)
        yield phase(nodeid, "teardown", path=path)


def _attempt(nodeid: str, path: str | None, bad: Element, outcome: PhaseOutcome, took: float) -> Iterator[Phase]:
    """The phases of an attempt that failed; pytest says of an error whether it was set-up or teardown."""
    text = "".join(bad.itertext())
    message = bad.get("message") or text.strip()
    error = bad.get("type") or _raised(text)
    found = AROUND.match(message)
    when = "call" if found is None else found["when"]
    said = message if found is None else found["why"]
    failed = (error, runs.stack(error, text or said))
    for one in PHASES[when]:
        if one == when:
            yield phase(nodeid, one, outcome, seconds=took, path=path, message=said, failed=failed)
        else:
            yield phase(nodeid, one, path=path)


def _raised(text: str) -> str:
    """The type of what was raised, as the last line of pytest's text has it; "" where that is none."""
    found: list[str] = RAISED.findall(text)
    return found[-1] if found else ""


def _uncollected(case: Element) -> CollectError:
    bad = _bad(case)
    text = "" if bad is None else "".join(bad.itertext()).strip()
    name = f"{(case.get('name') or '').replace('.', '/')}.py"
    found = re.search(r"(?m)^E\s+([\w.]*(?:Error|Exception|Failed|Skipped))\b", text)
    error = found[1] if found else ""
    return CollectError(
        nodeid=name,
        path=name,
        line=None,
        message=text[: runs.LONGEST],
        error=error,
        stack=runs.stack(error, text),
    )


def _nodeid(case: Element, of_pytest: bool) -> str:
    """The name of a test: for pytest's files its node id, with classes from the first word in upper case on."""
    group, name = case.get("classname") or "", case.get("name") or "unnamed"
    if not group:
        return name
    if not of_pytest:
        return f"{group}::{name}"
    parts = group.split(".")
    at = next((at for at, part in enumerate(parts) if part[:1].isupper()), len(parts))
    module = case.get("file") or f"{'/'.join(parts[:at])}.py"
    return "::".join((module.replace("\\", "/"), *parts[at:], name))


def _counted(suite: Element) -> int:
    said = (suite.get(name, "") for name in ("failures", "errors"))
    return sum(int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 10)


def _started(elements: list[Element]) -> datetime | None:
    said = [one.get("timestamp") for one in elements]
    found = [moment for text in said if text and (moment := runs.moment(text)) is not None]
    return min(found, default=None)


def _bad(case: Element) -> Element | None:
    return next((one for one in case if _tag(one) in BAD), None)


def _child(case: Element, name: str) -> Element | None:
    return next((one for one in case if _tag(one) == name), None)


def _tag(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _parsed(data: bytes) -> Element:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        line = getattr(error, "position", (None,))[0]
        raise UnreadableError(f"it is not XML: {error}", line) from error
    except LookupError as error:
        raise UnreadableError(f"it is not XML: {error}", 1) from error
    except (DefusedXmlException, ValueError) as error:
        raise UnreadableError(f"it is XML that is not safe to read: {type(error).__name__}") from error
    return root
