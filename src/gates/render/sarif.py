"""SARIF: the report as SARIF 2.1.0 for code scanning, within GitHub's limits and saying what it cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from gates.model.finding import Finding
from gates.model.report import GateReport, Report
from gates.model.rule import Rule
from gates.render import escape, sarif_log, summary, waivers
from gates.render.formats import Options
from gates.render.report_json import document
from gates.render.sarif_log import Notification, Result

KEPT = 5000
"""GitHub keeps so many results of a run, by severity."""

TAGS = 10
"""GitHub shows so many tags of a rule."""

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = {"", "."}
_SEVERITY = {"error": 0, "warning": 1, "note": 2}


class _Found(NamedTuple):
    gate: GateReport
    item: Finding


def render(report: Report, options: Options) -> str:
    """One log with one run: findings as results, undecided gates and what was cut as notifications."""
    found = [_Found(gate, item) for gate in report.gates for item in gate.findings]
    kept = _kept(found)
    rules = _rules(kept, options.rules)
    notes = [*_undecided(report), *_cut(found, kept), *_waivers(report, options.prefix), *_not_judged(report)]
    driver = sarif_log.Driver(
        name="pytest-vltair gates", version=_text(report.run.gates_version), rules=tuple(rules.values())
    )
    run = sarif_log.Run(
        tool=sarif_log.Tool(driver=driver),
        invocations=(
            sarif_log.Invocation(
                execution_successful=_successful(report),
                exit_code=report.exit_code,
                tool_execution_notifications=tuple(notes),
                tool_configuration_notifications=tuple(_error(report, options.prefix)),
            ),
        ),
        automation_details=sarif_log.AutomationDetails(id="gates/"),
        column_kind="unicodeCodePoints",
        results=tuple(_results(kept, list(rules), options.prefix, {one.label: one.reason for one in report.waivers})),
    )
    return document(sarif_log.Log(schema=_SCHEMA, version="2.1.0", runs=(run,)), options.encoding)


def _successful(report: Report) -> bool:
    return report.exit_code in {0, 1} and all(gate.verdict != "undecided" for gate in report.gates)


def _kept(found: Sequence[_Found]) -> list[_Found]:
    """The most severe findings that fit, in the order of the report; the excused ones go first."""
    if len(found) <= KEPT:
        return list(found)
    ranked = sorted(
        range(len(found)),
        key=lambda at: (bool(summary.excused(found[at].item)), _SEVERITY[found[at].item.severity], at),
    )
    return [found[at] for at in sorted(ranked[:KEPT])]


def _rules(kept: Sequence[_Found], known: Mapping[str, Rule]) -> dict[str, sarif_log.Descriptor]:
    first = {found.item.rule: found for found in reversed(kept)}
    return {code: _descriptor(first[code], known.get(code)) for code in sorted(first)}


def _descriptor(found: _Found, rule: Rule | None) -> sarif_log.Descriptor:
    item = found.item
    prefix = item.rule.rstrip("0123456789")
    tags = [tag for tag in dict.fromkeys((found.gate.name, prefix, "quality-gate")) if tag]
    properties = {"tags": [_text(tag) for tag in tags][:TAGS]}
    if rule is None:
        named = sarif_log.Message(text=_text(item.name))
        return sarif_log.Descriptor(
            id=_text(item.rule), name=_text(item.name), short_description=named, properties=properties
        )
    text = "\n\n".join(filter(None, (rule.explanation, rule.fix and f"Fix: {rule.fix}")))
    return sarif_log.Descriptor(
        id=_text(rule.code),
        name=_text(rule.name),
        short_description=sarif_log.Message(text=_text(rule.summary)),
        full_description=sarif_log.Message(text=_text(rule.explanation)),
        help=sarif_log.Message(text=_text(text), markdown=_text(text)),
        default_configuration=sarif_log.Configuration(level=rule.severity),
        properties=properties,
    )


def _results(kept: Sequence[_Found], codes: Sequence[str], prefix: str, reasons: Mapping[str, str]) -> Iterator[Result]:
    index = {code: at for at, code in enumerate(codes)}
    seen: Counter[str] = Counter()
    for gate, item in kept:
        # A finding is known by a path of its project: the same may be in two members of a workspace.
        known = item.fingerprint if gate.project in _ROOT else f"{gate.project}:{item.fingerprint}"
        seen[known] += 1
        properties = {"gate": _text(gate.name)}
        if gate.project not in _ROOT:
            properties["project"] = _text(gate.project)
        if item.tool_rule is not None:
            properties["toolRule"] = _text(item.tool_rule)
        title = f"{item.tool_rule}: " if item.tool_rule else ""
        yield Result(
            rule_id=_text(item.rule),
            rule_index=index[item.rule],
            level=item.severity,
            message=_message(title + item.message),
            locations=_locations(item, prefix, gate.project or "."),
            partial_fingerprints={
                "gatesFingerprint/v1": _text(known),
                # GitHub matches alerts by this one alone; the ordinal tells repetitions of one line apart.
                "primaryLocationLineHash": f"{_text(known)}:{seen[known]}",
            },
            suppressions=_suppressions(item, reasons),
            properties=properties,
        )


def _suppressions(item: Finding, reasons: Mapping[str, str]) -> tuple[sarif_log.Suppression, ...]:
    why = summary.excused(item)
    if not why:
        return ()
    if item.waived_by is not None and item.waived_by in reasons:
        why = f"{why}: {reasons[item.waived_by]}"
    return (sarif_log.Suppression(kind="external", status="accepted", justification=_text(why)),)


def _locations(item: Finding, prefix: str, project: str) -> tuple[sarif_log.Location, ...]:
    logical = (sarif_log.LogicalLocation(fully_qualified_name=_text(item.subject)),) if item.subject else ()
    if not item.path:
        # GitHub refuses a result without a file; the project's directory is the honest one.
        return (sarif_log.Location(physical_location=_physical(project, None, prefix), logical_locations=logical),)
    region = None
    if item.line is not None and item.line >= 1:
        end = item.end_line if item.end_line is not None and item.end_line > item.line else None
        column = item.column if item.column is not None and item.column >= 1 else None
        region = sarif_log.Region(start_line=item.line, start_column=column, end_line=end)
    return (sarif_log.Location(physical_location=_physical(item.path, region, prefix), logical_locations=logical),)


def _physical(path: str, region: sarif_log.Region | None, prefix: str) -> sarif_log.PhysicalLocation:
    location = sarif_log.ArtifactLocation(uri=uri(prefix + path), uri_base_id="%SRCROOT%")
    return sarif_log.PhysicalLocation(artifact_location=location, region=region)


def _line(path: str, line: int | None, prefix: str) -> sarif_log.Location:
    region = sarif_log.Region(start_line=line) if line is not None and line >= 1 else None
    return sarif_log.Location(physical_location=_physical(path, region, prefix))


def uri(path: str) -> str:
    """A relative path as a percent-encoded relative reference; bytes that were not UTF-8 keep their value."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = escape.line(path).encode()
    text = quote(data, safe="/")
    return f".{text}" if text.startswith("/") else text


