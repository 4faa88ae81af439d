"""Record: the hashes that the same sources and toolchain must give again, and what is not as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from gates.builtin.built.artifact import Kind
from gates.builtin.built.package import Package
from gates.builtin.repro import record_file
from gates.builtin.repro.facts import Expected, Recorded, ReproEvidence
from gates.builtin.repro.record_file import DamagedError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.keeping import Keeping, Wish
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.repro.settings import ReproSettings
    from gates.project.facts import Project

APART = ("gates-baseline/**", ".gates/**")
"""What is no source of a release, so that writing the record does not make it one of other sources."""

ANEW = "gates repro --record"


def sources(project: Project, name: str = "gates-baseline/repro.json") -> str:
    """The digest over the tree without the record, which is called `name`, and what else gates writes.

    Raises:
        ProjectError: a file cannot be read.
    """
    return project.tree.digest(("**", *(f"!{glob}" for glob in (*APART, name))))


def read(project: Project, settings: ReproSettings) -> Recorded | Refusal | None:
    """The committed record, None where there is none, or why it cannot be used."""
    name = settings.record
    if not record_file.is_inside(name):
        message = f"the record {name} is outside of the project"
        return refuse("tool_config_invalid", message, "name a file of the project as `record` in [tool.gates.repro]")
    try:
        return record_file.parse(record_file.data_of(project.root / name), name)
    except FileNotFoundError:
        return None
    except OSError as error:
        return refuse("unreadable", f"the record {name} cannot be read: {error.strerror or error}", f"ls -l {name}")
    except DamagedError as error:
        fix = f"git checkout -- {name}; or remove it, and write it anew: {ANEW}"
        return refuse(error.code, f"the record {name} {error}", fix)


def epoch(recorded: Recorded | None, now: str) -> int | None:
    """The SOURCE_DATE_EPOCH of a record of these very sources (`now` is their digest), None of others.

    Committing the record makes a commit of another time, which nothing but the record is of.
    """
    return recorded.epoch if recorded is not None and recorded.sources == now else None


def keeps(evidence: ReproEvidence, wish: Wish[ReproSettings]) -> Keeping:
    """The record of today's hashes, unless builds differ, failed, or are missing; `prune` has nothing to take out."""
    name = wish.settings.record
    if wish.prune:
        return Keeping(notes=("a record has nothing to prune",))
    if not record_file.is_inside(name):
        message = f"the record {name} is outside of the project"
        fix = "name a file of the project as `record` in [tool.gates.repro]"
        return Keeping(reason=Reason(code="tool_config_invalid", message=message, fix=fix))
    refused = next(_obstacles(evidence), None)
    if refused is not None:
        return Keeping(reason=Reason(code="not_green", message=refused, fix="gates repro"))
    today = Recorded(
        path=name,
        sources=evidence.sources,
        epoch=evidence.epoch,
        toolchain=evidence.toolchain,
        expected=counted(_expected(evidence)),
    )
    return Keeping(files={name: record_file.encode(today)}, notes=tuple(_said(evidence)))


def incomparable(evidence: ReproEvidence) -> tuple[str, ...]:
    """Why today's hashes cannot be those of the record, a sentence each; none where they must be, or without one."""
    return tuple(note for recorded in evidence.record.items for note in _other(evidence, recorded))


def drift(evidence: ReproEvidence) -> tuple[str, ...]:
    """What the record says of the backend and the packages that is otherwise now; of the same sources and Python."""
    return tuple(
        line
        for recorded in evidence.record.items
        if not _elsewhere(evidence, recorded)
        for line in _drift(evidence, recorded)
    )


def unexpected(evidence: ReproEvidence) -> tuple[tuple[str, Kind], ...]:
    """A sentence for each artifact that is not as recorded, with its kind, where all that it was recorded of is."""
    if drift(evidence) or incomparable(evidence):
        return ()
    return tuple(one for recorded in evidence.record.items for one in _unexpected(evidence, recorded))


