"""Registry: the readers that are built in, and what all readers find in a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.readers import contents, data, decisions, forms, fronts, ratings, tables
from gates.builtin.trace.readers.boxes import Boxes
from gates.builtin.trace.readers.bullets import Bullets
from gates.builtin.trace.readers.data import Mappings, Sheets
from gates.builtin.trace.readers.found import Found, Reader
from gates.builtin.trace.readers.headings import Headings
from gates.builtin.trace.readers.marks import Marks
from gates.builtin.trace.readers.records import Records
from gates.builtin.trace.readers.sections import Sections


class Reading(msgspec.Struct, frozen=True):
    """A document and what each reader found in it, in the order of the lines; what a line is, one reader says."""

    document: Document
    found: tuple[tuple[str, Found], ...]
    remarks: tuple[Remark, ...]


def builtin() -> tuple[Reader, ...]:
    """The readers of this product; an earlier one keeps a line that a later one finds too."""
    return (tables.Tables(), Records(), Boxes(), Headings(), Sections(), Bullets(), Marks(), Sheets(), Mappings())


def names() -> frozenset[str]:
    """What no reader of a plugin may be called."""
    return frozenset((decisions.Decisions.name, fronts.Fronts.name, *(one.name for one in builtin())))


def ordered(more: Sequence[Reader], first: frozenset[str] = frozenset()) -> tuple[Reader, ...]:
    """The readers of plugins and those of this product, in the order in which they are asked."""
    before = [one for one in more if one.name in first]
    return (*before, *builtin(), *(one for one in more if one.name not in first))


def read(document: Document, readers: Sequence[Reader]) -> Reading:
    """What the readers find in a document; one that claims it is asked alone, even where it then finds nothing."""
    owner = next((one for one in readers if _claims(one, document)), None)
    if owner is not None:
        every = ((owner.name, _rated(found)) for found in document.found(owner))
        return Reading(document, tuple(sorted(every, key=lambda one: one[1].line)), tuple(_problems(document)))
    if forms.is_blank(document):
        return Reading(document, (), tuple(_remarks(document)))
    whole: tuple[Reader, ...] = (decisions.Decisions(), fronts.Fronts())
    for reader in whole:
        for found in document.found(reader):
            return Reading(document, ((reader.name, found),), tuple(_remarks(document)))
    held: dict[int, list[tuple[str, Found]]] = {}
    for reader in readers:
        for found in document.found(reader):
            here = held.setdefault(found.line, [])
            if not here or here[0][0] == reader.name:
                here.append((reader.name, _rated(found)))
    return Reading(document, tuple(one for line in sorted(held) for one in held[line]), tuple(_remarks(document)))


def _claims(reader: Reader, document: Document) -> bool:
    claims = getattr(reader, "claims", None)
    return claims is not None and bool(claims(document))


def _rated(found: Found) -> Found:
    """With how much it matters where its title or the beginning of its line says so, and without that in the title."""
    said, title = ratings.taken(found.title)
    before = ratings.leading(found.body)
    if not said and before is None:
        return found
    severity = found.severity or said or (before.group("said") if before else "")
    return msgspec.structs.replace(found, severity=severity, title=title or found.title)


def _problems(document: Document) -> Iterable[Remark]:
    for problem in document.problems:
        yield Remark(code="TRC016", path=document.path, line=1, message=problem, subject=document.path)


def _remarks(document: Document) -> Iterable[Remark]:
    yield from _problems(document)
    for line, message in document.blocks.odd:
        yield Remark(code="TRC016", path=document.path, line=line, message=message, subject=document.path)
    yield from tables.remarks(document)
    yield from contents.remarks(document)
    yield from data.remarks(document)
