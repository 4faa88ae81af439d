"""Session: one proof from a request to a report."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from gates import __version__
from gates.engine import circumstances, proofs
from gates.engine.plan import Plan, Planned, draw, nearest
from gates.errors import FAILED, NOTHING_JUDGED, PASSED, UNDECIDED, UsageError
from gates.model.evidence import Refusal
from gates.model.proof import GateProof, ProofReport, ProofRun, StarvedProof, verdict_of_gate
from gates.model.reason import Reason
from gates.process import child
from gates.prove import check, clean, copy, starving
from gates.prove.clean import Clean
from gates.prove.field import Field
from gates.prove.rules import Proving

if TYPE_CHECKING:
    from pathlib import Path

    from gates.engine.request import Request
    from gates.model.decision import Verdict


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How much is to be proved: all rules, the rule `only`, or with `fast` one rule of each gate."""

    only: str | None = None
    fast: bool = False


class _Session(msgspec.Struct, kw_only=True):
    request: Request
    wish: Wish
    named: tuple[str, ...]
    plan: Plan
    started: datetime
    clock: float = msgspec.field(default_factory=time.monotonic)
    cpu: float | None = msgspec.field(default_factory=check.cpu)
    uncached_cpu: float | None = None
    checks: int = 0
    seconds: dict[str, float] = msgspec.field(default_factory=dict)

    @property
    def judged(self) -> tuple[Planned, ...]:
        """The gates to prove: those named, else all that are judged here unless nobody asked for any."""
        if self.named:
            return tuple(one for one in self.plan.judged if one.gate.name in self.named)
        return self.plan.judged if self.plan.asked else ()


def prove(request: Request, wish: Wish) -> ProofReport:
    """Prove every judged gate of the plan; only receipts are written to the project.

    Raises:
        GatesError: the request names what does not exist, or the project cannot be copied.
        KeyboardInterrupt: after every child has been ended and the copy is gone.
    """
    started = datetime.now(UTC)
    named = request.named or _gate_of(request, wish.only)
    plan = draw(request.project, request.gates, request.config, named)
    running = _Session(request=request, wish=wish, named=named, plan=plan, started=started)
    request.observer.planned(tuple((one.gate.name, None) for one in running.judged))
    for one in running.judged:
        request.observer.started(one.gate.name)
    try:
        gates = _proved(running) if running.judged else ()
    except BaseException:
        child.end_all()
        raise
    finally:
        request.observer.ended()
    return _report(running, gates)


def _gate_of(request: Request, rule: str | None) -> tuple[str, ...]:
    if rule is None:
        return ()
    known = {key: gate.name for gate in request.gates.values() for one in gate.rules for key in (one.code, one.name)}
    if rule not in known:
        raise UsageError(f"--rule: there is no rule {rule!r}{nearest(rule, known)}; `gates list --rules` shows them")
    return (known[rule],)


def _proved(running: _Session) -> tuple[GateProof, ...]:
    request, judged = running.request, running.judged
    names = [one.gate.name for one in judged]
    known = dict(clean.recalled(request, running.plan, names, request.as_of or running.started))
    with copy.made(request.project) as made:
        field = Field(request, running.plan, made)
        if field.obstacle is not None:
            return tuple(_stopped(name, field.obstacle) for name in names)
        known |= _clean(running, field, [one for one in judged if one.gate.name not in known])
        hungry = _starved(running, field, [one for one in judged if known[one.gate.name].reason is None], known)
        gates = tuple(_gate(running, field, one, known[one.gate.name], hungry.get(one.gate.name)) for one in judged)
        running.checks = field.checker.checks
    return gates


def _clean(running: _Session, field: Field, unknown: Sequence[Planned]) -> Mapping[str, Clean]:
    if not unknown:
        return {}
    names = [one.gate.name for one in unknown]
    for name in names:
        running.request.observer.progressed(name, "the clean copy is checked")
    field.prepare({})
    ran = field.run(names)
    if len(unknown) == len(running.judged) and not field.lent:
        running.uncached_cpu = ran.cpu
    return {name: clean.judged(name, ran) for name in names}


