"""Folders: the decisions of a folder against its index, their numbers and what supersedes what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Remark
from gates.builtin.trace.readers import decisions, fields


def remarks(documents: Sequence[Document]) -> Iterator[Remark]:
    """What is wrong with the numbers, the index and the supersession of all folders of decisions."""
    folders: dict[str, list[Document]] = {}
    for document in documents:
        if decisions.number_of(document) is not None and document.found(decisions.Decisions()):
            folders.setdefault(document.folder, []).append(document)
    by_folder = {document.folder: document for document in documents if document.name.lower() in decisions.INDEX}
    for folder, held in sorted(folders.items()):
        yield from _numbers(held)
        yield from _supersession(held)
        if folder in by_folder and by_folder[folder] not in held:
            yield from _index(by_folder[folder], held)


def _remark(document: Document, line: int, message: str, subject: str) -> Remark:
    return Remark(code="TRC012", path=document.path, line=line, message=message, subject=subject)


def _numbers(held: Sequence[Document]) -> Iterator[Remark]:
    by_number: dict[int, Document] = {}
    for document in sorted(held, key=lambda one: one.path):
        found = document.found(decisions.Decisions())[0]
        number = int(found.id[4:])
        if number in by_number:
            message = (
                f"{found.id} is the number of {by_number[number].name} too: give the later one the next free number"
            )
            yield _remark(document, found.line, message, found.id)
        by_number.setdefault(number, document)
        head = next((section for section in document.blocks.sections if section.level == 1), None)
        titled = decisions.TITLE.match(fields.bare(head.title)) if head else None
        if titled and int(titled.group(1)) != number:
            message = f"the title has the number {titled.group(1)}, the file has {number}: let both be the same"
            yield _remark(document, found.line, message, found.id)
        if found.status is None:
            yield _remark(
                document, found.line, f"{found.id} has no status: write `Status: Accepted` or the like", found.id
            )
    numbers = sorted(by_number)
    for before, after in pairwise(numbers):
        if 1 < after - before <= 20:
            missing = ", ".join(f"ADR-{number:04d}" for number in range(before + 1, after))
            verb = "is" if after - before == 2 else "are"
            message = f"{missing} {verb} missing before this one: a number that was given away is not taken back"
            yield _remark(by_number[after], 1, message, f"ADR-{after:04d}")


def _shown(identity: str) -> str:
    """An id of a decision with four digits, as links name it."""
    return f"ADR-{int(identity[4:]):04d}"


def _supersession(held: Sequence[Document]) -> Iterator[Remark]:
    known = {_shown(document.found(decisions.Decisions())[0].id): document for document in held}
    said = {
        (kind, _shown(found.id), line.text): (document, line.line)
        for document in held
        for found in document.found(decisions.Decisions())
        for kind, line in found.links
    }
    for (kind, identity, target), (document, line) in sorted(
        said.items(), key=lambda pair: (pair[1][0].path, pair[1][1])
    ):
        other = "supersedes" if kind == "superseded-by" else "superseded-by"
        verb = "is superseded by" if kind == "superseded-by" else "supersedes"
        if target not in known:
            yield _remark(document, line, f"{identity} {verb} {target}, which is not there", identity)
        elif (other, target, identity) not in said:
            back = "supersedes" if other == "supersedes" else "is superseded by"
            message = f"{identity} {verb} {target}, which does not say that it {back} {identity}"
            yield _remark(document, line, message, identity)


def _index(index: Document, held: Sequence[Document]) -> Iterator[Remark]:
    names = {document.name: document for document in held}
    linked: dict[str, int] = {}
    for number, text in enumerate(index.lines, start=1):
        for label, target in decisions.LINK.findall(text):
            name = target.partition("#")[0].removeprefix("./")
            if "/" in name or not decisions.FILE.fullmatch(name):
                continue
            linked.setdefault(name, number)
            if name not in names:
                yield _remark(
                    index, number, f"the index names {name}, which is not among the decisions that are read", name
                )
                continue
            shown = decisions.NUMBER.search(label)
            own = decisions.number_of(names[name])
            if shown and own is not None and int(shown.group(1)) != own:
                yield _remark(index, number, f"the index calls {name} number {shown.group(1)}", name)
    if not linked:
        return
    for name, document in sorted(names.items()):
        if name not in linked:
            identity = document.found(decisions.Decisions())[0].id
            yield _remark(index, 1, f"{identity} ({name}) is not in the index: add a line for it", identity)
