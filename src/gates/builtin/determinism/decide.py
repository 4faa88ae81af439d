"""Decide: everything demanded was held, nothing leaked, and each test ends the same each time."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.determinism import flips, instability
from gates.builtin.determinism.facts import DeterminismEvidence
from gates.builtin.determinism.rules import FACTOR_NOT_FIXED, FACTOR_NOT_IN_FORCE, FLAKY_TEST, LEAK
from gates.builtin.determinism.settings import FACTORS, KINDS, DeterminismSettings
from gates.builtin.determinism.words import first_line, named, nearest
from gates.builtin.suite import lanes
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason, ReasonCode
from gates.model.tested import Held, Leak, Process

AGAIN = "gates check determinism --no-cache"
HASH_SEED = "hash-seed"
TABLE = "[tool.gates.determinism]"


def decide(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Decision:
    """The decision over the tests that ran, in one run or in any lane."""
    if evidence.lanes.count:
        return _of_lanes(evidence, settings)
    return Decision(
        denominator=Denominator(count=evidence.executed, unit="tests"),
        findings=tuple(_findings(evidence, settings)),
        measures=tuple(_measures(evidence)),
        reason=next(_problems(evidence, settings), None),
    )


def _of_lanes(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Decision:
    runs = {one.name: one.run for one in evidence.lanes.items}
    decisions = {name: decide(run, settings) for name, run in runs.items()}
    return Decision(
        denominator=Denominator(count=sum(run.executed for run in runs.values()), unit="tests"),
        findings=tuple(lanes.findings(decisions)),
        measures=tuple(lanes.measures("determinism", decisions)),
        reason=lanes.reason(decisions),
    )


def _findings(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Finding]:
    bare = _bare(evidence, settings)
    if bare is None:
        yield from _not_fixed(evidence, settings)
    else:
        yield bare
    yield from _not_in_force(evidence)
    if settings.leaks and bare is None:
        yield from _unwatched(evidence, settings)
    if settings.leaks:
        yield from _left(evidence)
    for test in evidence.tests.items:
        if test.outcome == "flaky":
            tries = "once" if test.reruns == 1 else f"{test.reruns:,} times"
            message = f"{test.id} failed {tries}, and passed only when it was run again: {first_line(test.message)}"
            yield finding(FLAKY_TEST, message, path=test.path, line=test.line, subject=test.id, source="flaky")
    if settings.screen == "reverse":
        yield from flips.findings(evidence)
    if settings.screen == "full":
        yield from instability.findings(evidence)


def _bare(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Finding | None:
    """One finding, where pytest was asked for nothing at all."""
    processes = evidence.processes.items
    if not processes or any(one.mode != "off" or one.factors.count or one.kinds.count for one in processes):
        return None
    demanded = [*settings.require, *(["leaks"] if settings.leaks else [])]
    if not demanded:
        return None
    advice = f'set `vltair = "{"guard" if settings.leaks else "fix"}"` in pytest\'s configuration'
    message = f"nothing is held still in {named([one.name for one in processes])} ({', '.join(demanded)}): {advice}"
    return finding(FACTOR_NOT_FIXED, message, subject="vltair", source="vltair")


def _not_fixed(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Finding]:
    processes = evidence.processes.items
    for name in settings.require:
        without = [one.name for one in processes if _factor(one, name) is None]
        random = [one for one in processes if (held := _factor(one, name)) is not None and _is_random(held)]
        if name not in FACTORS:
            message = f"`require` in {TABLE} names {name!r}, which is nothing that can be held{nearest(name, FACTORS)}"
        elif without:
            message = f"{name} was not held in {named(without)}: {_advice(name)}"
        elif random:
            message = f"{name} is random in {named([one.name for one in random])}: start pytest with PYTHONHASHSEED=0"
        else:
            continue
        yield finding(FACTOR_NOT_FIXED, message, subject=name, source=name)


def _unwatched(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Finding]:
    """Where nobody looked for leaks, for which kinds nobody did, and which were to be found and not named."""
    processes = evidence.processes.items
    blind = [one.name for one in processes if one.leaks == "off" or not one.kinds.count]
    if blind:
        guarded = any(one.mode == "guard" for one in processes if one.name in blind)
        advice = 'take `vltair_leaks = "off"` out of' if guarded else 'set `vltair = "guard"` in'
        message = f"leaks were not looked for in {named(blind)}: {advice} pytest's configuration"
        yield finding(FACTOR_NOT_FIXED, message, subject="leaks", source="leaks")
    for kind in settings.kinds:
        without = [one.name for one in processes if one.name not in blind and kind not in one.kinds.items]
        if without:
            message = (
                f"leaks of the kind {kind} were not looked for in {named(without)}: see `vltair_leaks_kinds` in"
                f" pytest's configuration and the section `leaks` that the run prints, or leave it out of `kinds` in"
                f" {TABLE}"
            )
            if kind not in KINDS:
                message += nearest(kind, KINDS)
            yield finding(FACTOR_NOT_FIXED, message, subject=f"leaks:{kind}", source=f"leaks:{kind}")
    for line in sorted({line for one in processes for line in one.allowed.items}.difference(settings.allow)):
        message = (
            f"leaks may be left behind that pytest's configuration allows: {line!r}: take the line out of"
            f" `vltair_leaks_allow`, or put it into `allow` in {TABLE} too"
        )
        yield finding(FACTOR_NOT_FIXED, message, subject="leaks", source=f"allowed {line}")


def _advice(name: str) -> str:
    return f"give `vltair_{name.replace('-', '_')}` a value in pytest's configuration, or take its `keep` out"


def _is_random(held: Held) -> bool:
    return held.name == HASH_SEED and not (held.began.isdigit() and held.ended.isdigit())


def _factor(process: Process, name: str) -> Held | None:
    return next((one for one in process.factors.items if one.name == name), None)


def _not_in_force(evidence: DeterminismEvidence) -> Iterator[Finding]:
    said: dict[str, list[str]] = {}
    asked: dict[str, Held] = {}
    for process in evidence.processes.items:
        for held in process.factors.items:
            for shown, when in ((held.began, "before it collected"), (held.ended, "at its end")):
                if shown != held.demanded:
                    said.setdefault(held.name, []).append(f"{process.name} showed {shown!r} {when}")
                    asked.setdefault(held.name, held)
    for name, words in said.items():
        held = asked[name]
        message = f"{name} was to be {held.demanded!r} ({held.place}), and {named(words)}"
        if name == "order":
            message += '; have that plugin leave the order alone, or set `vltair_order = "keep"`'
        yield finding(FACTOR_NOT_IN_FORCE, message, subject=name, source=name)


def _left(evidence: DeterminismEvidence) -> Iterator[Finding]:
    tests = {one.id: one for one in evidence.tests.items}
    held: dict[tuple[str, str], list[Leak]] = {}
    for leak in evidence.leaks.items:
        held.setdefault((leak.test, leak.kind), []).append(leak)
    for (name, kind), leaks in held.items():
        who = "" if leaks[0].by in {"", "test"} else f" ({leaks[0].by})"
        lasting = "" if all(one.restored for one in leaks) else "; it could not be put back"
        message = f"{name}{who} left behind: {kind}: {named([first_line(one.what) for one in leaks])}{lasting}"
        test = tests.get(name)
        yield finding(
            LEAK,
            message,
            path=test.path if test is not None and test.path is not None else name.partition("::")[0],
            line=None if test is None else test.line,
            subject=name,
            tool_rule=f"leak:{kind}",
            source=kind,
        )


def _problems(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Reason]:
    if not evidence.processes.count:
        yield _reason("evidence_incomplete", "the tests run does not say what any of its processes held")
    if evidence.crashes:
        yield _reason("evidence_incomplete", "a process went down, and what it held and left behind is not known")
    if evidence.tests.count != evidence.selected:
        message = f"{evidence.selected:,} tests were selected, and {evidence.tests.count:,} have an outcome"
        yield _reason("evidence_incomplete", message)
    if evidence.executed != sum(one.outcome != "skipped" for one in evidence.tests.items):
        yield _reason("evidence_corrupt", f"the run says {evidence.executed:,} tests ran, and holds another number")
    if not {one.test for one in evidence.leaks.items} <= _ids(evidence):
        yield _reason("evidence_corrupt", "something was left behind by a test that has no outcome")
    yield from _unscreened(evidence, settings)
    if not evidence.executed:
        yield _reason("nothing_examined", "not one test ran")


def _unscreened(evidence: DeterminismEvidence, settings: DeterminismSettings) -> Iterator[Reason]:
    screen = evidence.screen
    if settings.screen == "full":
        yield from instability.problems(evidence, settings)
    if settings.screen != "reverse":
        return
    if screen is None:
        yield _reason("evidence_missing", "the suite was not run in the reversed order")
    elif not screen.done:
        yield _reason("timeout", "the reversed run was not done in time and was ended")
    elif not _ids(evidence) <= {one.id for one in screen.tests.items}:
        yield _reason("evidence_corrupt", "the reversed run does not say how every test ended")


def _ids(evidence: DeterminismEvidence) -> frozenset[str]:
    return frozenset(one.id for one in evidence.tests.items)


def _reason(code: ReasonCode, message: str) -> Reason:
    return Reason(code=code, message=message, fix=AGAIN)


def _measures(evidence: DeterminismEvidence) -> Iterator[Measure]:
    yield Measure(name="determinism.processes", value=evidence.processes.count, unit="processes")
    yield Measure(name="determinism.leaks", value=evidence.leaks.count, unit="leaks")
    yield Measure(name="determinism.flaky", value=_flaky(evidence), unit="tests")


def _flaky(evidence: DeterminismEvidence) -> int:
    return sum(one.outcome == "flaky" for one in evidence.tests.items)
