"""Scanning: lines become blocks in one pass, for all readers at once.

It reads what GFM calls a table, a list or code, and besides what people mean where they write it carelessly: rows after
an empty line, lists that are nested by two blanks or by a tab, boxes without a bullet. No full parser of Markdown is
asked: a document of a hundred thousand requirements has to be read within seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from gates.builtin.trace.documents import rows
from gates.builtin.trace.documents.blocks import Blocks, Code, Entry, Numbered, Row, Section, Table, Text

HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
BULLET = re.compile(r"([-*+•])(?:([ \t]+)|$)(?:\[(.)\](?:\*(?=[ \t]))?(?=\s|$)[ \t]*)?")
NUMBER = re.compile(r"(\d{1,9})[.)](?:([ \t]+)|$)(?:\[(.)\](?:\*(?=[ \t]))?(?=\s|$)[ \t]*)?")
BOX = re.compile(r"\[([ xX~/-])\][ \t]+(?=\S)")
FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([^`]*)")
RULE = re.compile(r"(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}")
UNDERLINE = re.compile(r"=+[ \t]*|-+[ \t]*")
QUOTE = re.compile(r"(?:>[ \t]?)+")
DEFINITION = re.compile(r"\[[^\]\n]+\]:\s+\S+.*")
RAW = re.compile(r"<(pre|script|style|textarea)\b", re.IGNORECASE)
TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
COMMENT = re.compile(r"<!--.*?-->")
CODE_INDENT = 4


def scan(lines: Sequence[str]) -> Blocks:
    """The blocks of a document."""
    return _Scanner(lines).blocks()


class _Scanner:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.at = 0
        self.section = Section(level=0, title="", line=1)
        self.sections = [self.section]
        self.front: list[Numbered] = []
        self.odd: list[Numbered] = []
        self.stack: list[Entry] = []
        self.text: Text | None = None
        self.table: Table | None = None
        self.blank = True

    def blocks(self) -> Blocks:
        self._front_matter()
        lines, count = self.lines, len(self.lines)
        while self.at < count:
            self._line(lines[self.at])
            self.at += 1
        for this, following in zip(self.sections, self.sections[1:], strict=False):
            this.end = following.line - 1
        self.sections[-1].end = count
        return Blocks(self.sections, self.front, self.odd)

    def _front_matter(self) -> None:
        lines = self.lines
        if not lines or lines[0].rstrip() != "---":
            return
        for index in range(1, min(len(lines), 400)):
            if lines[index].rstrip() in {"---", "..."}:
                held = lines[1:index]
                if any(":" in line for line in held):
                    self.front = [(number, line) for number, line in enumerate(held, start=2)]
                    self.at = index + 1
                return

    def _line(self, raw: str) -> None:
        if "<!--" in raw:
            raw = self._without_comment(raw)
        body = raw.lstrip()
        if not body:
            self._end_paragraph()
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
        if first == "|" or (self.table is not None and "|" in body) or self._is_header(body):
            self._row(body)
            return
        self.table = None
        begins = BEGINS.get("0" if first.isdigit() else first)
        if begins is None or not begins(self, body, indent):
            self._paragraph(body, indent)

    def bullet(self, body: str, indent: int) -> bool:
        if body[0] in "-*" and self.rule_or_underline(body, indent):
            return True
        match = BULLET.match(body)
        if match:
            self._entry(match, body, indent, "")
        return match is not None

    def number(self, body: str, indent: int) -> bool:
        match = NUMBER.match(body)
        if match is None or (self.text is not None and not self.stack):
            return False
        self._entry(match, body, indent, match.group(1))
        return True

    def hashes(self, body: str, indent: int) -> bool:
        match = HEADING.fullmatch(body)
        if match is None or indent >= CODE_INDENT:
            return False
        self._heading(len(match.group(1)), match.group(2) or "", self.at + 1)
        return True

    def ticks(self, body: str, indent: int) -> bool:
        match = FENCE.fullmatch(body.rstrip())
        if match:
            self._fence(match, indent)
        return match is not None

    def bracket(self, body: str, indent: int) -> bool:
        match = BOX.match(body)
        if match:
            self._bare_box(match, body, indent)
            return True
        return DEFINITION.fullmatch(body) is not None

    def tag(self, body: str, indent: int) -> bool:
        text = self._html(body)
        if text:
            self._paragraph(text, indent)
        return True

    def _end_paragraph(self) -> None:
        self.text = None

    def _heading(self, level: int, title: str, line: int) -> None:
        self.stack.clear()
        self.text = None
        parent = self.section
        while parent.level >= level and parent.parent is not None:
            parent = parent.parent
        path = f"{parent.path} > {title}" if parent.path else title
        self.section = Section(level=level, title=title, line=line, parent=parent, path=path)
        parent.children.append(self.section)
        self.sections.append(self.section)

    def rule_or_underline(self, body: str, _indent: int) -> bool:
        text = self.text
        if text is not None and not text.quoted and text is self.section.blocks[-1] and UNDERLINE.fullmatch(body):
            self.section.blocks.pop()
            title = " ".join(part.strip() for _, part in text.lines)
            self._heading(1 if body[0] == "=" else 2, title, text.line)
            return True
        if RULE.fullmatch(body.rstrip()):
            self.stack.clear()
            self.text = None
            return True
        return False

    def _is_header(self, body: str) -> bool:
        following = self.at + 1
        return "|" in body and following < len(self.lines) and rows.is_delimiter(self.lines[following])

    def _row(self, body: str) -> None:
        self.text = None
        line = self.at + 1
        if self.table is None:
            self.stack.clear()
            header = None
            if rows.is_delimiter(body):
                return
            if self.at + 1 < len(self.lines) and rows.is_delimiter(self.lines[self.at + 1]):
                header = Row(line, rows.cells(body))
                self.at += 1
            self.table = Table(line=line, section=self.section, header=header, rows=[])
            self.section.blocks.append(self.table)
            if header is not None:
                return
        header = self.table.header
        if header is not None or not rows.is_delimiter(body):
            width = len(header.cells) if header else None
            self.table.rows.append(Row(line, rows.cells(body, width)))

    def _entry(self, match: re.Match[str], body: str, indent: int, number: str) -> None:
        self.text = None
        stack = self.stack
        while stack and indent < stack[-1].indent + 2:
            stack.pop()
        parent = stack[-1] if stack else None
        content = indent + len(match.group(1)) + (1 if not number else 2)
        line = self.at + 1
        text = body[match.end() :]
        entry = Entry(line, indent, content, self.section, number, match.group(3) or "", [(line, text)], parent)
        (self.section.blocks if parent is None else parent.children).append(entry)
        stack.append(entry)

    def _bare_box(self, match: re.Match[str], body: str, indent: int) -> None:
        self.text = None
        while self.stack and indent <= self.stack[-1].indent:
            self.stack.pop()
        line = self.at + 1
        entry = Entry(line, indent, indent, self.section, "", match.group(1), [(line, body[match.end() :])])
        self.section.blocks.append(entry)
        self.stack.append(entry)

    def _paragraph(self, body: str, indent: int) -> None:
        line = self.at + 1
        stack = self.stack
        if stack:
            if self.blank:
                while stack and indent <= stack[-1].indent:
                    stack.pop()
            else:
                self._up_to(indent)
            if stack:
                stack[-1].lines.append((line, body.rstrip()))
                return
        if self.text is None or self.text.quoted:
            self.text = Text(line, self.section, [])
            self.section.blocks.append(self.text)
        self.text.lines.append((line, body.rstrip()))

    def _up_to(self, indent: int) -> None:
        """Close the entries that a line of this indent is no part of; a lazy line belongs to the innermost."""
        stack = self.stack
        if indent <= stack[0].indent:
            return
        while indent <= stack[-1].indent:
            stack.pop()

    def quote(self, body: str, _indent: int) -> bool:
        match = QUOTE.match(body)
        depth = match.group(0).count(">") if match else 1
        text = body[match.end() :] if match else body
        if self.text is None or not self.text.quoted:
            self.text = Text(self.at + 1, self.section, [], quoted=depth)
            self.section.blocks.append(self.text)
        self.text.lines.append((self.at + 1, text.rstrip()))
        return True

    def _indented_code(self, indent: int) -> bool:
        stack = self.stack
        inner = next((entry for entry in reversed(stack) if entry.indent < indent), None)
        if indent < (inner.content if inner else 0) + CODE_INDENT:
            return False
        code = Code(self.at + 1, self.section, "", [])
        (inner.codes if inner else self.section.blocks).append(code)
        code.lines.append((self.at + 1, self.lines[self.at].strip()))
        limit = indent
        while self.at + 1 < len(self.lines):
            line = self.lines[self.at + 1]
            body = line.strip()
            if body and len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) < limit:
                break
            self.at += 1
            if body:
                code.lines.append((self.at + 1, body))
        return True

    def _fence(self, match: re.Match[str], indent: int) -> None:
        mark, language = match.group(1), match.group(2).strip()
        opened = self.at + 1
        stack = self.stack
        while stack and indent <= stack[-1].indent:
            stack.pop()
        code = Code(opened, self.section, language, [])
        (stack[-1].codes if stack else self.section.blocks).append(code)
        self.text = None
        lines = self.lines
        for index in range(self.at + 1, len(lines)):
            body = lines[index].strip()
            if body.startswith(mark) and not body.strip(mark[0]):
                self.at = index
                return
            code.lines.append((index + 1, lines[index]))
        self.odd.append((opened, "the code that begins here is never closed, so that nothing after it is read"))
        self.at = len(lines)

    def _html(self, body: str) -> str:
        match = RAW.match(body)
        if match is None:
            return TAGS.sub(" ", body).strip()
        closing = f"</{match.group(1).lower()}"
        for index in range(self.at, len(self.lines)):
            if closing in self.lines[index].lower():
                self.at = index
                return ""
        return TAGS.sub(" ", body).strip()

    def _without_comment(self, raw: str) -> str:
        """The line without comments; one that ends on a later line takes that line with it."""
        before = raw.split("<!--", 1)[0]
        if before.count("`") % 2:
            return raw
        text = COMMENT.sub("", raw)
        if "<!--" not in text:
            return text
        before = text.split("<!--", 1)[0]
        for index in range(self.at + 1, len(self.lines)):
            if "-->" in self.lines[index]:
                self.at = index
                return before.rstrip() or self.lines[index].split("-->", 1)[1]
        self.odd.append((self.at + 1, "the comment that begins here is never closed, so that nothing after it is read"))
        self.at = len(self.lines)
        return before


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