def _obstacles(evidence: ReproEvidence) -> Iterator[str]:
    """Why there is nothing to expect of another build."""
    if not evidence.kinds.items:
        yield "nothing was built"
    for kind in evidence.kinds.items:
        builds = [one for one in evidence.builds.items if one.kind == kind]
        failed = next((one for one in builds if one.problem), None)
        if not builds:
            yield f"no {kind} was built"
        elif failed is not None:
            yield f"the {failed.round} build of the {kind} made nothing: {failed.problem}"
        elif len({(one.name, one.sha256) for one in builds}) > 1:
            yield f"{builds[0].name} is not the same in all of its builds, so that no hash of it can be expected"
    for line in evidence.drifted.items:
        yield f"what it is built with changed between the builds: {line}"


def _expected(evidence: ReproEvidence) -> Iterator[Expected]:
    for kind in sorted(set(evidence.kinds.items)):
        first = next(one for one in evidence.builds.items if one.kind == kind)
        yield Expected(kind=kind, name=first.name, sha256=first.sha256)


def _said(evidence: ReproEvidence) -> Iterator[str]:
    tools = evidence.toolchain
    names = ", ".join(one.name for one in _expected(evidence))
    yield f"{names} under SOURCE_DATE_EPOCH {evidence.epoch}, by {tools.backend}, {tools.python}"
    left = [one.name for one in evidence.factors.items if not one.varied]
    if left:
        yield f"what was not varied here may change these hashes elsewhere: {', '.join(left)}"


def _elsewhere(evidence: ReproEvidence, recorded: Recorded) -> list[str]:
    """Why versions of packages cannot be compared either."""
    if recorded.sources != evidence.sources:
        return [f"the record {recorded.path} is of other sources, nothing is compared with it"]
    was, now = recorded.toolchain, evidence.toolchain
    return [] if was.python == now.python else [_differs(recorded.path, "interpreter", was.python, now.python)]


def _other(evidence: ReproEvidence, recorded: Recorded) -> Iterator[str]:
    elsewhere = _elsewhere(evidence, recorded)
    yield from elsewhere
    if elsewhere and recorded.sources != evidence.sources:
        return
    was, now = recorded.toolchain, evidence.toolchain
    pairs = (
        ("zlib", was.zlib, now.zlib),
        ("platform", was.platform, now.platform),
        ("SOURCE_DATE_EPOCH", str(recorded.epoch), str(evidence.epoch)),
    )
    yield from (_differs(recorded.path, what, before, after) for what, before, after in pairs if before != after)


def _differs(path: str, what: str, before: str, after: str) -> str:
    return f"the record {path} is of another {what} ({before}, now {after}), its hashes are not compared"


def _drift(evidence: ReproEvidence, recorded: Recorded) -> Iterator[str]:
    was, now = recorded.toolchain, evidence.toolchain
    if was.backend != now.backend:
        yield f"the backend: {was.backend} is recorded, it is {now.backend} now"
    before, after = _by_name(was.packages.items), _by_name(now.packages.items)
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if new is None and old is not None:
            yield f"{name}: {old.version} is recorded, it is not there now"
        elif old is None and new is not None:
            yield f"{name}: not recorded, {new.version} now"
        elif old is not None and new is not None:
            if old.version != new.version:
                yield f"{name}: {old.version} is recorded, {new.version} now"
            elif old.sha256 and new.sha256 and old.sha256 != new.sha256:
                yield f"{name}: {old.version} is recorded from another file ({old.sha256[:12]}, now {new.sha256[:12]})"


def _by_name(packages: tuple[Package, ...]) -> Mapping[str, Package]:
    return {one.name: one for one in packages}


def _unexpected(evidence: ReproEvidence, recorded: Recorded) -> Iterator[tuple[str, Kind]]:
    expected = {one.kind: one for one in recorded.expected.items}
    for kind in sorted(set(evidence.kinds.items)):
        new = next((one for one in evidence.builds.items if one.kind == kind and not one.problem), None)
        if new is None:
            continue
        old = expected.get(kind)
        if old is None:
            yield f"the record {recorded.path} has no {kind}", kind
        elif old.name != new.name:
            yield f"the {kind} is {new.name}, and the record {recorded.path} expects {old.name}", kind
        elif old.sha256 != new.sha256:
            packed = f"; if it packs {recorded.path} itself, leave that out of it" if kind == "sdist" else ""
            digests = f"{new.sha256[:12]}, recorded is {old.sha256[:12]}"
            yield f"{new.name} is not what the record says of these sources and tools: SHA-256 {digests}{packed}", kind
