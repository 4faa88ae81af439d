"""Headers: the words that name a column of a table, and what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gates.builtin.trace import statuses
from gates.builtin.trace.readers.fields import bare

WORDS: Mapping[str, str] = {
    "id": (
        "id, #, no, nr, num, number, req, req id, requirement id, req #, reqid, key, ref, task id, issue id, item id, "
        "ticket, identifier, gap id, story id, us id, fr id, feature id, uid, req no, ref id, tag, gap, req., rid, code id, "  # noqa: E501
        "task #, issue #, item #, bug id, req no, requirement no, requirement number, work item id, control id, "
        "control, ac id, criterion id"
    ),
    "status": "status, state, progress, done, done?, stage, complete, complete?, completed, implemented, implemented?, "
    "implementation status, current status, resolution, ✅, outcome, verdict, fulfilled, met, met?, completion, compliance",  # noqa: E501
    "title": (
        "description, requirement, title, task, feature, summary, name, item, requirement description, requirements, "
        "task description, issue, story, user story, statement, goal, deliverable, capability, work item, component, "
        "milestone, phase, objective, check, criterion, text, what, topic, action, todo, problem, gap description, step, "  # noqa: E501
        "module, function, endpoint, command, area of work, functionality, finding, decision"
    ),
    "severity": "severity, priority, prio, criticality, importance, moscow, pri, p, sev, impact",
    "category": "category, type, area, component, kind, domain, subsystem, group, epic, theme, section, label, layer, class",  # noqa: E501
    "files": "files, affected files, affected areas, location, source, code, path, file, implementation, files affected, "  # noqa: E501
    "implemented in, code reference, source file, source files, paths, module path, code location, artifact, artifacts",
    "validation": (
        "test, tests, test case, test cases, verification, validation, validated by, verified by, tested by, evidence, "
        "test id, test ids, test file, test files, covered by, test coverage, proof, verification method, test name, "
        "test reference, test(s), unit tests, how verified, validation command, automated tests, verified in"
    ),
    "acceptance": "acceptance, acceptance criteria, criteria, ac, done when, success criteria, definition of done, fit criterion",  # noqa: E501
    "depends": "depends on, dependencies, depends, blocked by, requires, deps, dependency, prerequisites, predecessors",
    "parent": "parent, traces to, covers, derived from, satisfies, implements, source requirement, upstream, user need",
    "date": "date, due, due date, updated, last updated, completed on, completion date, target date, target, eta, deadline, "  # noqa: E501
    "start, end, start date, end date, created, verified on, last verified",
    "notes": "notes, note, comment, comments, remarks, progress notes, details, rationale, owner, assignee, effort, estimate, "  # noqa: E501
    "size, points, who, responsible, author, version, release, sprint, milestone, pr, commit, link, links",
}
HEADERS: Mapping[str, str] = {
    word.strip(): kind for kind, words in reversed(tuple(WORDS.items())) for word in words.split(",")
}
ASPECTS = frozenset([
    "impl", "implementation", "implemented", "code", "coded", "tests", "tested", "test", "docs", "documented",
    "documentation", "unit", "integration", "e2e", "api", "ui", "backend", "frontend", "design", "designed",
    "review", "reviewed", "qa", "deployed", "done", "complete", "verified", "validated", "ready", "released",
    "server", "client", "db", "database", "spec", "specified", "ci", "windows", "linux", "macos", "ios",
    "android", "web", "cli", "mobile", "desktop", "coding", "testing", "verification", "validation",
])  # fmt: skip
WHOLE = frozenset({"done", "complete", "ready"})
"""Those that are said of the whole item as well."""
FOREIGN = re.compile(
    r"date|version|rev|revision|commit|sha|when|time|timestamp|from|term|symbol|icon|emoji|status|state|option|flag|"
    r"parameter|param|argument|env var|variable|variables|environment variable|setting|field|http status|status code|exit code|"  # noqa: E501
    r"error code|port|day|month|week|quarter|metric|test id|test case id|tc id|tc|term|abbreviation|acronym|risk id|risk|"  # noqa: E501
    r"column|property|attribute|code|month|sprint|person|owner|shortcut|method|verb",
)
CASES = frozenset({"test id", "test case id", "tc id", "tc"})
"""An id of the tests of an item, but in a checklist of tests the id of an item itself."""
DATED = re.compile(r"date|version|rev|revision|commit|sha|when|time|timestamp|day|week")
RISK = frozenset({"likelihood", "probability", "mitigation", "mitigations"})


def name(cell: str) -> str:
    """The words of a header cell in one spelling: no markup, no signs, no remark in brackets, small letters."""
    text = statuses.SIGN.sub("", bare(cell)).strip() or cell.strip()
    return re.sub(r"\s*\([^()]*\)", "", text).replace("_", " ").casefold().strip(" :.")


def kind(named: str) -> str:
    """What a column of this name holds, "" where the name says nothing."""
    whole = HEADERS.get(named) or HEADERS.get(named.replace(".", ""))
    if whole or not named:
        return whole or ""
    if named.endswith((" status", " state")):
        return "status"
    if named.endswith((" id", " #")) and not FOREIGN.fullmatch(named):
        return "id"
    last = HEADERS.get(named.rpartition(" ")[2], "")
    return last if last not in {"id", "status"} else ""
