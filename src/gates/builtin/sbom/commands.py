"""Commands: what `gates sbom` asks of its gate beyond judging."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gates.builtin.sbom import comparing, reading
from gates.builtin.sbom.settings import SbomSettings
from gates.builtin.supply.addresses import scrubbed
from gates.model.reason import Reason

LIMIT = 64 * 1024 * 1024
"""Bytes of a document that are read."""


def difference(before: Path, after: Path) -> Mapping[str, Any] | Reason:
    """The changes from one document to another as plain values; a reason where one of them is none.

    A document without any component says nothing about what came or went, and is no answer either.

    Raises:
        OSError: a file cannot be read.
    """
    held = []
    for path in (before, after):
        data = path.read_bytes()
        if len(data) > LIMIT:
            return _no(path, "it is larger than 64 MiB")
        try:
            bom = reading.read(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return _no(path, "it is not UTF-8")
        except reading.NoBomError as error:
            return _no(path, str(error))
        if not bom.components.count and bom.root is None:
            message = f"{path.name} has no component at all, so there is nothing to compare"
            return Reason(code="nothing_examined", message=message, fix="make the document anew with `gates sbom`")
        held.append(bom)
    changes = comparing.compare(*held)
    counts = {
        what: sum(one.what == what for one in changes) for what in ("added", "removed", "version", "licence", "hash")
    }
    return {
        "before": {"path": before.name, "components": held[0].components.count},
        "after": {"path": after.name, "components": held[1].components.count},
        "counts": counts,
        "changes": [
            {key: scrubbed(text) if isinstance(text, str) else text for key, text in comparing.value(one).items()}
            for one in changes
        ],
    }


def of(settings: SbomSettings, document: str | None, root: Path) -> SbomSettings:
    """The settings with the document that the command line names, None to make one; its path is the current folder's.

    In evidence it is as seen from the project's root, which holds no absolute path.
    """
    if document is None:
        return replace(settings, document=None)
    place = Path(document).expanduser().absolute()
    try:
        return replace(settings, document=Path(os.path.relpath(place, root)).as_posix())
    except ValueError:
        # Another drive of Windows.
        return replace(settings, document=place.as_posix())


def _no(path: Path, why: str) -> Reason:
    message = f"{path.name} cannot be compared: {why}"
    return Reason(code="evidence_corrupt", message=message, fix="make the document anew with `gates sbom`")