def _undecided(report: Report) -> Iterator[Notification]:
    for gate in report.gates:
        if gate.verdict == "undecided":
            allowed = gate.allowed_undecided
            word = "is undecided, which was allowed" if allowed else "is undecided"
            why = f"{gate.reason.message}\nFix: {gate.reason.fix}" if gate.reason else "it gives no reason"
            code = gate.reason.code if gate.reason else "undecided"
            yield _notification("warning" if allowed else "error", code, f"{summary.label(gate)} {word}: {why}")
        elif gate.reason is not None:
            yield _notification("warning", gate.reason.code, f"{summary.label(gate)}: {gate.reason.message}")


def _cut(found: Sequence[_Found], kept: Sequence[_Found]) -> Iterator[Notification]:
    if len(found) == len(kept):
        return
    left = Counter(one.item.rule for one in found)
    left.subtract(one.item.rule for one in kept)
    rules = ", ".join(f"{count:,} of {rule}" for rule, count in sorted(left.items()) if count)
    text = f"{len(found) - len(kept):,} of {len(found):,} findings are not in this file, which holds {KEPT:,}: {rules}"
    yield _notification("warning", "results_cut", text)


def _waivers(report: Report, prefix: str) -> Iterator[Notification]:
    for one in waivers.expiring(report):
        place = (_line(one.path, one.line, prefix),) if one.path else ()
        yield _notification("warning", "waiver_expiring", f"{waivers.ending(one)}: {one.reason}", place)
    if report.waivers:
        yield _notification("note", "waivers", waivers.line(report))


def _not_judged(report: Report) -> Iterator[Notification]:
    for item in report.not_judged:
        yield _notification(
            "note", item.reason.code, f"{summary.not_judged(item)} was not judged: {item.reason.message}"
        )


def _error(report: Report, prefix: str) -> Iterator[Notification]:
    if report.error is None:
        if report.nothing_judged:
            yield _notification("error", "nothing_judged", summary.verdict_line(report))
        return
    error = report.error
    locations: tuple[sarif_log.Location, ...] = ()
    if error.path:
        locations = (_line(error.path, error.line, prefix),)
    yield _notification("error", error.code, error.message, locations)


def _notification(
    level: sarif_log.Level, code: str, text: str, locations: tuple[sarif_log.Location, ...] = ()
) -> Notification:
    return Notification(
        level=level,
        message=_message(text),
        descriptor=sarif_log.DescriptorReference(id=_text(code)),
        locations=locations,
    )


def _message(text: str) -> sarif_log.Message:
    """A plain message; a bracket that would end the text of a link is escaped as 3.11.6 of the standard says."""
    return sarif_log.Message(text=_text(summary.clip(text)).replace("](", "\\]("))


def _text(text: str) -> str:
    return "\n".join(escape.lines(text))
