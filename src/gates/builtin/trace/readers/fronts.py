"""Fronts: a file for each item, whose front matter has its id, its title and its status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import boxes, context, fields, ids, keys
from gates.builtin.trace.readers.found import Found, Line

WEIGHT = 65
KEY = re.compile(r"([A-Za-z][\w -]{0,30}?)\s*:\s*(\S.*)$")


class Fronts:
    """One item for a file."""

    name = "front"

    def read(self, document: Document) -> Iterator[Found]:
        """The item that the front matter tells of; a page that has no id or no status that is known is none."""
        if not document.blocks.front:
            return
        gathered = fields.Fields()
        for line, text in document.blocks.front:
            match = KEY.match(text)
            kind = keys.KINDS.get(" ".join(match.group(1).replace("_", " ").casefold().split())) if match else None
            if match and kind:
                gathered.add(kind, match.group(2).strip().strip("\"'"), line)
        identity = ids.plain(gathered.text("id"))
        status = gathered.single.get("status")
        if not identity or " " in identity or "title" not in gathered.single or status is None:
            return
        if statuses.known(status.text) is None or context.is_template(gathered.text("title")):
            return
        for block in document.blocks.each():
            if isinstance(block, Entry):
                boxed = (entry for entry in boxes.walk(block) if entry.box)
                gathered.acceptance.extend(Line(fields.bare(entry.text), entry.line) for entry in boxed)
        yield Found(
            id=identity,
            title=gathered.text("title"),
            line=gathered.single["id"].line,
            section="",
            status=status,
            body=gathered.text("title"),
            weight=WEIGHT,
            **gathered.parts(),
        )
