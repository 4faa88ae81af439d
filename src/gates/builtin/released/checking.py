"""Checking: all parts of a release, each judged, in one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.released import artifacts, attestations, bill, checksums, history
from gates.errors import UsageError
from gates.model.measure import Denominator
from gates.model.release import PARTS, Part, ReleaseReport, verdict
from gates.project.releasing import declared

if TYPE_CHECKING:
    from gates.builtin.released.attestations import Verify
    from gates.builtin.released.folder import Folder
    from gates.project.facts import Project


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: the tag (None: that of HEAD), the parts that are left out, and where the changelog is.

    `verify` is what believes attestations; None where nobody said whom to trust.
    """

    tag: str | None
    without: frozenset[str]
    changelog: str | None
    version_files: tuple[str, ...]
    now: datetime
    verify: Verify | None


def check(project: Project, folder: Folder, wish: Wish) -> ReleaseReport:
    """What is said of the release in a folder.

    Raises:
        UsageError: every part is left out, or a part that there is not.
        GatesError: a file or the repository cannot be read.
    """
    if wish.without >= set(PARTS):
        raise UsageError("every part of the release is left out, so that there is nothing to check")
    said = declared.find(project, wish.version_files)
    tag = history.tagged(project, wish.tag, said.version)
    version = str(tag.version) if tag else said.version or ""
    attested = {one.name: one for one in _attested(folder, wish, version)}
    judges: Mapping[str, Callable[[], Part]] = {
        "tag": lambda: history.tag(project, tag, wish.tag, version),
        "version": lambda: history.version(tag, said, version),
        "changelog": lambda: history.logged(project, wish.changelog, version, wish.now),
        "notes": lambda: history.notes(project, folder, wish.changelog, version, said.version),
        "artifacts": lambda: artifacts.check(folder, project.name, version),
        "checksums": lambda: checksums.check(folder),
        "sbom": lambda: bill.check(folder, project.name, version),
        **{name: partial(attested.__getitem__, name) for name in attestations.PARTS},
    }
    parts = tuple(
        Part(name=name, state="left_out", message="left out by --without") if name in wish.without else judges[name]()
        for name in PARTS
    )
    return ReleaseReport(
        verdict=verdict(parts),
        version=version,
        tag=tag.name if tag else wish.tag or "",
        folder=folder.shown,
        denominator=Denominator(count=len(folder.files), unit="files"),
        parts=parts,
    )


def _attested(folder: Folder, wish: Wish, version: str) -> tuple[Part, ...]:
    if wish.without >= set(attestations.PARTS):
        return ()
    return attestations.check(folder, version, wish.verify)
