"""Ini files: sections and keys with their lines, as `configparser` reads them (it forgets the lines)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_DELIMITER = re.compile(r"\s*[=:]\s*")
_COMMENT = ("#", ";")


class Entry(msgspec.Struct, frozen=True):
    """The value of a key, its lines joined by newlines, and the line of the key, counted from 1."""

    value: str
    line: int


def sections(text: str) -> Mapping[str, Mapping[str, Entry]]:
    """The keys, in lower case, of every section; lines that are no part of one are left out.

    Nothing is raised: the tool that owns the file says what is wrong with it.
    """
    found: dict[str, dict[str, Entry]] = {}
    section: dict[str, Entry] | None = None
    key, indent = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(_COMMENT):
            continue
        depth = len(line) - len(line.lstrip())
        header = _SECTION.match(stripped)
        if section is not None and key and depth > indent:
            entry = section[key]
            section[key] = Entry(f"{entry.value}\n{stripped}".strip(), entry.line)
        elif header is not None:
            section, key = found.setdefault(header["name"], {}), ""
        elif section is not None:
            name, *value = _DELIMITER.split(stripped, maxsplit=1)
            key, indent = name.lower(), depth
            section[key] = Entry(value[0] if value else "", number)
    return found
