"""Collect: the artifacts, and what was signed of them and by whom; the libraries that verify are used here only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.attested import dists as files
from gates.builtin.attested import keys, opening
from gates.builtin.attested.expected import Key
from gates.builtin.attested.facts import Dist, Opened
from gates.builtin.attested.keys import KeyRefused, NoLibrary
from gates.builtin.attested.refusal import Objection
from gates.builtin.provenance import trust
from gates.builtin.provenance.facts import ProvenanceEvidence
from gates.builtin.provenance.source import NotAttested
from gates.errors import GatesError, UsageError
from gates.model.evidence import Refusal, counted, refuse

if TYPE_CHECKING:
    from gates.builtin.provenance.settings import ProvenanceSettings
    from gates.model.gate import Context

TABLE = "[tool.gates.provenance]"


def collect(context: Context[ProvenanceSettings]) -> ProvenanceEvidence | Refusal:
    """The facts, or why there are none."""
    found = context.tool("securesystemslib", module="securesystemslib", distribution="securesystemslib")
    if isinstance(found, Refusal):
        return found
    try:
        return _rehearsed(context) if context.settings.rehearse else _held(context)
    except GatesError as error:
        return _refusal(error, context.redact(str(error)))


def _refusal(error: GatesError, said: str) -> Refusal:
    if isinstance(error, NoLibrary):
        return refuse("tool_missing", said, keys.INSTALL)
    if isinstance(error, KeyRefused):
        return refuse("tool_config_invalid", said, f"mend `public-key` in {TABLE}")
    if isinstance(error, NotAttested):
        return refuse("evidence_missing", said, "commit what is built, and build it from an index")
    if isinstance(error, UsageError):
        return refuse("tool_config_invalid", said, f"mend {TABLE}")
    return refuse("unreadable", said, "gates check provenance -v")


def _rehearsed(context: Context[ProvenanceSettings]) -> ProvenanceEvidence | Refusal:
    from gates.builtin.provenance import rehearsal

    done = rehearsal.run(context)
    if isinstance(done, Refusal):
        return done
    dists, opened = done
    note = "a rehearsal: what was judged is a build of today and a key that nobody keeps, not what is released"
    return _evidence(context, dists, opened, rehearsed=True, notes=(note,))


def _held(context: Context[ProvenanceSettings]) -> ProvenanceEvidence | Refusal:
    settings, root = context.settings, context.project.root
    if not settings.trusting:
        message = "it is not said whom to trust: a key (public-key, builder) or a workflow (repository, workflow, ref)"
        return refuse("not_configured", message, f"add them to {TABLE}, or set rehearse = true there")
    paths = _artifacts(root, settings.dist)
    if not paths:
        message = f"{', '.join(settings.dist)} holds no wheel and no source distribution"
        return refuse("nothing_examined", message, "python -m build")
    dists = files.read(paths)
    attestations = _matching(root, settings.attestations)
    trusted = trust.trusted(settings, _version(dists))
    key = keys.public(root / settings.public_key) if isinstance(trusted, Key) else None
    opened = opening.opened(attestations, trusted, key, dists)
    return _evidence(context, dists, tuple(_redacted(context, one) for one in opened))


def _evidence(
    context: Context[ProvenanceSettings],
    dists: tuple[Dist, ...],
    opened: tuple[Opened, ...],
    *,
    rehearsed: bool = False,
    notes: tuple[str, ...] = (),
) -> ProvenanceEvidence | Refusal:
    settings, git = context.settings, context.project.git
    head = git.head if git is not None else None
    commit = settings.commit or head
    if commit is None:
        raise NotAttested("there is no commit that the artifacts could be of")
    report = ""
    if settings.report and not rehearsed:
        report = files.digest(context.project.root / settings.report)
    return ProvenanceEvidence.sealed(
        dists=counted(dists),
        opened=counted(opened),
        commit=commit,
        version=_version(dists),
        report=report,
        rehearsed=rehearsed,
        notes=counted(notes),
    )


def _artifacts(root: Path, named: Iterable[str]) -> tuple[Path, ...]:
    found = [
        path for one in named for path in ((root / one).iterdir() if (root / one).is_dir() else _fitting(root, one))
    ]
    return tuple(sorted({path for path in found if files.is_dist(path)}))


def _matching(root: Path, globs: Iterable[str]) -> tuple[Path, ...]:
    return tuple(sorted({path for one in globs for path in _fitting(root, one) if path.is_file()}))


def _fitting(root: Path, glob: str) -> Iterable[Path]:
    """The files that a glob of the settings names.

    Raises:
        UsageError: it is none below the project.
    """
    try:
        return list(root.glob(glob))
    except (NotImplementedError, ValueError) as error:
        raise UsageError(f"{glob!r} is no glob of files in the project: {error}") from error


def _version(dists: Iterable[Dist]) -> str:
    told = {files.named(one.name) for one in dists}
    (pair,) = told if len(told) == 1 else (None,)
    return "" if pair is None else pair[1]


def _redacted(context: Context[ProvenanceSettings], one: Opened) -> Opened:
    """Without secrets: what somebody signed may hold one."""
    objections = (
        Objection(slug=said.slug, place=said.place, message=context.redact(said.message))
        for said in one.objections.items
    )
    return msgspec.structs.replace(one, payload=context.redact(one.payload), objections=counted(objections))
