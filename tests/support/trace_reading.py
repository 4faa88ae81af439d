"""Reading: what tests of the trace gate share."""

from __future__ import annotations

from pathlib import Path

from gates.builtin.trace import items
from gates.builtin.trace.documents import document
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import registry

DATA = Path(__file__).parents[1] / "builtin" / "trace_gate" / "data"


def parsed(text: str, path: str = "doc.md") -> Document:
    return document.parse(path, text.encode())


def joined(*documents: Document) -> items.Joined:
    return items.join([registry.read(one, registry.builtin()) for one in documents])


def read(*names: str) -> items.Joined:
    return joined(*(document.read(DATA, name) for name in names))


def found(text: str, path: str = "doc.md") -> dict[str, str | None]:
    """The ids of a text and their statuses."""
    return {item.id: item.status for item in joined(parsed(text, path)).items}
