"""Bench: a gate's project with and without its faults, each run made once and kept for all that is asked of it."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gates.config.source import PYPROJECT
from gates.engine import session
from gates.engine.request import Request
from gates.model.canary import Canary, Planted
from gates.model.evidence import Facts
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.model.report import GateReport
from gates.prove import overlay
from gates.testing import commits, project, run

Kind = type[Gate[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A gate, and a project in which it passes.

    `beside` are the gates whose evidence it reads, `environ` is added to the environment, `unfit` says by rule why its
    canary does not fit the project, and `prepare` does to a project's folder what files cannot say, such as commits.
    """

    gate: Kind
    files: project.Files
    beside: tuple[Kind, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], object] | None = None

    def write(self, root: Path, files: project.Files) -> Path:
        """`root` with `files` in it, prepared."""
        project.write(root, files)
        if self.prepare is not None:
            self.prepare(root)
        return root


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One run: what was reported, and the evidence and settings behind it (None where the gate refused)."""

    report: GateReport
    facts: Facts | None
    settings: Any

    @property
    def said(self) -> str:
        """The verdict with its reason or its first finding."""
        reason, found = self.report.reason, self.report.findings
        more = f": {reason.message}" if reason else f": {found[0].rule} {found[0].message}" if found else ""
        return f"{self.report.verdict}{more}"


class Bench:
    """The subject's project with and without its faults, in a folder; every run is made once."""

    def __init__(self, subject: Subject, folder: Path) -> None:
        """Nothing is written before it is needed."""
        self.subject = subject
        self.folder = folder
        self._numbers = itertools.count(1)
        self._clean: Seen | None = None
        self._planted: dict[str, tuple[Seen, Planted] | Reason] = {}

    def clean(self) -> Seen:
        """The run over the project as it is."""
        if self._clean is None:
            self._clean = self.run(self.subject.write(self.folder / "clean", self.subject.files))
        return self._clean

    def planted(self, canary: Canary) -> tuple[Seen, Planted] | Reason:
        """The run over a copy of the judged project in which a canary was planted, and where it was."""
        key = f"{canary.rule} {canary.title}"
        if key not in self._planted:
            self.clean()
            root = self.folder / f"planted-{next(self._numbers)}"
            # With the evidence of the clean run: where `inputs` forgets what a canary changes, it is used again.
            shutil.copytree(self.folder / "clean", root, symlinks=True)
            asked = self.request(root, added=canary.settings)
            answer = canary.plant(run.planting(asked, self.subject.gate.name))
            found = answer if isinstance(answer, Reason) else (self._judged(root, canary, answer), answer)
            self._planted[key] = found
        return self._planted[key]

    def _judged(self, root: Path, canary: Canary, planted: Planted) -> Seen:
        """The run over what was planted, narrowed to it as a proof would be, and base as well where it is read."""
        name = self.subject.gate.name
        own = {**canary.settings.get(name, {}), **planted.settings}
        added = {**canary.settings, **({name: own} if own else {})}
        before = dict(planted.before)
        asked = self.request(root)
        reads = self.subject.gate().inputs(asked.project, asked.config.gates[name]).base
        if own and reads and asked.project.git is not None:
            path = asked.config.source.path or PYPROJECT
            text = (root / path).read_text("utf-8") if (root / path).is_file() else ""
            before[path] = overlay.narrowed(text, path, {name: own})
        base = {"base": commits.below(root, before)} if before else {}
        return self.run(root, added=added, **base)

    def evidence(self) -> Iterator[tuple[str, Seen, Facts]]:
        """Every run that left evidence, by a name."""
        runs = {"clean": self.clean()}
        for canary in self.subject.gate().canaries():
            done = self.planted(canary)
            if not isinstance(done, Reason):
                runs[f"{canary.rule}: {canary.title}"] = done[0]
        for name, seen in runs.items():
            if seen.facts is not None:
                yield name, seen, seen.facts

    def run(self, root: Path, **wished: Any) -> Seen:
        """The gate's part of a run of the engine."""
        name = self.subject.gate.name
        judgement = session.judge(self.request(root, named=(name,), **wished))
        planned = next(one for one in judgement.plan.planned if one.gate.name == name)
        return Seen(
            report=next(one for one in judgement.report.gates if one.name == name),
            facts=judgement.evidence.get(name),
            settings=planned.settings,
        )

    def request(self, root: Path, **wished: Any) -> Request:
        """The request that every run is made of."""
        environ = {**self.subject.environ, **wished.pop("environ", {})}
        kinds = (*self.subject.beside, self.subject.gate)
        return run.request(root, *kinds, environ=environ, python=sys.executable, **wished)
