"""Proof: the command over the clean copy, then over each planted fault, then over the clean copy once more."""

from __future__ import annotations

import difflib
import shlex
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from gates.errors import UsageError
from gates.model.command_proof import CommandProof, CommandRun, Place, State, Trial, verdict_of
from gates.model.reason import Reason
from gates.process.child import Completed, Limits, run
from gates.process.redact import Redactor, redactor
from gates.project.facts import Project
from gates.prove.command import outcome, workplace
from gates.prove.command.faults import FAULTS, DoesNotFit, Fault, missing
from gates.prove.command.hiding import Hidden
from gates.prove.command.reach import Reach
from gates.prove.command.site import Site
from gates.prove.command.workplace import Workplace

CODES = {"passed": 0, "failed": 1, "undecided": 3}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which command of which project, run in which of its folders, with how many seconds for each run.

    `only` is the one fault that is planted; without it all are.
    """

    project: Project
    folder: Path
    command: tuple[str, ...]
    timeout: float
    environ: Mapping[str, str]
    tell: Callable[[str], None]
    only: str | None = None


def prove(wish: Wish) -> CommandProof:
    """Which of the faults the command turns red for.

    Raises:
        GatesError: the project cannot be copied, or was changed meanwhile; there is no fault of the wanted name.
    """
    began = time.monotonic()
    with workplace.made(wish.project, wish.folder, wish.environ, wish.tell) as place:
        proving = _Proving(wish, place, Reach(wish.command, place.copy.root, wish.project.tree.files))
        report = proving.report()
        duration = round(time.monotonic() - began, 3)
        return replace(report, run=CommandRun(runs=proving.runs, clean_s=proving.clean_s, duration_s=duration))


@dataclass
class _Proving:
    wish: Wish
    place: Workplace
    reach: Reach
    runs: int = 0
    clean_s: float | None = None
    notes: list[str] = field(default_factory=list)

    def report(self) -> CommandProof:
        """The report but for its times."""
        faults = _chosen([*FAULTS, *(missing(tool) for tool in self.reach.tools)], self.wish.only)
        clean = self._run(self.place.environ)
        self._watch_environment()
        if clean.status != "OK":
            is_repository = self.wish.project.git is not None
            return self._undecided(
                outcome.not_green(clean, self.wish.timeout, is_repository=is_repository), outcome.tail(clean)
            )
        self.clean_s = round(clean.duration, 3)
        left = f"about {clean.duration * (len(faults) + 1):.0f} s"
        self.wish.tell(f"the clean copy is green ({clean.duration:.1f} s); {len(faults)} faults, {left}")
        trials = [self._planted(fault) if fault.plant else self._hidden(fault) for fault in faults]
        if all(trial.state == "not_tried" for trial in trials):
            return replace(self._blank, reason=outcome.nothing_tried(trials, self._shown), trials=tuple(trials))
        if any(trial.state == "caught" for trial in trials):
            again = self._run(self.place.environ)
            if again.status != "OK":
                return self._undecided(outcome.not_steady(again, self._shown), outcome.tail(again))
        verdict = verdict_of(trials)
        return replace(self._blank, verdict=verdict, exit_code=CODES[verdict], trials=tuple(trials))

    def _undecided(self, reason: Reason, output: Sequence[str]) -> CommandProof:
        return replace(self._blank, reason=reason, output=tuple(output))

    @property
    def _blank(self) -> CommandProof:
        return CommandProof(
            verdict="undecided",
            exit_code=CODES["undecided"],
            project=self.wish.project.name,
            command=self.wish.command,
            notes=tuple(self.notes),
        )

    @property
    def _shown(self) -> str:
        return shlex.join(self.wish.command)

    def _run(self, environ: Mapping[str, str]) -> Completed:
        self.runs += 1
        limits = Limits(wall=self.wish.timeout)
        return run(self.wish.command, cwd=self.place.folder, env=environ, limits=limits, redactor=self._redactor)

    @cached_property
    def _redactor(self) -> Redactor:
        return redactor(self.wish.environ)

    def _planted(self, fault: Fault) -> Trial:
        self._restored()
        try:
            path = fault.plant(Site(self.place.copy.project())) if fault.plant else None
        except DoesNotFit as why:
            return Trial(fault=fault.name, title=fault.title, state="not_tried", message=str(why))
        self.place.staged()
        ended = self._run(self.place.environ)
        self._restored()
        return self._judged(fault, ended, path)

    def _hidden(self, fault: Fault) -> Trial:
        tool = fault.objectors.tools[0]
        hidden = Hidden(tool, self.place.copy.home / "hidden" / tool)
        ended = self._run_without(hidden)
        if not hidden.asked and ended.status != "FAILED":
            why = "the command runs its tools elsewhere"
            return Trial(fault=fault.name, title=fault.title, state="not_tried", message=why)
        guards = self.reach.guards(tool) if ended.status == "FAILED" else ()
        if guards:
            # What asks first is answered by a program that fails as if the tool were there.
            absent = self._run_without(Hidden(tool, self.place.copy.home / "absent" / tool, is_silent=True))
            if absent.status == "OK":
                return replace(self._judged(fault, absent, None), places=guards)
        return self._judged(fault, ended, None)

    def _run_without(self, hidden: Hidden) -> Completed:
        with hidden.inside(self.place.copy.root):
            ended = self._run(hidden.environment(self.place.environ))
        self._restored()
        return ended

    def _restored(self) -> None:
        self.place.copy.restore()
        self.place.staged()

    def _judged(self, fault: Fault, ended: Completed, path: str | None) -> Trial:
        places: tuple[Place, ...] = ()
        if ended.status == "OK":
            state: State = "missed"
            message = "the command was green"
            places = self.reach.blamed(fault)
        elif ended.status == "FAILED":
            state = "caught"
            message = outcome.doubt(ended, fault)
        else:
            state = "not_tried"
            message = ended.reason
        self.wish.tell(f"{fault.name}: {state.replace('_', ' ')} ({ended.duration:.1f} s)")
        return Trial(
            fault=fault.name,
            title=fault.title,
            state=state,
            sure=state != "caught" or not message,
            message=message or f"exit code {ended.code}",
            planted=path,
            exit_code=ended.code,
            places=places,
        )

    def _watch_environment(self) -> None:
        """Say so where the command has installed the copy into an environment that is not in it."""
        python = shutil.which("python", path=self.place.environ.get("PATH"))
        named = [self.place.environ.get(name) for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
        prefixes = {Path(name) for name in named if name} | ({Path(python).parent.parent} if python else set())
        for prefix in sorted(prefixes):
            if workplace.polluted(self.place, prefix):
                self.notes.append(
                    f"`{self._shown}` installs the project into the environment {prefix.name}, which now leads to the "
                    "copy, which is gone: install the project there once more"
                )


def _chosen(faults: list[Fault], only: str | None) -> list[Fault]:
    names = [fault.name for fault in faults]
    if only is not None and only not in names:
        close = difflib.get_close_matches(only, names, n=1, cutoff=0.4)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
        raise UsageError(f"--rule {only}: there is no fault of that name; {hint}")
    return [fault for fault in faults if only in {None, fault.name}]
