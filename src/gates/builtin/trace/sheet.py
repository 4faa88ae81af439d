"""Sheet: the CSV that `gates trace` writes, read as a document."""

from __future__ import annotations

import re

import msgspec

from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers.found import Found, Line

HEAD = "id,title,status,status_raw,path,line,"
"""How its first line begins."""
SHIELDED = ("'=", "'+", "'-", "'@")
"""How an id begins that was kept from being a formula of a spreadsheet."""
STATE = re.compile(r" \((?:resolved|missing|not-a-test|prose|not known)\)(?=; |$)")
"""What stands behind each command of its column `validation`."""


def read(found: Found, document: Document) -> Found:
    """A row of a CSV as its item was written.

    The apostrophe that keeps a cell from being a formula is none of its id; in the CSV of `gates trace` the column
    `path` says where the item stands, and the last one that looks like a validation what its tests proved.
    """
    own = bool(document.lines) and document.lines[0].lstrip("\ufeff").startswith(HEAD)
    if not own and not found.id.startswith(SHIELDED):
        return found
    return msgspec.structs.replace(
        found,
        id=_bare(found.id),
        title=_bare(found.title),
        files=found.files[1:] if own else found.files,
        validation=tuple(_command(line) for line in found.validation[:-1]) if own else found.validation,
    )


def _bare(text: str) -> str:
    return text[1:] if text.startswith(SHIELDED) else text


def _command(line: Line) -> Line:
    return Line(STATE.sub("", line.text), line.line)
