"""A report of a workspace in every format: who was not judged is named, and two members are never one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from gates.engine.joining import Part, join
from gates.model.finding import finding
from gates.model.report import Report
from gates.render import formats
from gates.render.formats import Options
from support.reports import LNT001, gate, not_judged, report, run

FOUND = finding(LNT001, "an import is unused", path="src/a.py", line=3, source="import os")
NOWHERE = finding(LNT001, "something is wrong")
PYTHON = {"interpreter": ".venv/bin/python", "interpreter_version": "3.12.4", "interpreter_from": ".venv"}


def whole() -> Report:
    """Two members with the same finding, and one in which nothing was judged."""
    red = report(gate("lint", "failed", findings=(FOUND, NOWHERE)), run=run(durations_s={"lint": 0.3}, **PYTHON))
    none = report(not_judged=not_judged("lint", "audit"))
    root = report(gate("policy"), exit_code=5, verdict="undecided", run=run(durations_s={"policy": 0.1}, notes=("hm",)))
    parts = [
        Part(project=".", name="whole", report=root, owed=False),
        Part(project="packages/a", name="a", report=red),
        Part(project="packages/b", name="b", report=red),
        Part(project="packages/c", name="c", report=none),
    ]
    return join(parts, "whole")


def unjudged() -> Report:
    """One member is green, and in the other nothing was judged."""
    parts = [
        Part(project="packages/a", name="a", report=report(gate("lint"))),
        Part(project="packages/c", name="c", report=report(not_judged=not_judged("lint"))),
    ]
    return join(parts, "whole")


def test_a_terminal_shows_the_gates_below_their_project() -> None:
    assert formats.render("full", whole(), Options()) == (
        "whole @ 3f2c1ab  .venv/bin/python 3.12\n"
        "  policy  passed   212 files        0.1 s\n"
        "packages/a (a)  packages/a/.venv/bin/python 3.12\n"
        "  lint    FAILED   212 files        0.3 s\n"
        "    packages/a/src/a.py:3  LNT001 lint-violation: an import is unused\n"
        "    LNT001 lint-violation: something is wrong\n"
        "packages/b (b)  packages/b/.venv/bin/python 3.12\n"
        "  lint    FAILED   212 files        0.3 s\n"
        "    packages/b/src/a.py:3  LNT001 lint-violation: an import is unused\n"
        "    LNT001 lint-violation: something is wrong\n"
        "packages/c (c)  packages/c/.venv/bin/python 3.12\n"
        "  nothing was judged\n"
        "note: hm\n"
        "failed: lint [packages/a] (2 findings), lint [packages/b] (2 findings); nothing was judged in packages/c."
        " Next: gates explain LNT001\n"
        "not judged: audit; lint in some projects (gates list)\n"
    )


@pytest.mark.parametrize("name", ["full", "concise", "junit", "github", "markdown", "sarif", "gitlab"])
def test_a_member_in_which_nothing_was_judged_is_named_in_every_format(name: str) -> None:
    made = unjudged()
    assert made.exit_code == 5
    assert "nothing was judged in packages/c" in formats.render(name, made, Options())


def test_the_same_finding_of_two_members_is_two() -> None:
    results = json.loads(formats.render("sarif", whole(), Options(prefix="code/")))["runs"][0]["results"]
    keys = {one["partialFingerprints"]["primaryLocationLineHash"] for one in results}
    assert len(keys) == len(results) == 4
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results]
    assert places == [
        "code/packages/a/src/a.py",
        "code/packages/a",
        "code/packages/b/src/a.py",
        "code/packages/b",
    ]
    issues = json.loads(formats.render("gitlab", whole(), Options()))
    assert len({one["fingerprint"] for one in issues}) == len(issues)


def test_each_project_has_its_own_suite_and_time() -> None:
    suites = ET.fromstring(formats.render("junit", whole(), Options())).findall("testsuite")
    assert [(one.get("name"), one.get("time")) for one in suites][:3] == [
        ("policy", "0.100"),
        ("lint [packages/a]", "0.300"),
        ("lint [packages/b]", "0.300"),
    ]


def test_a_finding_without_a_file_is_at_its_project() -> None:
    lines = formats.render("concise", whole(), Options()).splitlines()
    assert "packages/a: LNT001 lint-violation something is wrong" in lines
