"""Fields: `Acceptance:`, `Validation:`, `Files:`, `Status:` and their like, nested below an item or inside its line."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from gates.builtin.trace.documents.blocks import Code, Entry
from gates.builtin.trace.facts import LinkKind
from gates.builtin.trace.readers import keys, ratings
from gates.builtin.trace.readers.found import Line
from gates.builtin.trace.readers.ids import HYPHENS, is_strong

FIELD = re.compile(r"[*_`]{0,3}([A-Za-z][A-Za-z -]{0,30}?)(?:\s*\([^()]{0,40}\))?[*_`]{0,3}\s*[:：][*_`]{0,3}(?:\s+|$)")
UNKNOWN = re.compile(r"[*_]{0,3}[A-Z][A-Za-z]{2,20}(?: [A-Za-z]{2,16}){0,2}[*_]{0,3}:[*_]{0,3}(?:\s+|$)")
INLINE = re.compile(
    rf"(?:^|(?<=[.;,)\]|])\s+|\s[—–|-]\s+|\s)[*_]{{0,3}}({keys.STATED})[*_]{{0,3}}:[*_]{{0,3}}\s+", re.IGNORECASE
)
DATE = re.compile(
    r"(?<![\d-])(?:19\d\d|[2-9]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"(?:[ T]\d\d:\d\d(?::\d\d)?(?:Z| ?UTC)?)?"
)
TOKEN = re.compile(r"[^\s,;`'\"()\[\]<>|]*\{[^{}\n]*\}[^\s,;`'\"()\[\]<>|]*|[^\s,;`'\"()\[\]<>|]+")
PATH = re.compile(
    r"[\w.@~*{}$+-]*(?:/[\w.@*{}$,+ -]*)+[\w*}.]|[\w*{},-]+\.[A-Za-z][A-Za-z0-9]{0,7}|\.[a-z][\w.-]+|[\w.@~*-]+(?:/[\w.@*-]+)*/"  # noqa: E501
)
PLACED = re.compile(r"(?:[\w@~*{},$+ -]+|\.[\w.-]*)(?:/[\w.@*{},$+ -]+)*/(?:[\w@*{},.+ -]+\.[A-Za-z*{][\w{},*]{0,19})?")
LINKED = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
TAGGED = re.compile(r"</?[A-Za-z!][^<>]*>")
DRESS = re.compile(r"\*\*|`|~~|__")
SYMBOL = re.compile(r"(?<=\w):\w+$")
PARTED = re.compile(r"[\s,;()\[\]`*|]+")
NEAR = 40
"""Characters behind the name of a file among which `(new)` stands."""
NOTHING = frozenset({"", "-", "–", "—", "none", "n/a", "na", "nothing", "no", "nil", "."})


class Parts(TypedDict):
    """What fields say of an item, as the readers hand it on."""

    severity: str
    category: str
    acceptance: tuple[Line, ...]
    validation: tuple[Line, ...]
    files: tuple[Line, ...]
    links: tuple[tuple[LinkKind, Line], ...]
    dates: tuple[Line, ...]
    text: str


class Fields:
    """What the fields of an item say, gathered line by line."""

    __slots__ = ("acceptance", "body", "dates", "files", "links", "single", "validation")

    def __init__(self) -> None:
        self.acceptance: list[Line] = []
        self.validation: list[Line] = []
        self.files: list[Line] = []
        self.links: list[tuple[LinkKind, Line]] = []
        self.dates: list[Line] = []
        self.single: dict[str, Line] = {}
        self.body: list[str] = []

    def add(self, kind: str, text: str, line: int) -> None:
        """Keep the text of one field."""
        value = text.strip()
        if not value:
            return
        self.dates.extend(dates(value, line))
        if kind == "acceptance":
            self.acceptance.append(Line(value, line))
        elif kind == "validation":
            self.validation.append(Line(value, line))
        elif kind == "files":
            self.files.extend(paths(value, line))
        elif kind in keys.LINKS:
            if kind == "blocked" and bare(value).casefold().split(" (")[0] not in NOTHING:
                self.single.setdefault("blocked", Line(value, line))
            self.links.extend((keys.LINKS[kind], Line(target, line)) for target in targets(value))
            if kind == "contract":
                self.files.extend(paths(value, line))
        elif kind != "log":
            self._keep(kind, value, line)

    def _keep(self, kind: str, value: str, line: int) -> None:
        """Keep the first value of a kind, of severities the first that rates; further texts say more of the same."""
        held = self.single.get(kind)
        if held is None or (kind == "severity" and ratings.is_prose(held.text) and not ratings.is_prose(value)):
            self.single[kind] = Line(value, line)
        elif kind == "title":
            self.body.append(value)

    def text(self, kind: str) -> str:
        """What a field with one value says, "" where there is none."""
        held = self.single.get(kind)
        return bare(held.text) if held else ""

    def parts(self) -> Parts:
        """All that the fields say of an item but its id, its title and its status."""
        return {
            "severity": self.text("severity"),
            "category": self.text("category"),
            "acceptance": tuple(self.acceptance),
            "validation": tuple(self.validation),
            "files": tuple(self.files),
            "links": tuple(self.links),
            "dates": tuple(self.dates),
            "text": " ".join(self.body),
        }


def split(text: str) -> tuple[str, str] | None:
    """The kind of field that a line begins and the rest of the line; None where it begins none that is known."""
    match = FIELD.match(text) if ":" in text or "：" in text else None
    if match is None:
        return None
    name = match.group(1).casefold()
    kind = keys.KINDS.get(name) or keys.KINDS.get(" ".join(name.split()))
    return (kind, text[match.end() :]) if kind else None


def _unknown(text: str) -> tuple[str, str] | None:
    """A field whose name says nothing here, such as `Hypothesis:`; it ends the one before it."""
    match = UNKNOWN.match(text)
    return ("log", text[match.end() :]) if match else None


def inline(text: str, line: int, fields: Fields) -> str:
    """The text before the first field inside of a line; the fields go to `fields`."""
    if ":" not in text:
        return text
    found = list(INLINE.finditer(text))
    if not found or (found[0].start() == 0 and len(found) == 1):
        return text
    for match, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following else len(text)
        fields.add(keys.KINDS[match.group(1).casefold()], text[match.end() : end].rstrip(" .;,—-"), line)
    return text[: found[0].start()].rstrip(" .;,—-|*")


def nested(children: Iterable[Entry], fields: Fields) -> list[Entry]:
    """The nested entries that are no fields; those that are go to `fields`."""
    others = []
    for child in children:
        first_line, first = child.lines[0]
        found = split(first) if not child.box else None
        if found is None:
            others.append(child)
            continue
        kind, rest = found
        begun = kind
        held, at = [rest], first_line
        for line, text in child.lines[1:]:
            further = split(text) or _unknown(text)
            if further is None:
                held.append(text)
                continue
            fields.add(begun, " ".join(held), at)
            begun, held, at = further[0], [further[1]], line
        fields.add(begun, " ".join(held), at)
        for grandchild in child.children:
            _below(kind, grandchild, fields)
        if kind == "validation":
            commands(child.codes, fields)
    return others


def _below(kind: str, entry: Entry, fields: Fields) -> None:
    stack = [entry]
    while stack:
        at = stack.pop()
        if kind == "log":
            fields.dates.extend(dates(at.text, at.line))
        else:
            fields.add(kind, at.text, at.line)
        stack.extend(reversed(at.children))


def commands(codes: Iterable[Code], fields: Fields) -> None:
    """Each line of code below a Validation field is a command; a remark or an output is none."""
    for code in codes:
        if "<<" in "".join(text for _, text in code.lines):
            fields.validation.append(Line("\n".join(text.strip() for _, text in code.lines), code.line + 1))
            continue
        for line, text in code.lines:
            body = text.strip().removeprefix("$ ")
            if body and not body.startswith(("#", "//", "→")):
                fields.validation.append(Line(f"`{body}`", line))


def paths(text: str, line: int) -> list[Line]:
    """The names of files in a text, with `(new)` behind those that it says are to be made."""
    found: list[Line] = []
    if "{" not in text and "/" not in text and ("." not in text or not any("." in word[:-1] for word in text.split())):
        return found
    making = "(new" in text.casefold()
    for match in TOKEN.finditer(text):
        if "/" not in match.group() and "." not in match.group():
            continue
        token = match.group().strip("*_:.") if not match.group().startswith(".") else match.group().rstrip("*:_,")
        if match.group().endswith("/*") or match.group().endswith("*"):
            token = match.group()
        token = SYMBOL.sub("", token) if ":" in token else token
        if not token or "::" in token or not PATH.fullmatch(token) or token.startswith(("http", "//", "www.")):
            continue
        after = text[match.end() : match.end() + NEAR] if making else ""
        planned = after.lstrip("`").lstrip().casefold().startswith("(new")
        found.append(Line(f"{token} (new)" if planned else token, line))
    return found


def mentioned(text: str, line: int) -> list[Line]:
    """The files that a sentence names by their folder: `Node.js`, `json.loads` and `config.yaml` may be anything."""
    return [one for one in paths(text, line) if PLACED.fullmatch(one.text.removesuffix(" (new)"))]


def targets(text: str) -> list[str]:
    """The ids that a field of links names, each once."""
    held: dict[str, None] = {}
    for token in PARTED.split(text.translate(HYPHENS)):
        bare_token = token.strip(".:")
        if bare_token and (is_strong(bare_token) or PATH.fullmatch(bare_token)):
            held[bare_token] = None
    return list(held)


def dates(text: str, line: int) -> list[Line]:
    """The dates of a text, as written."""
    if "-0" not in text and "-1" not in text:
        return []
    return [Line(match.group(), line) for match in DATE.finditer(text)]


def bare(text: str) -> str:
    """A text without the marks of bold, code and links."""
    if "[" in text:
        text = LINKED.sub(r"\1", text)
    if "<" in text:
        text = TAGGED.sub("", text)
    if "`" in text or "*" in text or "_" in text or "~" in text:
        text = DRESS.sub("", text)
    if "  " in text or not text.isprintable():
        text = " ".join(text.split())
    return text.strip("* ")
