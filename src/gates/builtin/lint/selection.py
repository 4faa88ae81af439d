"""Selection: which rules ruff applies to which file, and the files in which every rule is off."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

ENABLED = re.compile(r"^linter\.rules\.enabled = \[(?P<rules>[^\]]*)\]", re.MULTILINE)
IGNORED = re.compile(
    r'^\t?absolute_matcher = "(?P<absolute>.*)"\nbasename_matcher = "(?P<name>.*)"\n'
    r"negated = (?P<negated>true|false)\ndata = \[(?P<rules>[^\]]*)\]",
    re.MULTILINE,
)
GLOB = re.compile(r"\*\*/|\*+|\[[!^]?\]?[^\]]*\]|.", re.DOTALL)
MEANING = {"**/": "(?:.*/)?", "?": ".", "{": "(?:", "}": ")"}
# As ruff reads it: alone on its line, in any case but ruff's own name, and with no codes.
FILE_NOQA = re.compile(rb"^[ \t\f]*#(?:.*#)?\s*(?:ruff|flake8)\s*:\s*(?i:noqa)(?![ \t]*:)", re.MULTILINE)


class PerFile(msgspec.Struct, frozen=True):
    """One entry of `per-file-ignores`: a file is matched by its name or by its absolute path."""

    name: str
    absolute: str
    negated: bool
    rules: frozenset[str]

    def covers(self, path: str) -> bool:
        """Whether the entry holds for the file at the absolute `path`."""
        shown = path.replace(os.sep, "/")
        matched = _matches(self.name, shown.rpartition("/")[2]) or _matches(self.absolute, shown)
        return matched != self.negated


class Selection(msgspec.Struct, frozen=True):
    """The rules of one configuration, and what it takes from them file by file."""

    enabled: frozenset[str]
    ignored: tuple[PerFile, ...]

    def mutes(self, path: str) -> bool:
        """Whether no rule is left for the file at the absolute `path`."""
        left = self.enabled
        for entry in self.ignored:
            if left & entry.rules and entry.covers(path):
                left -= entry.rules
        return not left


def read(settings: str) -> Selection:
    """The selection that `ruff check --show-settings` printed.

    Raises:
        ValueError: it does not say which rules are enabled.
    """
    enabled = ENABLED.search(settings)
    if enabled is None:
        raise ValueError("it does not say which rules are enabled")
    ignored = (
        PerFile(_plain(entry["name"]), _plain(entry["absolute"]), entry["negated"] == "true", _rules(entry["rules"]))
        for entry in IGNORED.finditer(settings)
    )
    return Selection(_rules(enabled["rules"]), tuple(ignored))


def by_configuration(files: Iterable[str], tables: Iterable[Path]) -> Iterator[Sequence[str]]:
    """The absolute paths `files`, those together that have their nearest configuration file in the same folder."""
    folders = {os.fspath(path.parent) for path in tables}
    nearest: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for file in files:
        folder = os.path.dirname(file)  # noqa: PTH120 - strings: there may be very many
        if folder not in nearest:
            above = (os.fspath(one) for one in (Path(folder), *Path(folder).parents))
            nearest[folder] = next((one for one in above if one in folders), "")
        groups.setdefault(nearest[folder], []).append(file)
    yield from groups.values()


def silenced(root: Path, files: Mapping[str, str]) -> set[str]:
    """Those keys of `files` whose file, the value, has a comment that turns every rule off."""
    found = set()
    for key, name in files.items():
        try:
            data = Path(root, name).read_bytes()
        except (OSError, ValueError):
            continue
        if b"oqa" in data.lower() and not name.endswith(".ipynb") and FILE_NOQA.search(data):
            found.add(key)
    return found


def _rules(text: str) -> frozenset[str]:
    return frozenset(line.strip().rstrip(",") for line in text.splitlines() if line.strip())


def _plain(text: str) -> str:
    return text.replace("\\\\", "/")


def _matches(glob: str, text: str) -> bool:
    return re.fullmatch(_pattern(glob), text, re.DOTALL) is not None


def _pattern(glob: str) -> str:
    written, depth = "", 0
    for part in GLOB.findall(glob):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if part.startswith("*") and part != "**/":
            written += ".*"
        elif part.startswith("[") and len(part) > 1:
            written += part.replace("[!", "[^", 1)
        elif part == "," and depth:
            written += "|"
        else:
            written += MEANING.get(part) or re.escape(part)
    return written
