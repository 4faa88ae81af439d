"""The real context of one gate over a project on disk, and what the gate makes of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gates.engine.context import GateContext, World
from gates.engine.observer import Silent
from gates.engine.scratch import Scratch
from gates.model.decision import Decision, Verdict, verdict_of
from gates.model.evidence import Facts, Refusal, encode
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.process import interpreter
from gates.process.redact import redactor
from gates.project import facts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


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
        """Why the gate is undecided; fails where it is not."""
        found = self.refusal if self.decision is None else self.decision.reason
        assert found is not None
        return found

    @property
    def found(self) -> list[tuple[str, str | None, int | None, str | None]]:
        """Rule, path, line and the tool's own code of each finding."""
        assert self.decision is not None, self.refusal
        return [(item.rule, item.path, item.line, item.tool_rule) for item in self.decision.findings]

    @property
    def examined(self) -> int:
        """The denominator; 0 after a refusal."""
        return 0 if self.decision is None else self.decision.denominator.count


def context(
    root: Path, gate: Gate[Any, Any], *, environ: Mapping[str, str] | None = None, python: Any = None, **settings: Any
) -> GateContext:
    """The context of `gate` over the project at `root`; `environ` is added to PATH and HOME."""
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", str(root)), **(environ or {})}
    judged = python or interpreter.choose(
        root, flag=sys.executable, configured=None, environ=variables, state=root / ".gates"
    )
    return GateContext(
        gate=gate.name,
        settings=gate.Settings(**settings),
        world=World(
            project=facts.find(root),
            python=Refusal(judged) if isinstance(judged, Reason) else judged,
            find_base=lambda: None,
            shard=None,
            offline=True,
            environ=variables,
            find_redactor=lambda: redactor({}),
            scratch=Scratch(root.parent),
            observer=Silent(),
        ),
    )


def judge(root: Path, gate: Gate[Any, Any], **wished: Any) -> Judged:
    """What `gate` collects and decides over the project at `root`; the evidence is written as JSON and read back."""
    import msgspec

    asked = context(root, gate, **wished)
    collected = gate.collect(asked)
    commands = tuple(asked.commands)
    if isinstance(collected, Refusal):
        return Judged(evidence=None, decision=None, refusal=collected.reason, commands=commands)
    evidence = msgspec.json.decode(encode(collected), type=gate.Evidence)
    assert evidence == collected
    decision = gate.decide(evidence, asked.settings, NOW)
    return Judged(evidence=evidence, decision=decision, refusal=None, commands=commands)
