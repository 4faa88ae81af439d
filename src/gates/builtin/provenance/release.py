"""Release: the attestations of a release, judged by the settings of the gate, wherever its files are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.attested import dists as files
from gates.builtin.attested import judging, keys, opening
from gates.builtin.attested.expected import Expected
from gates.builtin.attested.judging import Judged
from gates.builtin.provenance.settings import ProvenanceSettings
from gates.builtin.provenance.source import NotAttested
from gates.builtin.provenance.trust import DAY, trusted

if TYPE_CHECKING:
    from gates.project.facts import Project


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a release: its artifacts, its attestations, and what was made in the same build (an SBOM)."""

    version: str
    artifacts: Sequence[Path]
    attestations: Sequence[Path]
    byproducts: Sequence[Path]


def judge(settings: ProvenanceSettings, project: Project, release: Release, now: datetime) -> Judged:
    """What is believed of a release of the project's HEAD, and every objection.

    Raises:
        UsageError: the settings could mean more than one thing.
        NotAttested: there is no commit, so that the attestations of any release would do.
        KeyRefused: the public key cannot be used.
        NoLibrary: what verifies is not installed.
        GatesError: a file, or the repository, cannot be read.
    """
    trust = trusted(settings, release.version)
    commit = settings.commit or (project.git.head if project.git else None)
    if commit is None:
        raise NotAttested("there is no commit that the release could be of")
    key = keys.public(project.root / settings.public_key) if settings.public_key else None
    dists = files.read(release.artifacts)
    report = project.root / settings.report if settings.report else None
    wanted = Expected(
        trust=trust,
        commit=commit,
        version=release.version,
        kind=settings.kind,
        oldest=None if settings.max_days is None else settings.max_days * DAY,
        judged=bool(settings.gates or settings.report),
        gates=settings.gates,
        report=files.digest(report) if report else "",
        byproducts=files.read(release.byproducts),
    )
    return judging.judge(opening.opened(release.attestations, trust, key, dists), dists, wanted, now)
