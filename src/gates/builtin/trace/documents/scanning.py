"""Scanning: lines become blocks in one pass, for all readers at once.

It reads what GFM calls a table, a list or code, and besides what people mean where they write it carelessly: rows after
an empty line, lists that are nested by two blanks or by a tab, boxes without a bullet. No full parser of Markdown is
asked: a document of a hundred thousand requirements has to be read within seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gates.builtin.trace.documents import fences, headings, markup, quotes, rows
from gates.builtin.trace.documents.blocks import Blocks, Code, Numbered, Row, Table, Text
from gates.builtin.trace.documents.hidden import Hidden
from gates.builtin.trace.documents.nesting import BOX, BULLET, NUMBER, Nesting

FENCE = re.compile(r"(`{3,}+|~{3,}+)([^`]*+)")
BOXED = re.compile(r"<input\b[^<>]*\bcheckbox|<li\b[^<>]*>\s*\[[ xX]\]\s", re.IGNORECASE)
DEFINITION = re.compile(r"\[[^\]\n]+\]:\s+\S+.*")
CODE_INDENT = 4
UNCLOSED = "the {} that begins here is never closed, so that nothing after it is read"


def scan(lines: Sequence[str]) -> Blocks:
    """The blocks of a document."""
    return _Scanner(lines).blocks()


class _Scanner:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.hidden = Hidden(lines)
        self.at = 0
        self.last = 0
        self.headings = headings.Headings()
        self.section = self.headings.sections[0]
        self.front: list[Numbered] = []
        self.odd: list[Numbered] = []
        self.unread: Text | None = None
        self.lists = Nesting()
        self.text: Text | None = None
        self.table: Table | None = None
        self.blank = True

    def blocks(self) -> Blocks:
        lines, count = self.lines, len(self.lines)
        self.front = fences.front(lines)
        self.at = len(self.front) + 2 if self.front else 0
        while self.at < count:
            self.last = self.at
            self._line(lines[self.at])
            self.at = self.last + 1
        return Blocks(self.headings.ended(count), self.front, self.odd)

    def _line(self, raw: str) -> None:
        if "<!--" in raw:
            raw = self._without_comment(raw)
        body = raw.lstrip()
        if not body:
            self.text = None
            self.table = None
            self.blank = True
            return
        lead = raw[: len(raw) - len(body)]
        indent = len(lead.expandtabs(4)) if "\t" in lead else len(lead)
        if self.blank and indent >= CODE_INDENT and self._indented_code(indent):
            return
        self._block(body, indent)
        self.blank = False

    def _block(self, body: str, indent: int) -> None:
        first = body[0]
        if "|" in body and (first == "|" or self.table is not None or self._is_header()):
            self._row(body)
            return
        self.table = None
        begins = BEGINS.get(first) or (BEGINS["0"] if first.isdigit() else None)
        if begins is None or not begins(self, body, indent):
            self._paragraph(body, indent)

    def bullet(self, body: str, indent: int) -> bool:
        if body[0] in "-*" and self.rule_or_underline(body, indent):
            return True
        match = BULLET.match(body)
        if match:
            self._entry(match, body, indent)
        return match is not None

    def number(self, body: str, indent: int) -> bool:
        match = NUMBER.match(body)
        if match is None or (self.text is not None and not self.lists.stack):
            return False
        self._entry(match, body, indent)
        return True

    def hashes(self, body: str, indent: int) -> bool:
        found = headings.titled(body) if indent < CODE_INDENT else None
        if found is not None:
            self._heading(*found, self.at + 1)
        return found is not None

    def ticks(self, body: str, indent: int) -> bool:
        match = FENCE.fullmatch(body.rstrip())
        if match:
            self._fence(match, indent)
        return match is not None

    def bracket(self, body: str, indent: int) -> bool:
        match = BOX.match(body)
        if match:
            self.text = None
            self.lists.bare_box(match, body, (self.at + 1, indent), self.section)
            return True
        return DEFINITION.fullmatch(body) is not None

    def tag(self, body: str, indent: int) -> bool:
        if markup.OPEN in body.lower() and self._html_table():
            return True
        if BOXED.search(body):
            self.odd.append((self.at + 1, "a checkbox in HTML is no item: write it as - [ ] where one is meant"))
        text, last = self.hidden.without_tags(self.at, body)
        self.last = max(self.last, last)
        if text:
            self._paragraph(text, indent)
        return True

    def _html_table(self) -> bool:
        """Read the table that begins on this line; whether there is one that ends."""
        last = None if markup.CLOSE in self.hidden.endless else markup.end(self.lines, self.at)
        if last is None:
            self.hidden.endless.add(markup.CLOSE)
            self.odd.append((self.at + 1, "the HTML table that begins here is never closed, so that it is not read"))
            return False
        self.text = None
        header, held = markup.table(self.lines, self.at, last)
        self.section.blocks.append(Table(line=self.at + 1, section=self.section, header=header, rows=held))
        self.last = max(self.last, last)
        return True

    def _heading(self, level: int, title: str, line: int) -> None:
        self.lists.close()
        self.text = None
        self.section = self.headings.open(level, title, line)

    def rule_or_underline(self, body: str, _indent: int) -> bool:
        text = self.text
        if text is not None and not text.quoted and text is self.section.blocks[-1] and headings.UNDER.fullmatch(body):
            self.section.blocks.pop()
            title = " ".join(part.strip() for _, part in text.lines)
            self._heading(1 if body[0] == "=" else 2, title, text.line)
            return True
        mark = body[0]
        if mark == "=" or body.count(mark) < headings.RULE or body.rstrip().strip(f"{mark} \t"):
            return False
        self.lists.close()
        self.text = None
        return True

    def _is_header(self) -> bool:
        following = self.last + 1
        return following < len(self.lines) and rows.is_delimiter(self.lines[following])

    def _row(self, body: str) -> None:
        self.text = None
        line = self.at + 1
        if self.table is None:
            self.lists.close()
            header = None
            if rows.is_delimiter(body):
                return
            if self.last + 1 < len(self.lines) and rows.is_delimiter(self.lines[self.last + 1]):
                header = Row(line, rows.cells(body))
                self.last += 1
            self.table = Table(line=line, section=self.section, header=header, rows=[])
            self.section.blocks.append(self.table)
            if header is not None:
                return
        header = self.table.header
        if header is not None or not rows.is_delimiter(body):
            width = len(header.cells) if header else None
            self.table.rows.append(Row(line, rows.cells(body, width)))

    def _entry(self, match: re.Match[str], body: str, indent: int) -> None:
        self.text = None
        self.lists.entry(match, body, (self.at + 1, indent), self.section)

    def _paragraph(self, body: str, indent: int) -> None:
        inner = self.lists.inside(indent) if self.blank else self.lists.lazy(indent)
        if inner is not None:
            inner.lines.append((self.at + 1, body.rstrip()))
            return
        if self.text is None or self.text.quoted:
            self.text = Text(self.at + 1, self.section, [])
            self.section.blocks.append(self.text)
        self.text.lines.append((self.at + 1, body.rstrip()))

    def quote(self, body: str, _indent: int) -> bool:
        depth, text = quotes.opened(body)
        if self.text is None or not self.text.quoted:
            self.text = Text(self.at + 1, self.section, [], quoted=depth)
            self.section.blocks.append(self.text)
        self.text.lines.append((self.at + 1, text.rstrip()))
        if self.text is not self.unread and quotes.is_item(text):
            self.unread = self.text
            self.odd.append((self.at + 1, quotes.ODD))
        return True

    def _indented_code(self, indent: int) -> bool:
        inner = self.lists.around(indent)
        if indent < (inner.content if inner else 0) + CODE_INDENT:
            return False
        held, self.last = fences.indented(self.lines, self.at, indent)
        (inner.codes if inner else self.section.blocks).append(Code(self.at + 1, self.section, "", held))
        return True

    def _fence(self, match: re.Match[str], indent: int) -> None:
        inner = self.lists.inside(indent)
        self.text = None
        held, closed = fences.fenced(self.lines, self.at, match.group(1))
        found = Code(self.at + 1, self.section, match.group(2).strip(), held)
        (inner.codes if inner else self.section.blocks).append(found)
        if closed is None:
            self.odd.append((self.at + 1, UNCLOSED.format("code")))
        self.last = len(self.lines) if closed is None else closed

    def _without_comment(self, raw: str) -> str:
        """The line without comments; one that ends on a later line takes that line with it."""
        text, self.at, last = self.hidden.without_comment(self.at, raw)
        if last is None:
            self.odd.append((self.at + 1, UNCLOSED.format("comment")))
        self.last = len(self.lines) if last is None else last
        return text


BEGINS: Mapping[str, Callable[[_Scanner, str, int], bool]] = {
    "-": _Scanner.bullet,
    "*": _Scanner.bullet,
    "+": _Scanner.bullet,
    "•": _Scanner.bullet,
    "0": _Scanner.number,
    "#": _Scanner.hashes,
    "`": _Scanner.ticks,
    "~": _Scanner.ticks,
    "=": _Scanner.rule_or_underline,
    "_": _Scanner.rule_or_underline,
    ">": _Scanner.quote,
    "[": _Scanner.bracket,
    "<": _Scanner.tag,
}
"""What the first character of a line may begin; each says whether it did."""
