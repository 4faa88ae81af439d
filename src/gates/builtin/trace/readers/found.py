"""Found: what a reader saw of an item in one place, before the same item in several places is joined."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import msgspec

from gates.builtin.trace.facts import LinkKind

if TYPE_CHECKING:
    from gates.builtin.trace.documents.document import Document


class Line(msgspec.Struct, frozen=True, gc=False):
    """A text and the line that it begins on, from 1."""

    text: str
    line: int


class Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item as one reader saw it in one place; `line` is that of its definition.

    `id` is "" where the document writes none. `status` are the words as written. `section` is the path of headings,
    joined by ` > `. `text` is what it says besides its title, where that is part of what it asks for. `weight` tells
    which of several places of one id is the definition: the higher one.
    """

    id: str
    title: str
    line: int
    section: str
    status: Line | None = None
    severity: str = ""
    category: str = ""
    acceptance: tuple[Line, ...] = ()
    validation: tuple[Line, ...] = ()
    files: tuple[Line, ...] = ()
    links: tuple[tuple[LinkKind, Line], ...] = ()
    dates: tuple[Line, ...] = ()
    text: str = ""
    body: str = ""
    weight: int = 0


class Reader(Protocol):
    """One shape of document; a plugin registers its own by the hook `gates_trace_readers`.

    It may have a method `claims(document) -> bool` too: whether the document as a whole is of its shape, so that no
    other reader is asked.
    """

    @property
    def name(self) -> str:
        """What it is called in reports and in the configuration."""

    def read(self, document: Document) -> Iterable[Found]:
        """The items of this shape in a document, in the order of their lines; never raises for what a file holds."""
