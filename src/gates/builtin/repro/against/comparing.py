"""Comparing: each published artifact beside a rebuild by the backend that it names, under the time that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from gates.builtin.built import environment, source
from gates.builtin.built.archives.member import Unsafe
from gates.builtin.built.artifact import Artifact as Built
from gates.builtin.repro.against import artifacts, fetching, rebuilding
from gates.builtin.repro.against.artifacts import Artifact
from gates.builtin.repro.explaining import compared
from gates.builtin.repro.facts import UNEXPLAINED, Attribute, Difference, Published
from gates.builtin.repro.settings import ZIP_EPOCH
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project import workspace
from gates.project.documents import table

if TYPE_CHECKING:
    from gates.builtin.built.system import System
    from gates.builtin.repro.explaining.compared import Change
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

HARMLESS: frozenset[Attribute] = frozenset(
    {"order", "mtime", "mode", "owner", "header", "compressed", "gzip-mtime", "gzip-header", "pax"}
)
"""What can differ while every file of the artifact is the same."""

Verdict = Literal["bit-equal", "content-equal", "different"]


def collect(context: Context[ReproSettings], python: Interpreter, system: System) -> tuple[Published, ...] | Refusal:
    """All that `against` names, each with its rebuild, in the order in which it is named; or why one cannot be judged.

    Raises:
        ProjectError: the source cannot be copied.
        GitError: git failed.
    """
    with workspace.folder(context.scratch) as place:
        found = _found(context, python, system, place)
        if isinstance(found, Refusal):
            return found
        return _compared(context, python, system, found, place)


def verdict(changes: tuple[Change, ...]) -> Verdict:
    """How far two artifacts are the same."""
    if not changes:
        return "bit-equal"
    return "content-equal" if all(one.attribute in HARMLESS for one in changes) else "different"


def _found(
    context: Context[ReproSettings], python: Interpreter, system: System, place: Path
) -> tuple[Artifact, ...] | Refusal:
    """Every published file that the settings name, read; sdists have the generator of the wheel of their release."""
    read: list[Artifact] = []
    for number, named in enumerate(dict.fromkeys(context.settings.against)):
        paths = _paths(context, python, named, place / f"fetched-{number}")
        if isinstance(paths, Refusal):
            return paths
        ones: list[Artifact] = []
        for path in paths:
            one = artifacts.read(path, named)
            if isinstance(one, Reason):
                return Refusal(one)
            ones.append(one)
        read += ones if artifacts.release(named) is None else artifacts.comparable(ones, system.requires)
    lines = {(one.project, one.version): one.generator for one in read if one.generator}
    return tuple(replace(one, generator=one.generator or lines.get((one.project, one.version), "")) for one in read)


def _paths(context: Context[ReproSettings], python: Interpreter, named: str, place: Path) -> tuple[Path, ...] | Refusal:
    asked = artifacts.release(named)
    kinds = context.settings.artifacts
    if asked is None or (context.project.root / named).exists():
        context.volatile("it compares with files that are no source of the project")
        return artifacts.files(context.project.root, named, kinds)
    name, version = asked
    own = _declared(context)
    if own is not None and not artifacts.is_of(name, own):
        return _foreign(f"{named} is of {name}, and this project is {own}")
    fetched = fetching.fetched(context, python, name, version, place)
    if isinstance(fetched, Refusal):
        return fetched
    wanted = tuple(one for one in fetched if artifacts.kind_of(one.name) in kinds)
    if wanted:
        return wanted
    message = f"{named} was published without a {' or '.join(kinds)} that fits this Python"
    return refuse("evidence_missing", message, "name in `artifacts` of [tool.gates.repro] what was published")


def _declared(context: Context[ReproSettings]) -> str | None:
    """The name that pyproject.toml gives the project, None where only a build tells it."""
    held = context.project.pyproject
    for name in (table(held, "project").get("name"), table(held, "tool", "poetry").get("name")):
        if isinstance(name, str):
            return name
    return None


def _compared(
    context: Context[ReproSettings],
    python: Interpreter,
    system: System,
    found: tuple[Artifact, ...],
    place: Path,
) -> tuple[Published, ...] | Refusal:
    by_pins: dict[tuple[tuple[str, str], ...], list[Artifact]] = {}
    for one in found:
        by_pins.setdefault(tuple(sorted(artifacts.pins(one.generator).items())), []).append(one)
    rows: dict[Artifact, Published] = {}
    for number, (pins, ones) in enumerate(by_pins.items()):
        asked = source.write(context.project, place / f"asked-{number}")
        said = ", ".join(f"{name} {version}" for name, version in pins) or "what the index has now"
        context.progress(f"installing {said}")
        kinds = tuple(dict.fromkeys(one.kind for one in ones))
        options = context.settings.config_settings
        with environment.made(
            context, python, system, asked, kinds=kinds, pins=dict(pins), config_settings=options
        ) as installed:
            if isinstance(installed, Refusal):
                return _without(installed, ones[0], dict(pins))
            for each, one in enumerate(ones):
                context.progress(f"rebuilding {one.name}")
                built = rebuilding.rebuilt(
                    context, installed, system, one.kind, _epoch(one), place / f"built-{number}-{each}"
                )
                row = _row(one, built)
                if isinstance(row, Refusal):
                    return row
                rows[one] = row
    return tuple(rows[one] for one in found)


def _epoch(one: Artifact) -> int:
    return max(one.epoch, ZIP_EPOCH) if one.kind == "wheel" else one.epoch


def _row(one: Artifact, built: Built | Reason) -> Published | Refusal:
    """One artifact beside its rebuild."""
    if isinstance(built, Reason):
        message = f"{one.name} could not be rebuilt: {built.message}"
        return Refusal(Reason(code=built.code, message=message, fix=built.fix))
    wrong = _of_other(one, built)
    if wrong is not None:
        return wrong
    try:
        changes = compared.changes(one.path, built.path)
    except Unsafe as error:
        message = f"{one.name} and its rebuild cannot be compared: {error}"
        return refuse("evidence_corrupt", message, "fetch it again, and compare its hash with that of the index")
    if one.sha256 != built.sha256 and not changes:
        message = f"{one.name} and its rebuild have other bytes and nothing that differs"
        return refuse("evidence_corrupt", message, "diffoscope shows more; please report it")
    return Published(
        source=one.source,
        name=one.name,
        kind=one.kind,
        sha256=one.sha256,
        rebuilt=built.sha256,
        generator=one.generator,
        epoch=_epoch(one),
        verdict=verdict(changes),
        differences=counted(
            Difference(
                kind=one.kind,
                member=change.member,
                attribute=change.attribute,
                factor=UNEXPLAINED,
                before=change.before,
                after=change.after,
                excerpt=change.excerpt,
            )
            for change in changes
        ),
    )


def _of_other(one: Artifact, built: Built) -> Refusal | None:
    """Why the two are not the same release of one project."""
    told = artifacts.named(built.name)
    if told is None:
        return _foreign(f"this project builds {built.name}, which is no name of an artifact")
    project, version = told
    if project != one.project:
        return _foreign(f"{one.name} is of {one.project}, and this project builds {project}")
    if version != one.version:
        return _foreign(f"{one.name} is version {one.version}, and this tree builds {version}")
    return None


def _foreign(message: str) -> Refusal:
    return refuse("evidence_foreign", message, "check out the tag of the release that was published, or name another")


def _without(refused: Refusal, one: Artifact, pins: Mapping[str, str]) -> Refusal:
    """A refusal of the environment that says for which artifact it was made."""
    if not pins:
        return refused
    said = ", ".join(f"{name} {version}" for name, version in pins.items())
    message = f"{one.name} was built by {said}, which cannot be had: {refused.reason.message}"
    return Refusal(Reason(code=refused.reason.code, message=message, fix=refused.reason.fix))
