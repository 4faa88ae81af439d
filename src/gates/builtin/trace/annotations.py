"""Annotations: comments in code, of many languages, that name an item (`# implements: CE-7`); strings are none."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from gates.builtin.trace.facts import Annotated

WORDS = (
    "implements",
    "satisfies",
    "fulfils",
    "fulfills",
    "req",
    "reqs",
    "requirement",
    "requirements",
    "trace",
    "impl",
)
"""Words before an id by which a comment names it."""

HASH, SLASH, DASH, SEMICOLON, PERCENT, MARKUP = "#", "//", "--", ";", "%", "<!--"
_STRINGS = {
    "c": r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    "template": r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`",
    "rust": r"r(#*)\".*?\"\1|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\\n])'",
    "raw": r"\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    "shell": r"\"(?:\\.|[^\"\\])*\"|'[^']*'|\$\{[^}\n]*\}|\$#|\\#|(?<=\S)#",
    "toml": r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'",
    "sql": r"'(?:''|[^'])*'|\"[^\"]*\"",
    "none": r"(?!)",
}
_BLOCK = r"/\*.*?\*/"
_LEXERS = {
    **dict.fromkeys(("c", "h", "cc", "cpp", "cxx", "hpp", "hh", "cs", "m", "mm", "dart", "proto", "glsl", "zig"),
                    ("c", r"//[^\n]*", _BLOCK)),
    **dict.fromkeys(("java", "kt", "kts", "scala", "swift", "groovy", "gradle"), ("raw", r"//[^\n]*", _BLOCK)),
    **dict.fromkeys(("js", "jsx", "ts", "tsx", "mjs", "cjs", "go", "vue", "svelte"), ("template", r"//[^\n]*", _BLOCK)),
    "rs": ("rust", r"//[^\n]*", _BLOCK),
    "php": ("c", r"//[^\n]*|\#[^\n]*", _BLOCK),
    **dict.fromkeys(("css", "scss", "less"), ("c", r"(?<!:)//[^\n]*", _BLOCK)),
    **dict.fromkeys(("sh", "bash", "zsh", "ksh", "fish", "yml", "yaml", "rb", "pl", "r", "jl", "ex", "exs", "mk",
                     "cmake", "tf", "ps1", "dockerfile", "nix", "cfg", "conf"), ("shell", r"\#[^\n]*", r"(?!)")),
    **dict.fromkeys(("toml",), ("toml", r"\#[^\n]*", r"(?!)")),
    **dict.fromkeys(("sql", "lua", "hs", "elm", "ada", "adb", "ads", "vhd", "vhdl"),
                    ("sql", r"--[^\n]*", r"/\*.*?\*/|--\[\[.*?\]\]|\{-.*?-\}")),
    **dict.fromkeys(("ini", "asm", "clj", "el", "lisp", "scm"), ("c", r"[;\#][^\n]*", r"(?!)")),
    **dict.fromkeys(("tex", "erl", "m4"), ("none", r"(?<!\\)%[^\n]*", r"(?!)")),
    **dict.fromkeys(("html", "htm", "xml", "svg", "xsd", "vue"), ("none", r"(?!)", r"<!--.*?-->")),
}  # fmt: skip
"""By suffix: how strings are written, comments to the end of a line, and those that span lines."""

PYTHON = frozenset({"py", "pyi", "pyx"})
_PROGRAMS = PYTHON | frozenset({
    "ada", "adb", "ads", "asm", "c", "cc", "cjs", "clj", "cpp", "cs", "cxx", "dart", "elm", "erl", "ex", "exs", "go",
    "groovy", "h", "hh", "hpp", "hs", "java", "jl", "js", "jsx", "kt", "kts", "lua", "m", "mjs", "mm", "php", "pl", "r",
    "rb", "rs", "scala", "svelte", "swift", "ts", "tsx", "vhd", "vhdl", "vue", "zig",
})  # fmt: skip
"""Suffixes of what programs are written in, other than configuration, style and markup."""
_BY_NAME = {"dockerfile": "dockerfile", "makefile": "mk", "justfile": "mk", "gemfile": "rb", "rakefile": "rb"}
_IDS = r"[A-Za-z][\w.\u2011-]*\d[\w.]*"
_COMPILED: dict[tuple[str, str, str], re.Pattern[str]] = {}


class Reader:
    """Finds annotations by these words; ids are as written, whether an item has them or not."""

    def __init__(self, words: Sequence[str] = WORDS) -> None:
        named = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        self._quick = re.compile(rf"(?:{named})", re.IGNORECASE)
        ids = rf"(?P<ids>{_IDS}(?:\s*(?:,|;|&|\band\b)?\s+{_IDS})*|{_IDS}(?:\s*,\s*{_IDS})*)"
        self._wanted = re.compile(
            rf"\[\s*(?:{named})\s*->\s*(?P<tag>[\w.~-]+)\s*\]|(?:^|[\s/*#;%!<-])@?(?:{named})(?:\s*[:=]\s*|\s+(?=[A-Z])){ids}",
            re.IGNORECASE,
        )

    def read(self, path: str, text: str) -> list[Annotated]:
        """The annotations in the text of a file, by line; none in a language whose comments are not known."""
        if self._quick.search(text) is None:
            return []
        return [
            Annotated(target=target, path=path, line=line + number)
            for line, comment in comments(path, text)
            for number, part in enumerate(comment.split("\n"))
            for target in self._targets(part)
        ]

    def _targets(self, comment: str) -> Iterator[str]:
        for match in self._wanted.finditer(comment):
            found = [match["tag"]] if match["tag"] else re.findall(_IDS, match["ids"])
            for one in found:
                yield one.replace("\u2011", "-").rstrip(".-")


def is_code(path: str) -> bool:
    """Whether comments of this file can be told from its strings."""
    suffix = _suffix(path)
    return suffix in PYTHON or suffix in _LEXERS


def is_program(path: str) -> bool:
    """Whether a file is source of a program, by its suffix."""
    return _suffix(path) in _PROGRAMS


def comments(path: str, text: str) -> Iterable[tuple[int, str]]:
    """The comments of a file, each with the line that it begins on."""
    suffix = _suffix(path)
    if suffix in PYTHON:
        return _of_python(text)
    return _of_language(text, _LEXERS[suffix]) if suffix in _LEXERS else ()


def _suffix(path: str) -> str:
    place = PurePosixPath(path)
    return place.suffix[1:].lower() or _BY_NAME.get(place.name.lower(), "")


def _of_python(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        # What stands before the place that is no Python was read.
        return


def _of_language(text: str, lexer: tuple[str, str, str]) -> Iterator[tuple[int, str]]:
    if lexer not in _COMPILED:
        strings, line, block = lexer
        # The string first: its groups are numbered from 1, as its back-reference has it.
        _COMPILED[lexer] = re.compile(rf"(?:{_STRINGS[strings]})|(?P<comment>{block}|{line})", re.DOTALL)
    number, last = 1, 0
    for match in _COMPILED[lexer].finditer(text):
        if match["comment"]:
            number += text.count("\n", last, match.start())
            last = match.start()
            yield number, match["comment"]
