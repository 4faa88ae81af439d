"""Planting: a mirror of a few records that knows of a vulnerability in a dependency of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.audit.controls import CONTROLS
from gates.builtin.built.wrapper import FOLDER
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.audit.facts import Dependency
    from gates.builtin.audit.settings import AuditSettings
    from gates.model.gate import Context

ID = "GATES-CANARY-1"
MODIFIED = "2020-01-01T00:00:00Z"
MIRROR = f"{FOLDER}/advisories"
LIST = f"{FOLDER}/requirements.txt"
OFFLINE: Mapping[str, Any] = {"mirror": MIRROR, "mirror-max-age": 36500}
WHOLE = [{"introduced": "0"}]


def record(name: str, package: str, events: Sequence[Mapping[str, str]], *aliases: str) -> dict[str, Any]:
    """An OSV record about versions of a package between events."""
    about = {
        "package": {"ecosystem": "PyPI", "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {"id": name, "modified": MODIFIED, "aliases": list(aliases), "affected": [about]}


def known() -> list[dict[str, Any]]:
    """Records of the controls."""
    return [
        record(f"GATES-CONTROL-{one.name}", one.name, [*WHOLE, {"last_affected": one.version}], one.advisory)
        for one in CONTROLS
    ]


def mirror(root: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write the planted mirror below `root`."""
    folder = root / MIRROR
    folder.mkdir(parents=True)
    for one in records:
        (folder / f"{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")


def listed(context: Context[AuditSettings], records: Sequence[Mapping[str, Any]], *lines: str) -> Planted:
    """The mirror, and a requirements file of `lines` that rules; the finding is in its first line."""
    mirror(context.project.root, records)
    (context.project.root / LIST).write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    ruling = {"source": "requirements", "requirements": [LIST], "unaudited": []}
    return Planted(path=LIST, line=1, settings={**OFFLINE, **ruling})


def dependency(context: Context[AuditSettings]) -> Dependency | Reason:
    """A dependency of the project that is asked about."""
    from gates.builtin.audit.collect import dependencies

    found = dependencies(context)
    if isinstance(found, Refusal):
        return found.reason
    # One of a lock file has a place, and only one that is there once has one place.
    asked = [one for one in found if one.asked and one.name not in {each.name for each in CONTROLS}]
    if not asked:
        message = "the project depends on nothing that could be asked about"
        return Reason(code="does_not_apply", message=message, fix="take `audit` out of `select`")
    names = [one.name for one in asked]
    return min(asked, key=lambda one: (names.count(one.name), one.name))