def _starved(
    running: _Session, field: Field, green: Sequence[Planned], known: Mapping[str, Clean]
) -> Mapping[str, list[StarvedProof]]:
    """What the gates say without what they need; from here on, the copy is without evidence taken before."""
    wanted = running.wish.only is None
    kept = [one for one in green if wanted and known[one.gate.name].source == "run"]
    for one in green:
        running.request.observer.progressed(one.gate.name, "it is starved")
    of_evidence = starving.of_evidence(field, kept, running.request.gates)
    field.strip()
    of_tools = starving.of_tools(field, green) if wanted else {}
    return {name: [*of_tools.get(name, ()), *of_evidence.get(name, ())] for name in [one.gate.name for one in green]}


def _gate(
    running: _Session, field: Field, planned: Planned, known: Clean, hungry: Sequence[StarvedProof] | None
) -> GateProof:
    name, started = planned.gate.name, time.monotonic()
    observer = running.request.observer
    if known.reason is not None:
        proof = GateProof(name=name, verdict="undecided", reason=known.reason)
    else:
        proving = Proving(
            field=field,
            planned=planned,
            config=running.request.config,
            clean=known,
            observer=observer,
            gates=running.request.gates,
            starves=running.wish.only is None and known.source == "receipt",
        )
        rules = proving.prove(only=running.wish.only, fast=running.wish.fast)
        starved = (*(hungry or ()), *proving.hungry)
        proof = GateProof(
            name=name,
            verdict=verdict_of_gate(rules, starved),
            clean=known.source,
            rules=rules,
            starved=starved,
        )
        _keep(running, planned, proof, proving.tools)
    running.seconds[name] = time.monotonic() - started
    observer.collected(name, running.seconds[name], cached=False)
    observer.decided(name, proof.verdict)
    return proof


def _keep(running: _Session, planned: Planned, proof: GateProof, tools: Mapping[str, str]) -> None:
    """Leave a receipt of each rule; where the project cannot be written to, the proof itself is still told."""
    request = running.request
    standing = proofs.standing(planned.gate, request.config, request.revisions, tools)
    verdicts: dict[str, Verdict | None] = {one.rule: one.verdict for one in proof.rules}
    if proof.starved:
        failed = any(one.verdict == "failed" for one in proof.starved)
        verdicts[proofs.STARVED] = "failed" if failed else "passed"
    for rule, verdict in verdicts.items():
        receipt = proofs.receipt(standing, rule, verdict, request.as_of or running.started)
        try:
            proofs.write(request.project.root, receipt)
        except OSError:
            return


def _stopped(name: str, why: str) -> GateProof:
    reason = Reason(
        code="tested_installed_copy",
        message=f"nothing can be proved in a copy of the project: {why}",
        fix="install the project with a path-based editable install: python -m pip install -e . --config-settings "
        "editable_mode=compat",
    )
    return GateProof(name=name, verdict="undecided", reason=reason)


def overall(gates: Sequence[GateProof]) -> tuple[Verdict, int]:
    """One verdict and exit code from those of the gates."""
    verdicts = {one.verdict for one in gates}
    if not verdicts:
        return "undecided", NOTHING_JUDGED
    if "failed" in verdicts:
        return "failed", FAILED
    return ("undecided", UNDECIDED) if "undecided" in verdicts else ("passed", PASSED)


def _report(running: _Session, gates: tuple[GateProof, ...]) -> ProofReport:
    request, python = running.request, running.request.judged_python
    verdict, code = overall(gates)
    now = check.cpu()
    spent = None if now is None or running.cpu is None else now - running.cpu
    uncached = running.uncached_cpu
    facts = None if isinstance(python, Refusal) else python
    return ProofReport(
        verdict=verdict,
        exit_code=code,
        error=None,
        project=circumstances.project_facts(request.project, None),
        gates=gates,
        not_judged=running.plan.not_judged,
        run=ProofRun(
            started=running.started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            duration_s=round(time.monotonic() - running.clock, 3),
            gates_version=__version__,
            interpreter="" if facts is None else _shown(facts.path, request.project.root),
            interpreter_version="" if facts is None else facts.version,
            checks=running.checks,
            cpu_s=None if spent is None else round(spent, 3),
            uncached_cpu_s=None if uncached is None else round(uncached, 3),
            multiple=None if spent is None or not uncached else round(spent / uncached, 2),
            durations_s={name: round(taken, 3) for name, taken in running.seconds.items()},
        ),
    )


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
