"""Contract: what every gate must keep, as a suite that a gate's own tests take in with three lines.

    from gates.testing import contract
    from my_gate import MyGate

    test_contract = contract.suite(MyGate, {"pyproject.toml": "...", "metrics.toml": "..."})

The files are a project in which the gate passes and into which every canary can be planted. Each clause is a test of
its own: the gate is run by the engine, over real files and with its real tools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import msgspec

from gates.errors import GatesError
from gates.model.canary import Canary, Planted
from gates.model.decision import Decision, Verdict
from gates.model.evidence import Facts, encode
from gates.model.finding import Finding
from gates.model.gate import GateSettings
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.prove import judging
from gates.prove.judging import Outcome
from gates.testing import law, project
from gates.testing.bench import Bench, Kind, Subject

Clause = Callable[[Bench], Iterator[str]]
"""A part of the contract: one sentence for each breach."""

VERDICTS: Mapping[Outcome, Verdict] = {"red": "failed", "warned": "passed", "undecided": "undecided"}


class More(TypedDict, total=False):
    """What a gate may need beside a project in which it passes.

    `beside` are the gates whose evidence it reads, `environ` is added to the environment, `unfit` says by rule why its
    canary does not fit the project where that cannot be helped, and `prepare` does to a project's folder what files
    cannot say, such as commits.
    """

    beside: tuple[Kind, ...]
    environ: Mapping[str, str]
    unfit: Mapping[str, str]
    prepare: Callable[[Path], object] | None


def suite(gate: Kind, files: project.Files, **more: Unpack[More]) -> Callable[..., None]:
    """A test function for pytest with one case for each clause; assign it to a name that begins with `test`.

    `files` are a project in which the gate passes. What more may be given is in `More`.
    """
    import pytest

    subject = Subject(gate=gate, files=files, **more)
    parts = clauses(subject)
    benches: list[Bench] = []

    @pytest.mark.parametrize("clause", parts)
    def test_contract(clause: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        if not benches:
            benches.append(Bench(subject, tmp_path_factory.mktemp(gate.name)))
        broken = list(parts[clause](benches[0]))
        if broken:
            pytest.fail("\n".join(broken), pytrace=False)

    return test_contract


def breaches(gate: Kind, files: project.Files, folder: Path, **more: Unpack[More]) -> list[str]:
    """Every breach of the contract, as `clause: sentence`, for other test runners; `folder` must be empty."""
    subject = Subject(gate=gate, files=files, **more)
    bench = Bench(subject, folder)
    return [f"{name}: {said}" for name, clause in clauses(subject).items() for said in clause(bench)]


def clauses(subject: Subject) -> dict[str, Clause]:
    """The parts of the contract by name, in the order in which they make sense."""
    return {
        "declaration": _declaration,
        "clean is green": _clean,
        **{f"{rule.code} fires": partial(_fires, rule) for rule in subject.gate.rules},
        "evidence survives JSON": _json,
        "decide is a function of its evidence": _function,
        "losing evidence never makes it better": _law,
        "without its tools it is undecided": _starved,
        "over nothing it does not pass": _nothing,
    }


def _declaration(bench: Bench) -> Iterator[str]:
    kind = bench.subject.gate
    codes = [rule.code for rule in kind.rules]
    planted = {canary.rule for canary in kind().canaries()}
    yield from (f"the rule {code} has no canary" for code in codes if code not in planted)
    yield from (f"there is a canary of {code}, which is no rule of this gate" for code in planted - set(codes))
    yield from (f"the rule {rule.code} says not how to mend it" for rule in kind.rules if not rule.fix.strip())
    if not codes:
        yield "it has no rule, so nothing can make it fail"
    if len(set(codes)) != len(codes):
        yield "two of its rules have one code"
    if not issubclass(kind.Settings, GateSettings):
        yield "its Settings are no GateSettings"
    if not issubclass(kind.Evidence, Facts):
        yield "its Evidence is no Facts"
    else:
        loose = [one.name for one in msgspec.structs.fields(kind.Evidence) if not one.required]
        yield from (f"the field {name} of its Evidence has a default, so that losing it goes unseen" for name in loose)


def _clean(bench: Bench) -> Iterator[str]:
    seen = bench.clean()
    if seen.report.verdict != "passed":
        yield f"the project without a fault is {seen.said}"
    elif seen.report.denominator is None or seen.report.denominator.count < 1:
        yield "it passes over nothing"


def _fires(rule: Rule, bench: Bench) -> Iterator[str]:
    """The rule's canaries make the gate fail, or warn or be undecided where the rule does, at their place."""
    for canary in bench.subject.gate().canaries():
        if canary.rule != rule.code:
            continue
        done = bench.planted(canary)
        if isinstance(done, Reason):
            if rule.code not in bench.subject.unfit:
                yield f"the canary does not fit the project: {done.message}; say so with `unfit`, or change the project"
            continue
        seen, where = done
        if rule.code in bench.subject.unfit:
            yield f"`unfit` says that the canary does not fit: {bench.subject.unfit[rule.code]}; and it does"
        elif not any(_is_it(one, rule, where) for one in seen.report.findings):
            yield f"planted at {where.path}:{where.line}, and the gate is {seen.said}"
        elif seen.report.verdict != VERDICTS[_wanted(rule, canary)]:
            yield f"the rule fired and the gate is {seen.said}"


