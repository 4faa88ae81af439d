"""Tokens: the words, operators and redirections of a shell script, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NESTED = r"\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_TOKEN = re.compile(
    rf"""
    (?P<blank>(?:[ \t\r\f\v]|\\\r?\n)+)
  | (?P<comment>\#[^\n]*)
  | (?P<heredoc><<-?[ \t]*(?:'[^'\n]+'|"[^"\n]+"|\\?[^\s;|&<>()]+))
  | (?P<redirect>[0-9]*(?:<<<|>>|>\||[<>]&|<>|[<>])|&>>?)
  | (?P<operator>\n|&&|\|\||;;&?|;&|\|&|[;|&()])
  | (?P<word>(?:{_NESTED}|\$\{{[^}}\n]*\}}|`[^`\n]*`|'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s;|&()<>'"`\\]|['"`\\])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)""", re.DOTALL)
_SUBSTITUTION = re.compile(rf"{_NESTED}|`[^`\n]*`")
_HEREDOC = re.compile(r"<<(-?)[ \t]*['\"\\]?([^'\"]+)")


@dataclass(frozen=True)
class Token:
    """`kind` is word, operator or redirect; `text` is as it is written; `line` counts from 1."""

    kind: str
    text: str
    line: int


def tokens(text: str, first: int) -> Iterator[Token]:
    """The tokens of a text whose first line is line `first`; here-documents and comments are left out."""
    position, line = 0, first
    awaited: list[tuple[str, bool]] = []
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        kind, found = match.lastgroup or "", match.group()
        if kind == "heredoc":
            end = _HEREDOC.match(found)
            if end is not None:
                awaited.append((end[2].strip(), bool(end[1])))
        elif kind not in {"blank", "comment"}:
            yield Token(kind, found, line)
        position = match.end()
        line += found.count("\n")
        if found == "\n" and awaited:
            after = _behind(text, position, awaited)
            line += text.count("\n", position, after)
            position, awaited = after, []


def unquoted(word: str) -> str:
    """A word as the command receives it; variables stay as they are written."""
    return _QUOTED.sub(lambda match: next((part for part in match.groups() if part is not None), ""), word)


def substitutions(word: str) -> list[str]:
    """The commands inside `$(...)` and backticks of a word as it is written; none where it has a single quote."""
    if "'" in word:
        return []
    return [found.strip("`$").removeprefix("(").removesuffix(")") for found in _SUBSTITUTION.findall(word)]


def _behind(text: str, position: int, awaited: list[tuple[str, bool]]) -> int:
    """The position behind the here-documents that begin at `position`."""
    for end, tabs in awaited:
        while position < len(text):
            stop = text.find("\n", position)
            stop = len(text) if stop < 0 else stop
            line = text[position:stop].rstrip("\r")
            position = min(stop + 1, len(text))
            if (line.lstrip("\t") if tabs else line) == end:
                break
    return position
