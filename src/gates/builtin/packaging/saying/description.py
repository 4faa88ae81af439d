"""Description: whether its content type is that of the file of the tree that it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gates.builtin.packaging.facts import Complaint

if TYPE_CHECKING:
    from gates.builtin.packaging.reading import Opened
    from gates.project.facts import Project

TYPES: Mapping[str, str] = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}
"""What PEP 621 has for the endings of a readme."""


def check(project: Project, one: Opened) -> Iterator[Complaint]:
    """At most one complaint: a renderer of Markdown takes reStructuredText for plain words, and shows it."""
    from packaging.metadata import parse_email

    raw, _ = parse_email(one.metadata)
    said = (raw.get("description_content_type") or "").partition(";")[0].strip().lower()
    text = _plain(raw.get("description") or "")
    if not said or not text:
        return
    for path in project.tree.files:
        wanted = TYPES.get(PurePosixPath(path).suffix.lower()) if "/" not in path else None
        if wanted not in {None, said} and _plain(_text(project, path)) == text:
            message = f"the description is {path}, and its content type is {said}, not {wanted}"
            yield Complaint(
                tool="gates",
                code="content-type-wrong",
                message=message,
                path=None,
                line=None,
                subject=one.packed.name,
                mild=False,
            )
            return


def _text(project: Project, path: str) -> str:
    try:
        return (project.root / path).read_text("utf-8", "replace")
    except OSError:
        return ""


def _plain(text: str) -> str:
    return "\n".join(row.rstrip() for row in text.removeprefix("\ufeff").splitlines()).strip()
