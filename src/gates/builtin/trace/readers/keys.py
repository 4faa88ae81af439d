"""Keys: what the fields of an item are called, and what kind of field each name is."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.trace.facts import LinkKind

NAMES: Mapping[str, str] = {
    "id": "id, key, ticket, task id, requirement id, req id, item id, issue id, ref, reference id, uid, identifier",
    "acceptance": (
        "acceptance, acceptance criteria, acceptance criterion, ac, criteria, done when, definition of done, dod, "
        "success criteria, success criterion, acceptance test, acceptance tests, expected, exit criteria, scenarios, "
        "steps"
    ),
    "validation": (
        "validation, validate, validated by, verification, verify, verified by, tests, test, tested by, test command, "
        "test case, test cases, test id, test ids, proof, proven by, how to test, how to verify, evidence, "
        "verification method, unit tests, covered by, test file, test files, validation command, test plan, checks"
    ),
    "files": (
        "files, file, affected files, affected areas, files to change, files to modify, files changed, location, "
        "path, paths, source, sources, code, touches, files created, implementation, implemented in, artifacts, "
        "files touched, modified files, new files, source files"
    ),
    "status": "status, state, current status, stage, implementation status",
    "severity": "severity, priority, prio, importance, criticality, risk level, impact",
    "category": "category, type, area, component, kind, domain, module, subsystem, group, labels, label, tags",
    "depends": "depends on, dependencies, depends, requires, needs, after, dependency, prerequisites, prerequisite",
    "blocked": "blocked by, blocker, blockers, waiting for, waiting on",
    "parent": "parent, epic, implements, satisfies, traces to, covers, user story, story, derived from, refines, requirements",  # noqa: E501
    "supersedes": "supersedes, replaces",
    "superseded-by": "superseded by, replaced by",
    "contract": "contract, contracts, spec, specification, schema",
    "related": "related, see also, see, references, links, related to, cross references, cross-references, refs, cf",
    "title": "task, title, description, summary, name, requirement, goal, objective, what, text, statement, feature",
    "log": "log, history, updates, progress, notes, note, changelog, progress notes, comments, remarks, next, risks",
    "date": "date, due, due date, updated, last updated, completed, completed on, created, target, deadline, started",
}
KINDS: Mapping[str, str] = {name.strip(): kind for kind, names in NAMES.items() for name in names.split(",")}
"""The kind of each name, in small letters."""
GROUPING = frozenset({"category", "severity", "status", "parent", "title", "id", "date"})
"""Kinds that say of all boxes below them what they are of, where those boxes are below no item."""
STATED = "acceptance(?: criteria| criterion)?|validation|verification|verify|validated by|tests?|files?|proof|depends on|blocked by|status|severity|priority"  # noqa: E501
"""Those that may begin a field inside of a line."""
LINKS: Mapping[str, LinkKind] = {
    "depends": "depends", "blocked": "depends", "parent": "parent", "supersedes": "supersedes",
    "superseded-by": "superseded-by", "contract": "contract", "related": "mentions",
}  # fmt: skip
"""How a field of other items is a link to them."""
