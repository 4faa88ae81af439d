"""Proof: the report of `gates prove` for a terminal; what is proved is one line per gate."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gates.model.proof import GateProof, ProofReport, RuleProof, StarvedProof
from gates.render import escape, summary
from gates.render.formats import Options

_WORDS = {"passed": "proved", "failed": "NOT PROVED", "undecided": "UNDECIDED"}
_SGR = {"passed": "32", "failed": "1;31", "undecided": "1;33", "strong": "1"}
_WIDEST = 12


def render(report: ProofReport, options: Options) -> str:
    """The proof as lines for people; verbosity 1 shows each rule that was proved, -1 only what was not."""
    return escape.commands("\n".join(_Terminal(report, options).lines())) + "\n"


class _Terminal:
    def __init__(self, report: ProofReport, options: Options) -> None:
        self.report = report
        self.options = options
        self.level = options.verbosity

    def lines(self) -> Iterator[str]:
        if self.level >= 0 and self.report.gates:
            yield self.header()
        name = max((len(one.name) for one in self.report.gates), default=0) + 2
        for gate in self.report.gates:
            if self.level >= 0 or gate.verdict != "passed":
                yield self.row(gate, name)
                yield from self.details(gate)
        yield self.verdict()

    def paint(self, style: str, text: str) -> str:
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if self.options.color and text else text

    def header(self) -> str:
        project, run = self.report.project, self.report.run
        name = "" if project is None else escape.line(project.name)
        commit = "" if project is None or project.commit is None else f" @ {project.commit[:7]}"
        dirty = " (dirty)" if project is not None and project.dirty else ""
        version = "" if run is None else ".".join(run.interpreter_version.split(".")[:2])
        python = "" if run is None else escape.line(" ".join(filter(None, (run.interpreter, version))))
        return "  ".join(filter(None, (f"{self.paint('strong', name)}{commit}{dirty}", python)))

    def row(self, gate: GateProof, width: int) -> str:
        word = _WORDS[gate.verdict]
        verdict = self.paint(gate.verdict, word) + " " * (_WIDEST - len(word))
        times = {} if self.report.run is None else self.report.run.durations_s
        time = f"{times[gate.name]:.1f} s" if gate.name in times else ""
        return f"  {escape.line(gate.name):<{width}}{verdict}{_counts(gate):<32}  {time}".rstrip()

    def details(self, gate: GateProof) -> Iterator[str]:
        if gate.reason is not None:
            yield from self.prose(f"    {gate.reason.code}: ", gate.reason.message)
            yield f"    fix: {escape.line(gate.reason.fix)}"
        for rule in gate.rules:
            yield from self.rule(rule, gate.name)
        for starved in gate.starved:
            yield from self.starved(starved, gate.name)

    def rule(self, rule: RuleProof, gate: str) -> Iterator[str]:
        title = escape.line(f"{rule.rule} {rule.name}")
        if rule.verdict == "passed":
            if self.level >= 1:
                yield f"    {title:<30}  {escape.line(rule.seen)} ({escape.line(rule.title or '')})"
        elif rule.verdict is None:
            if self.level >= 1:
                why = f"excused: {rule.excused}" if rule.excused else "not judged"
                reason = "" if rule.reason is None else f": {rule.reason.message}"
                yield from self.prose(f"    {title:<30}  ", escape.line(why + reason))
        else:
            yield f"    {title}: {self.paint(rule.verdict, _WORDS[rule.verdict].lower())}"
            yield from self.account(rule, gate)

    def account(self, rule: RuleProof, gate: str) -> Iterator[str]:
        where = "" if rule.planted is None or rule.planted.path is None else f", in {rule.planted.path}"
        rows = (
            ("planted:", f"{rule.title}{where}" if rule.planted is not None else ""),
            ("expected:", rule.expected),
            ("seen:", rule.seen),
        )
        for lead, text in rows:
            if text:
                yield from self.prose(f"      {lead:<10}", text)
        yield f"      {'do:':<10}{escape.line(_remedy(rule, gate))}"

    def starved(self, one: StarvedProof, gate: str) -> Iterator[str]:
        what = f"starved of {one.of}" if one.kind != "evidence changed" else f"evidence of {one.of} changed"
        if one.verdict == "failed":
            yield f"    {escape.line(what)}: {self.paint('failed', 'not proved')}"
            yield f"      {'expected:':<10}undecided and exit code 3"
            yield from self.prose(f"      {'seen:':<10}", one.seen)
            again = f"GATES_HIDE={one.of} gates check {gate}" if one.kind == "tool" else f"gates prove {gate} -v"
            yield f"      {'do:':<10}{escape.line(again)}"
        elif self.level >= 1:
            seen = one.seen if one.verdict == "passed" else f"cannot occur: {one.seen}"
            yield f"    {escape.line(what):<30}  {escape.line(seen)}"

    def prose(self, lead: str, text: str) -> Iterator[str]:
        yield from textwrap.wrap(
            escape.line(lead + text),
            max(self.options.width, 60),
            subsequent_indent=" " * len(lead),
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
            initial_indent="",
        )

    def verdict(self) -> str:
        if self.report.error is not None:
            return escape.line(f"error: {self.report.error.message}")
        if not self.report.gates:
            return "nothing was proved: no gate is judged here. Next: gates list"
        red = [one for one in self.report.gates if one.verdict != "passed"]
        if not red:
            rules = sum(one.verdict == "passed" for gate in self.report.gates for one in gate.rules)
            gates = summary.plural(len(self.report.gates), "gate")
            return f"{self.paint('passed', 'proved')}: {gates}, {summary.plural(rules, 'rule')}{self.cost()}"
        parts = []
        for verdict, word in (("failed", "not proved"), ("undecided", "undecided")):
            names = ", ".join(_red(gate) for gate in red if gate.verdict == verdict)
            parts += [f"{self.paint(verdict, word)}: {names}"] if names else []
        return "; ".join(parts)

    def cost(self) -> str:
        run = self.report.run
        if run is None or run.multiple is None:
            return ""
        return f" ({run.multiple:.1f} x the CPU of an uncached check)"


def _counts(gate: GateProof) -> str:
    judged = [one for one in gate.rules if one.verdict is not None]
    good = sum(one.verdict == "passed" for one in judged)
    starved = [one for one in gate.starved if one.verdict is not None]
    if gate.reason is not None:
        return "-"
    rules = summary.plural(good, "rule") if good == len(judged) else f"{good} of {summary.plural(len(judged), 'rule')}"
    excused = sum(one.excused is not None for one in gate.rules)
    parts = [rules, *([f"{excused} excused"] if excused else [])]
    return ", ".join([*parts, *([summary.plural(len(starved), "starving")] if starved else [])])


def _red(gate: GateProof) -> str:
    rules = [one.rule for one in gate.rules if one.verdict in {"failed", "undecided"}]
    rules += [f"starved of {one.of}" for one in gate.starved if one.verdict == "failed"]
    return escape.line(f"{gate.name} ({', '.join(rules)})" if rules else gate.name)


def _remedy(rule: RuleProof, gate: str) -> str:
    if rule.verdict == "undecided" and rule.reason is not None:
        return f'{rule.reason.fix}, or excuse it: [tool.gates.prove] excused = {{ {rule.rule} = "why" }}'
    if rule.planted is None:
        return f"report it to the author of the gate {gate}"
    return f"gates prove --rule {rule.rule} -v, and compare with: gates explain {rule.rule}"
