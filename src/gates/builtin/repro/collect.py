"""Collect: both artifacts built under nine circumstances, and the search where they differ."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built import environment, source, system
from gates.builtin.built.archives import reading
from gates.builtin.built.archives.member import Unsafe
from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.built.source import Epoch
from gates.builtin.repro import against, consistency, record, toolchain
from gates.builtin.repro.circumstances.workshop import Workshop
from gates.builtin.repro.facts import FACTORS, ROUNDS, Build, Recorded, ReproEvidence, Round
from gates.builtin.repro.searching import behind, mixed
from gates.builtin.repro.searching.trial import Budget
from gates.builtin.repro.settings import ZIP_EPOCH
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project import workspace

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.repro.circumstances.workshop import Circumstances, Made
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

SCHEMA = 1
EVERY: Mapping[Round, Circumstances] = {
    "reference": {},
    "varied": dict.fromkeys((name for name in FACTORS if name != "rebuild"), 1),
    "other": dict.fromkeys((name for name in FACTORS if name != "rebuild"), 2),
    **{name: {one.factor: one.value for one in some} for name, some in mixed.MIXED.items()},
}


def collect(context: Context[ReproSettings]) -> ReproEvidence | Refusal:
    """The facts of all builds, or why there are none."""
    python = context.python
    if isinstance(python, Refusal):
        return python
    built_by = system.of(context.project)
    if isinstance(built_by, Refusal):
        return built_by
    found = _built(context, python, built_by)
    if not isinstance(found, Refusal) and context.settings.against:
        published = against.collect(context, python, built_by)
        if isinstance(published, Refusal):
            return published
        found = msgspec.structs.replace(found, published=counted(published))
    changed = context.project.tree.changed(("**",))
    if changed is None:
        return found
    message = f"{changed} of the project changed while it was built, so that nobody knows what was built"
    fix = "gates check repro, once nothing writes into the project; if its own build does, that is to be mended first"
    return refuse("evidence_foreign", message, fix)


def _built(context: Context[ReproSettings], python: Interpreter, built_by: System) -> ReproEvidence | Refusal:
    """The facts of the builds, without what was published."""
    sources = record.sources(context.project, context.settings.record)
    kept = record.read(context.project, context.settings)
    if isinstance(kept, Refusal):
        return kept
    when = epoch(context, record.epoch(kept, sources))
    if isinstance(when, Refusal):
        return when
    kinds, options = context.settings.artifacts, context.settings.config_settings
    with workspace.folder(context.scratch) as place:
        asked = source.write(context.project, place / "asked")
        context.progress("installing what the build requires")
        with environment.made(context, python, built_by, asked, kinds=kinds, config_settings=options) as installed:
            if isinstance(installed, Refusal):
                return installed
            return _Run(context, built_by, installed, when, place / "builds").evidence(sources, kept)


class _Run:
    """The builds of one run."""

    def __init__(
        self,
        context: Context[ReproSettings],
        built_by: System,
        installed: Environment,
        when: Epoch,
        place: Path,
    ) -> None:
        place.mkdir()
        self._context = context
        self._system = built_by
        self._environment = installed
        self._epoch = when
        self._workshop = Workshop(context, installed, built_by, when.seconds, place)

    def evidence(self, sources: str, kept: Recorded | None) -> ReproEvidence | Refusal:
        """All that was found out."""
        made: dict[Kind, dict[Round, Made]] = {}
        for kind in self._context.settings.artifacts:
            rounds = self._rounds(kind)
            if isinstance(rounds, Refusal):
                return rounds
            made[kind] = rounds
        budget = Budget(self._context.settings.most_builds)
        try:
            found = [behind.behind(self._workshop, kind, rounds, budget) for kind, rounds in made.items()]
        except Unsafe as error:
            return _unsafe("an artifact of another build", error)
        made_with = toolchain.of(self._context, self._environment, self._system)
        if isinstance(made_with, Refusal):
            return made_with
        by_round: Mapping[str, tuple[Made, ...]] = {
            name: tuple(rounds[name] for rounds in made.values()) for name in ROUNDS
        }
        recorded = () if kept is None else (kept,)
        return ReproEvidence(
            schema_version=SCHEMA,
            epoch=self._epoch.seconds,
            epoch_from=self._epoch.place,
            backend_line=counted(() if self._system.line is None else (self._system.line,)),
            sources=sources,
            toolchain=made_with,
            kinds=counted(made),
            factors=counted(self._workshop.factors(by_round)),
            builds=counted(_build(kind, name, one) for kind, rounds in made.items() for name, one in rounds.items()),
            differences=counted(row for one in found for row in one.differences),
            broken=counted(row for one in found for row in one.broken),
            drifted=counted(self._drifted()),
            singles=budget.spent,
            record=counted(recorded),
            seal=consistency.seal(sources, self._epoch.seconds, made_with, recorded),
            published=counted(()),
            notes=counted(()),
        )

    def _rounds(self, kind: Kind) -> dict[Round, Made] | Refusal:
        rounds: dict[Round, Made] = {}
        for name, circumstances in EVERY.items():
            self._context.progress(f"building the {kind}: {name}")
            rounds[name] = self._workshop.build(kind, circumstances)
            if name == "reference":
                wrong = self._unusable(rounds[name])
                if wrong is not None:
                    return wrong
        self._context.progress(f"building the {kind}: again")
        rounds["again"] = self._workshop.build(kind, EVERY["varied"], again=rounds["varied"])
        rounds["after"] = self._workshop.after(kind, EVERY["varied"])
        strays = next((one.outside for one in rounds.values() if one.outside), ())
        return _strayed(self._context, strays) if strays else rounds

    def _unusable(self, made: Made) -> Refusal | None:
        """Why there is nothing to compare with: the plain build fails, or what it made must not be read."""
        if isinstance(made.outcome, Reason):
            return _strayed(self._context, made.outside) if made.outside else Refusal(made.outcome)
        try:
            reading.read(made.outcome.path)
        except Unsafe as error:
            return _unsafe(made.outcome.name, error)
        return None

    def _drifted(self) -> tuple[str, ...]:
        """What the builds themselves installed or removed, as `setuptools 83.0 -> 84.0`."""
        before = {one.name: one.version for one in self._environment.packages}
        after = {one.name: one.version for one in self._environment.frozen()}
        return tuple(
            f"{name} {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        )


def epoch(context: Context[ReproSettings], recorded: int | None) -> Epoch | Refusal:
    """SOURCE_DATE_EPOCH of all builds; `recorded` is that of a record of these sources."""
    said = context.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if context.settings.source_date_epoch is not None:
        found = Epoch(seconds=context.settings.source_date_epoch, place="setting:source-date-epoch")
    elif said:
        if not said.isdigit():
            message = f"SOURCE_DATE_EPOCH is {said!r}, which is no number of seconds"
            return refuse("tool_config_invalid", message, "unset SOURCE_DATE_EPOCH")
        found = Epoch(seconds=int(said), place="SOURCE_DATE_EPOCH")
    elif recorded is not None:
        found = Epoch(seconds=recorded, place=context.settings.record)
    else:
        found = source.epoch(context.project)
    if found.seconds < ZIP_EPOCH and "wheel" in context.settings.artifacts:
        message = (
            f"SOURCE_DATE_EPOCH is {found.seconds} ({found.place}), which is before 1980, and no wheel can hold that"
        )
        return refuse("tool_config_invalid", message, f"set source-date-epoch = {ZIP_EPOCH} in [tool.gates.repro]")
    return found


def _build(kind: Kind, name: Round, made: Made) -> Build:
    outcome = made.outcome
    if isinstance(outcome, Artifact):
        return Build(round=name, kind=kind, name=outcome.name, sha256=outcome.sha256, size=outcome.size, problem="")
    return Build(round=name, kind=kind, name="", sha256="", size=0, problem=outcome.message)


def _strayed(context: Context[ReproSettings], outside: tuple[str, ...]) -> Refusal:
    more = f" and {len(outside) - 1} more places" if len(outside) > 1 else ""
    where = _told(context, Path(outside[0]))
    message = f"the build writes outside of its own folders, to {where}{more}; it was kept from it"
    return refuse("tool_crashed", message, "have the build write into its own folder or a temporary one only")


def _told(context: Context[ReproSettings], path: Path) -> str:
    """A place as evidence may hold it: seen from the project or the home, or by its name alone."""
    root, home = context.project.root.resolve(), Path(context.environ.get("HOME", os.devnull)).resolve()
    if path.is_relative_to(root):
        return f"{path.relative_to(root).as_posix()} of the project itself"
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else f"{path.name} elsewhere"


def _unsafe(name: str, error: Unsafe) -> Refusal:
    return refuse("evidence_corrupt", f"{name} is not safe to read: {error}", "mend what the build puts into it")
