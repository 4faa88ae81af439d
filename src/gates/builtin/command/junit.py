"""JUnit: the test cases that failed, out of the XML that test runners write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gates.builtin.command.facts import Reported
from gates.builtin.command.report import Places, UnreadableReport

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BAD = ("failure", "error")


def read(data: bytes, places: Places) -> list[Reported]:
    """A finding for each failure and error of a test case.

    Raises:
        UnreadableReport: it is not XML or not JUnit's, has no test case, or counts more failures than it has.
    """
    root = _parsed(data)
    if root.tag not in {"testsuites", "testsuite"}:
        raise UnreadableReport(f"it is <{root.tag}> and not <testsuites>")
    cases = list(root.iter("testcase"))
    if not cases:
        raise UnreadableReport("it has no test case", "nothing_examined")
    found = [_reported(case, bad, places) for case in cases for tag in BAD for bad in case.findall(tag)]
    counted = max(sum(map(_counted, root.iter("testsuite"))), _counted(root) if root.tag == "testsuites" else 0)
    if counted > 0 and not found:
        raise UnreadableReport(f"it counts {counted} failures and errors and shows none", "evidence_incomplete")
    return found


def _parsed(data: bytes) -> Element:
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UnreadableReport(f"it is not XML: {error}") from error
    except (DefusedXmlException, ValueError) as error:
        raise UnreadableReport(f"it is XML that is not safe to read: {type(error).__name__}") from error
    return root


def _reported(case: Element, bad: Element, places: Places) -> Reported:
    name = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
    text = bad.get("message") or (bad.text or "").strip().partition("\n")[0]
    return places.reported(
        f"{name or 'a test case'}: {text or bad.tag}",
        path=case.get("file"),
        line=_whole(case.get("line")),
        code=bad.tag,
        subject=name,
    )


def _counted(suite: Element) -> int:
    return sum(_whole(suite.get(name)) or 0 for name in ("failures", "errors"))


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
