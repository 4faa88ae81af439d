"""Words: verdict, tests and evidence of items as reports of the matrix show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Value = Mapping[str, Any]

GROUPS = {
    "passed": "passed",
    "failed": "failed",
    "error": "failed",
    "flaky": "flaky",
    "skipped": "skipped",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
}
ORDER = ("passed", "failed", "missing", "flaky", "skipped", "xfailed", "xpassed", "not run", "not known")
EVIDENCE = {
    "passed": "passed",
    "failed": "FAILED",
    "missing": "MISSING",
    "stale": "STALE",
    "not-passed": "not passed",
    "not-run": "not run",
    "unknown": "not known",
    "untested": "none",
}
"""What the tests of an item prove, in a word."""

MOST = 10
"""Findings of one rule that are shown."""

UNKNOWN = "?"


def headline(value: Value) -> str:
    """`FAILED, 3 findings over 12 items in 1 document`."""
    verdict = value["verdict"]
    shown = "FAILED" if verdict == "failed" else verdict
    blocking = sum(one["blocks"] for one in value["findings"])
    found = many(blocking, "finding") if blocking else "no finding that blocks"
    others = len(value["findings"]) - blocking
    more = f" and {others:,} more" if others else ""
    over = f"{many(len(value['items']), 'item')} in {many(len(value['documents']), 'document')}"
    return f"{shown}, {found}{more} over {over}"


def advice(value: Value) -> Iterator[str]:
    """What to do next, the most urgent first."""
    reason = value["reason"]
    if reason is not None:
        yield f"{reason.message} (fix: {reason.fix})"
    rules = Counter(one["rule"] for one in value["findings"] if one["blocks"])
    if rules:
        yield f"next: gates explain {rules.most_common(1)[0][0]}"
    why = value["tests"]["reason"]
    if why and (reason is None or why not in reason.message):
        yield f"which tests exist is not known: {why}"


def statuses(value: Value) -> str:
    """`5 done, 142 open`, and how many have a word that nobody knows."""
    counts = value["counts"]
    said = [f"{number:,} {name}" for name, number in counts["status"].items() if number]
    if counts["unknown_status"]:
        said.append(f"{counts['unknown_status']:,} of unknown status")
    return ", ".join(said)


def tests(item: Value) -> str:
    """`2 passed, 1 missing`; nothing where no test belongs to it."""
    found: Counter[str] = Counter(map(group, item["tests"]))
    return ", ".join(f"{found[name]:,} {name}" for name in ORDER if found[name])


def group(test: Value) -> str:
    """What to count a test as."""
    outcome = test["outcome"]
    if outcome is not None:
        return GROUPS.get(outcome, str(outcome))
    return {True: "not run", False: "missing", None: "not known"}[test["exists"]]


def evidence(item: Value) -> str:
    """What its tests prove, and what changed since base."""
    said = EVIDENCE[item["standing"]]
    return f"{said}, {' and '.join(item['changed'])} changed" if item["changed"] else said


def status(item: Value) -> str:
    """`done`, or the word as written where nobody knows what it means."""
    return str(item["status"] or f"{UNKNOWN} {item['status_raw']}")


def place(value: Value) -> str:
    """`docs/tasks.md:12`, as far as it is known."""
    if value["path"] is None:
        return ""
    return value["path"] if value["line"] is None else f"{value['path']}:{value['line']}"


def finding(one: Value) -> str:
    """`docs/tasks.md:12  TRC003 validation-test-missing: there is no …`, and what excuses it."""
    excuse = "" if one["blocks"] else f" [{excused(one)}]"
    where = place(one)
    return f"{where}  {one['rule']} {one['name']}: {one['message']}{excuse}".lstrip()


def excused(one: Value) -> str:
    """Why a finding does not block."""
    if one["waived_by"] is not None:
        return f"waived: {one['waived_by']}"
    severity: str = one["severity"]
    return "baselined" if one["baselined"] else severity


def findings(found: Sequence[Value]) -> Iterator[str]:
    """A line for each finding, those that block first; no more than some of each rule, and how many there are."""
    seen: Counter[str] = Counter()
    for one in sorted(found, key=lambda one: not one["blocks"]):
        seen[one["rule"]] += 1
        if seen[one["rule"]] <= MOST:
            yield finding(one)
    for rule, number in sorted(seen.items()):
        if number > MOST:
            yield f"+ {number - MOST:,} more {rule}"


def sources(value: Value) -> Iterator[str]:
    """Where outcomes are from, and what is wrong with that."""
    for one in value["evidence"]:
        commit = f" at {one['commit'][:12]}" if one["commit"] else ""
        stale = f", stale: {one['stale']}" if one["stale"] else ""
        yield f"outcomes: {one['source']}{commit}{stale}"


def many(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def file(row: Value) -> str:
    """`src/a.py`, with what is odd about it."""
    if row["exists"]:
        return str(row["token"])
    if row["exists"] is None:
        return f"{row['token']} (not known)"
    return f"{row['token']} ({'planned' if row['planned'] else 'missing'})"
