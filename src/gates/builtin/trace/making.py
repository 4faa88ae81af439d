"""Making: items with what their commands came to, and with where the files that they name are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gates.builtin.trace import references
from gates.builtin.trace.facts import FileRef, Item
from gates.builtin.trace.naming.validation import Validation
from gates.builtin.trace.references import Files
from gates.model.evidence import Counted, counted


def made(items: Iterable[Item], validation: Validation, files: Files) -> Iterator[Item]:
    """The items as they were read, each Validation text and each reference looked at."""
    nothing: Counted[FileRef] = counted(())
    for item in items:
        if not item.validation.count and not item.files.count and not item.links.count:
            yield item
            continue
        commands = [one for held in item.validation.items for one in validation.read(held.command, held.line)]
        yield msgspec.structs.replace(
            item,
            validation=counted(commands),
            files=counted(_files(item, files)) if item.files.count or item.links.count else nothing,
        )


def _files(item: Item, files: Files) -> Iterator[FileRef]:
    seen: set[str] = set()
    written = [(f"{one.token} (new)" if one.planned else one.token, one.line) for one in item.files.items]
    written += [(one.target, one.line) for one in item.links.items if one.kind == "contract"]
    for text, line in written:
        for one in references.read(text, line, files, document=item.place.path):
            if one.token not in seen:
                seen.add(one.token)
                yield one
