"""Forms: documents that are to be filled in, that tell of what was, or whose signs are ornaments."""

from __future__ import annotations

import re

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Entry, Section, Text
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.readers import context

SLOT = re.compile(r"\[[a-z][a-z /|-]{1,40}\](?!\()|<[a-z][a-z /|-]{1,40}>|\{\{?[a-z][a-z _/|-]{1,40}\}?\}")
NAMELESS = re.compile(r"\[[A-Z][A-Z_# ]{3,40}\](?!\()|<[a-z][a-z ]{2,40}>|\{\{[^{}]+\}\}|\[(?:Project|Feature) Name\]")
ADVICE = re.compile(
    r"(?:do|don'?t|do not|never|always|allowed|forbidden|correct|incorrect|right|wrong|good|bad|pros|cons|before|after|"
    r"yes|no)\b",
    re.IGNORECASE,
)
"""What a tick or a cross leads that is advice, and says nothing of how far something is."""
CHANGES = re.compile(
    r"\b(?:change ?log|changes|release[ _-]notes|release[ _-]history|what'?s new|history)$", re.IGNORECASE
)
FORM = re.compile(
    r"(?:^|/)(?:\.?(?:issue_|pull_request_)?templates?/[^/]*|(?:[\w.-]*[-_.])?template\.\w+)$",
    re.IGNORECASE,
)


def is_form(section: Section) -> bool:
    """Whether each line below a heading has a place to fill in, so that it only shows how one is written."""
    texts = [text for block in section.blocks if isinstance(block, Entry | Text) for _, text in block.lines]
    return bool(texts) and all(SLOT.search(text) for text in texts)


def is_blank(document: Document) -> bool:
    """Whether a document is to be copied and filled in: by its name, its folder, or a title with a place for one."""
    if FORM.search(document.path):
        return True
    titles = (section.title for section in document.blocks.sections if section.level == 1)
    return any(NAMELESS.search(title) for title in titles)


def is_changelog(document: Document) -> bool:
    """Whether it says what was done in which version, so that its sections and marks are no work to do."""
    if CHANGES.fullmatch(document.name.rpartition(".")[0]):
        return True
    titles = (context.name(section) for section in document.blocks.sections if section.level == 1)
    return any(CHANGES.search(title) for title in titles)


def is_decorated(document: Document) -> bool:
    """Whether most signs that lead its headings are ornaments, so that one that could be a status is none."""
    held = document.__dict__.get("_decorated")
    if held is None:
        led = [section.title.lstrip("*_ ")[:1] for section in document.blocks.sections if section.level > 1]
        signs = [one for one in led if one and not one.isascii() and not one.isalnum()]
        ornaments = sum(1 for one in signs if one not in statuses.BY_SIGN)
        held = document.__dict__["_decorated"] = ornaments > 1 and ornaments * 2 >= len(signs)
    return bool(held)
