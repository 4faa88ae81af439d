"""Run: one gate over a project on disk, by itself or through the engine as `gates check` runs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from gates.config import settings, source
from gates.engine import session
from gates.engine.context import GateContext, World
from gates.engine.observer import Silent
from gates.engine.request import Request
from gates.engine.scratch import Scratch
from gates.engine.session import Judgement
from gates.model.decision import Decision, Verdict, verdict_of
from gates.model.evidence import Facts, Refusal, encode
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.process import interpreter
from gates.process.redact import redactor
from gates.project import facts
from gates.testing.law import NOON


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Evidence and decision of one gate, or why there are none."""

    evidence: Facts | None
    decision: Decision | None
    refusal: Reason | None
    commands: tuple[tuple[str, ...], ...]

    @property
    def verdict(self) -> Verdict:
        """The gate's verdict."""
        return "undecided" if self.decision is None else verdict_of(self.decision)

    @property
    def reason(self) -> Reason:
        """Why the gate is undecided.

        Raises:
            AssertionError: it is not.
        """
        found = self.refusal if self.decision is None else self.decision.reason
        if found is None:
            raise AssertionError(f"the gate is {self.verdict} and has no reason")
        return found

    @property
    def found(self) -> list[tuple[str, str | None, int | None, str | None]]:
        """Rule, path, line and the tool's own code of each finding.

        Raises:
            AssertionError: the gate refused, so there was no decision.
        """
        if self.decision is None:
            raise AssertionError(f"the gate refused: {self.refusal}")
        return [(item.rule, item.path, item.line, item.tool_rule) for item in self.decision.findings]

    @property
    def examined(self) -> int:
        """The denominator; 0 after a refusal."""
        return 0 if self.decision is None else self.decision.denominator.count


def context(
    root: Path, gate: Gate[Any, Any], *, environ: Mapping[str, str] | None = None, python: Any = None, **keys: Any
) -> GateContext:
    """The real context of `gate` over the project at `root`; `keys` are its settings, `environ` adds to PATH and HOME.

    The judged interpreter is the one that runs the tests, unless `python` is another one or a refusal.
    """
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", str(root)), **(environ or {})}
    return GateContext(
        gate=gate.name, settings=gate.Settings(**keys), world=_world(facts.find(root), variables, python)
    )


def _world(project: facts.Project, environ: Mapping[str, str], python: Any = None) -> World:
    root = project.root
    chosen = python or interpreter.choose(
        root, flag=sys.executable, configured=None, environ=environ, state=root / ".gates"
    )
    return World(
        project=project,
        python=Refusal(chosen) if isinstance(chosen, Reason) else chosen,
        find_base=lambda: None,
        shard=None,
        offline=True,
        environ=environ,
        find_redactor=lambda: redactor({}),
        scratch=Scratch(root.parent),
        observer=Silent(),
    )


def judge(root: Path, gate: Gate[Any, Any], **wished: Any) -> Judged:
    """What `gate` collects and decides over the project at `root`; evidence is written as JSON and read back.

    Raises:
        AssertionError: the evidence that was read back is not the one that was written.
    """
    asked = context(root, gate, **wished)
    collected = gate.collect(asked)
    commands = tuple(asked.commands)
    if isinstance(collected, Refusal):
        return Judged(evidence=None, decision=None, refusal=collected.reason, commands=commands)
    evidence = msgspec.json.decode(encode(collected), type=gate.Evidence)
    if evidence != collected:
        raise AssertionError("the evidence does not survive being written as JSON")
    decision = gate.decide(evidence, asked.settings, NOON)
    return Judged(evidence=evidence, decision=decision, refusal=None, commands=commands)


def request(
    root: Path,
    *kinds: type[Gate[Any, Any]],
    flags: Mapping[str, Any] | None = None,
    added: Mapping[str, Any] | None = None,
    **wished: Any,
) -> Request:
    """A request for the project at `root` with its own settings and gates of these classes, and no others.

    `added` is laid over `[tool.gates]` as the `settings` of a canary are; `wished` are further fields of the request.

    Raises:
        GatesError: the project's settings are wrong.
    """
    gates = {kind.name: kind() for kind in kinds}
    rules = [key for gate in gates.values() for rule in gate.rules for key in (rule.code, rule.name)]
    config = settings.resolve(
        _with(source.read(root), added or {}),
        {name: gate.Settings for name, gate in gates.items()},
        environ={},
        flags=flags or {},
        rules=rules,
    )
    environ = {"PATH": os.environ["PATH"], **wished.pop("environ", {})}
    return Request(project=facts.find(root), gates=gates, config=config, environ=environ, **wished)


def planting(asked: Request, gate: str) -> GateContext:
    """The context in which a canary of `gate` is planted into the project of a request."""
    return GateContext(
        gate=gate,
        settings=asked.config.gates[gate],
        world=_world(asked.project, asked.environ),
        needed={name: asked.config.gates[name] for name in asked.gates[gate].reads(asked.config.gates[gate])},
    )


def judged(root: Path, *kinds: type[Gate[Any, Any]], **wished: Any) -> Judgement:
    """The judgement of the project at `root` by gates of these classes, through the engine, its cache included."""
    return session.judge(request(root, *kinds, **wished))


def _with(read: source.Source, added: Mapping[str, Any]) -> source.Source:
    from gates.prove import overlay

    return source.Source(table=overlay.merged(read.table, added), path=read.path, text=read.text) if added else read
