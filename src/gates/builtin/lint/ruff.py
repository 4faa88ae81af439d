"""Ruff: its command lines, and how to read what it prints."""

from __future__ import annotations

import os
import re
import site
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from gates.builtin.lint.facts import Diagnostic, Format, Unread
from gates.model.evidence import counted
from gates.project.source_lines import Names, SourceLines
from gates.project.tree import printable

# `fix-only = true` in a configuration makes ruff edit files even under `--no-fix`.
READ_ONLY = ("--no-fix", "--no-fix-only")
UNREAD = ("E902", "io", "io-error")
NOT_SOURCE = (".toml", ".md")
CHECKING = re.compile(r"\[ruff::diagnostics\]\[DEBUG\] Checking: (?P<path>.+)")
FORMATTED = re.compile(r"\[ruff::commands::format\]\[DEBUG\] Formatted (?P<count>\d+) files? in ")
FAILED_TO_LINT = re.compile(r"^warning: Failed to lint (?P<path>.+?): (?P<message>.*)$", re.MULTILINE)
WOULD_REFORMAT = re.compile(r"^Would reformat: (?P<path>.+)$", re.MULTILINE)
FORMAT_ERROR = re.compile(
    r"^error: Failed to (?:parse (?P<parsed>.+?):(?P<row>\d+):(?P<column>\d+)|read (?P<read>.+?)): (?P<message>.*)$",
    re.MULTILINE,
)
FORMAT_JSON_SINCE = (0, 16)
HIDDEN_FOLDER = re.compile(r"^warning: Encountered error: (?P<message>.*)$", re.MULTILINE)


class _Location(msgspec.Struct):
    row: int
    column: int


class _Reported(msgspec.Struct):
    filename: str
    message: str
    code: str | None
    location: _Location | None
    cell: int | None = None


def diagnostics(output: bytes, names: Names, lines: SourceLines) -> list[Diagnostic]:
    """What `--output-format json` reported.

    Raises:
        ValueError: the output is not the JSON array that ruff prints (msgspec's errors are ValueErrors).
    """
    found = msgspec.json.decode(output, type=list[_Reported])
    return [_diagnostic(item, names, lines) for item in found]


def _diagnostic(item: _Reported, names: Names, lines: SourceLines) -> Diagnostic:
    name = names.relative(item.filename)
    path = printable(name)
    row = None if item.location is None else item.location.row
    column = None if item.location is None else item.location.column
    code = item.code or "invalid-syntax"
    if item.cell is not None:
        # Rows count inside the cell, which no line of the notebook's file corresponds to.
        where = f"{item.message} (cell {item.cell}, line {row})"
        return Diagnostic(code=code, message=where, path=path, line=None, column=None, source=item.message)
    return Diagnostic(code=code, message=item.message, path=path, line=row, column=column, source=lines.text(name, row))


def format_run(code: int, examined: int, found: Iterable[Diagnostic]) -> Format:
    """The diagnostics of `ruff format --check`, told apart."""
    held = list(found)
    unread = [Unread(path=item.path, message=item.message) for item in held if item.code in UNREAD]
    return Format(
        code=code,
        examined=examined,
        unformatted=counted(item for item in held if item.code == "unformatted"),
        unparsed=counted(item for item in held if item.code not in ("unformatted", *UNREAD)),
        unread=counted(unread),
    )


