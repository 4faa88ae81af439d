"""Baseline: what somebody looked at and said to be no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from gates.builtin.secrets.facts import Baseline, Entry
from gates.builtin.secrets.scan import DIGEST
from gates.model.evidence import Refusal, counted, refuse
from gates.project import documents
from gates.project.tree import printable

if TYPE_CHECKING:
    from pathlib import Path

AUDITED: dict[bool | None, Literal["true", "false", "none"]] = {True: "true", False: "false", None: "none"}


def read(root: Path, path: str) -> Baseline | Refusal:
    """The baseline of a project; without `there` where there is none.

    Raises:
        ConfigError: it is no text, or larger than 2 MiB.
        ProjectError: it may not be read.
    """
    text = documents.text_of(root, path)
    if text is None:
        return Baseline(path=path, there=False, detectors=counted(()), entries=counted(()))
    try:
        held = json.loads(text)
        detectors = sorted(str(one["name"]) for one in held["plugins_used"])
        entries = [_entry(name, one) for name, listed in held["results"].items() for one in listed]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        message = f"{path} is not a baseline of detect-secrets"
        return refuse("unreadable", message, f"git checkout {path}, or: detect-secrets scan > {path}")
    return Baseline(path=printable(path), there=True, detectors=counted(detectors), entries=counted(entries))


def _entry(name: str, one: Any) -> Entry:
    """An entry; anything that an audit does not write counts as not audited.

    Raises:
        ValueError: its digest is none.
    """
    digest = one["hashed_secret"]
    if not DIGEST.fullmatch(digest):
        msg = "no digest"
        raise ValueError(msg)
    verdict = one.get("is_secret")
    line = one.get("line_number")
    return Entry(
        path=printable(name.replace("\\", "/")),
        line=line if type(line) is int and line > 0 else 1,
        kind=str(one["type"]),
        digest=digest,
        verdict=AUDITED[verdict] if verdict is None or type(verdict) is bool else "none",
    )