def _wanted(rule: Rule, canary: Canary) -> Outcome:
    own = [one["level"] for one in canary.settings.get("severity", ()) if one["rule"] in {rule.code, rule.name}]
    return judging.outcome(rule, own[-1] if own else rule.severity)


def _is_it(one: Finding, rule: Rule, where: Planted) -> bool:
    if one.rule != rule.code or (where.path is not None and one.path != where.path):
        return False
    return where.line is None or (one.line or 0) <= where.line <= (one.end_line or one.line or 0)


def _json(bench: Bench) -> Iterator[str]:
    for name, _, facts in bench.evidence():
        again = msgspec.json.decode(encode(facts), type=bench.subject.gate.Evidence)
        if again != facts or encode(again) != encode(facts):
            yield f"the evidence of the run `{name}` is another one when it was written and read"


def _function(bench: Bench) -> Iterator[str]:
    """Decided anew by fresh instances, from JSON, in the other order, and with the projects out of sight."""
    kept = [(name, seen, encode(facts)) for name, seen, facts in bench.evidence()]
    gate = bench.subject.gate
    first = [_decided(gate, data, seen.settings) for _, seen, data in kept]
    away = bench.folder.with_name(f"{bench.folder.name}-away")
    bench.folder.rename(away)
    try:
        second = [_decided(gate, data, seen.settings) for _, seen, data in reversed(kept)]
    finally:
        away.rename(bench.folder)
    for (name, seen, _), one, other in zip(kept, first, reversed(second), strict=True):
        if isinstance(other, str):
            yield f"on the evidence of the run `{name}`, with the project out of sight, it {other}"
            continue
        foreign = sorted({found.rule for found in other.findings} - {rule.code for rule in gate.rules})
        if foreign:
            yield f"it has a finding of {foreign[0]}, which is no rule of this gate"
        if encode(one) != encode(other):
            yield f"it says two things of the evidence of the run `{name}`"
        elif _places(gate, other.findings) != _places(gate, seen.report.findings):
            yield f"it says of the evidence of the run `{name}` something else than it said in that run"


def _places(kind: Kind, found: Iterable[Finding]) -> set[tuple[str, str | None, str | None, int | None]]:
    own = {rule.code for rule in kind.rules}
    return {(one.rule, one.tool_rule, one.path, one.line) for one in found if one.rule in own}


def _decided(kind: Kind, data: bytes, settings: Any) -> Decision | str:
    facts = msgspec.json.decode(data, type=kind.Evidence)
    try:
        decision: Decision = kind().decide(facts, settings, law.NOON)
    except Exception as error:  # noqa: BLE001 - whatever it raises is a breach
        return f"raises {type(error).__name__}: {error}"
    return decision


def _law(bench: Bench) -> Iterator[str]:
    for name, seen, facts in bench.evidence():
        for place in law.breaches(bench.subject.gate(), facts, seen.settings):
            yield f"of the evidence of the run `{name}`: {place}"


def _starved(bench: Bench) -> Iterator[str]:
    bench.clean()
    for tool in bench.subject.gate.tools:
        seen = bench.run(bench.folder / "clean", environ={"GATES_HIDE": tool})
        if seen.report.verdict != "undecided":
            yield f"without {tool} it is {seen.said}"


def _nothing(bench: Bench) -> Iterator[str]:
    """Only the configuration is left of the project."""
    kept = {name: text for name, text in bench.subject.files.items() if name in {"pyproject.toml", "gates.toml"}}
    root = bench.subject.write(bench.folder / "nothing", kept)
    try:
        seen = bench.run(root)
    except GatesError:
        return
    if seen.report.verdict == "passed":
        yield "over a project without a file it passes"