def formats_as_json(version: str) -> bool:
    """Whether this ruff writes what `ruff format --check` finds as JSON without its preview mode."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return numbers >= FORMAT_JSON_SINCE


def format_diagnostics(output: str, errors: str, names: Names, lines: SourceLines) -> list[Diagnostic]:
    """What an older `ruff format --check` says in plain lines; it names no line for a file that it would change."""
    found = [
        Diagnostic(
            code="unformatted",
            message="",
            path=printable(names.relative(match["path"])),
            line=None,
            column=None,
            source="",
        )
        for match in WOULD_REFORMAT.finditer(output)
    ]
    for match in FORMAT_ERROR.finditer(errors):
        name = names.relative(match["parsed"] or match["read"])
        path = printable(name)
        row = None if match["row"] is None else int(match["row"])
        column = None if match["column"] is None else int(match["column"])
        code = "io" if row is None else "invalid-syntax"
        source = lines.text(name, row)
        found.append(Diagnostic(code=code, message=match["message"], path=path, line=row, column=column, source=source))
    return found


def listed(output: str) -> list[str]:
    """The paths that `--show-files` printed; a name that holds a newline continues the line before it."""
    found: list[str] = []
    for line in output.split("\n"):
        if Path(line.rstrip("\r")).is_absolute():
            found.append(line.rstrip("\r"))
        elif found and line:
            found[-1] += f"\n{line}"
    return found


def checked(errors: str) -> list[str]:
    """The paths that a verbose `ruff check` without a cache says it looked at."""
    return [match["path"].strip() for match in CHECKING.finditer(errors)]


def formatted(errors: str) -> int | None:
    """How many files a verbose `ruff format` says it looked at, or None if it does not say."""
    counts = [int(match["count"]) for match in FORMATTED.finditer(errors)]
    return counts[-1] if counts else None


def sources(paths: Iterable[str]) -> list[str]:
    """Those of `paths` that hold code: configuration files and Markdown are no denominator of a linter."""
    return [path for path in paths if PurePosixPath(path).suffix not in NOT_SOURCE]


def unread(errors: str, names: Names) -> list[Unread]:
    """Files that `ruff check` gave up on with no more than a warning (it ends with 0 unless E902 is selected)."""
    return [
        Unread(path=printable(names.relative(match["path"])), message=match["message"])
        for match in FAILED_TO_LINT.finditer(errors)
    ]


def hidden_folder(errors: str) -> str | None:
    """What the system said of a folder that ruff could not look into, or None; ruff names no folder and goes on."""
    match = HIDDEN_FOLDER.search(errors)
    return None if match is None else match["message"]


def environment(home: Path) -> dict[str, str]:
    """Variables for a run of ruff, which finds nothing of the user's in the empty folder `home`.

    A user's own ruff.toml and git's global ignore file must not decide on one machine what passes on another; ruff
    itself may be installed below the home that is hidden from it.
    """
    hidden = os.fspath(home)
    return {"HOME": hidden, "USERPROFILE": hidden, "XDG_CONFIG_HOME": hidden, "PYTHONUSERBASE": site.getuserbase()}


def check_command(ruff: Sequence[str], cache: Sequence[str], config: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The command that lints and edits nothing."""
    return [*ruff, "check", "--output-format", "json", *READ_ONLY, *config, *cache, "--", *paths]


def format_command(
    ruff: Sequence[str], cache: Sequence[str], config: Sequence[str], paths: Sequence[str], *, json: bool = True
) -> list[str]:
    """The command that compares formatting; verbose, since ruff says nowhere else over how many files."""
    shape = ("--output-format", "json") if json else ()
    return [*ruff, "format", "--check", "--verbose", *shape, *config, *cache, "--", *paths]


def list_command(ruff: Sequence[str], config: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The command that lists the files of a run, before `lint.exclude` and `format.exclude`."""
    return [*ruff, "check", "--show-files", *READ_ONLY, *config, "--", *paths]


def survey_command(ruff: Sequence[str], config: Sequence[str], paths: Sequence[str]) -> list[str]:
    """A cheap verbose check that names each file it looks at, after `lint.exclude`."""
    asked = ("--verbose", "--no-cache", "--select", "E902", "--output-format", "json")
    return [*ruff, "check", *asked, *READ_ONLY, *config, "--", *paths]


def settings_command(ruff: Sequence[str], config: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The command that prints the settings which hold for the first file."""
    return [*ruff, "check", "--show-settings", *READ_ONLY, *config, "--", *paths]
