"""Mypy: its command lines, and how to read what it prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from gates.builtin.types import configuration
from gates.builtin.types.facts import Fault, Problem, Summary
from gates.config.positions import line_of
from gates.model.evidence import counted
from gates.project.source_lines import Names, SourceLines
from gates.project.tree import printable

# Each of them takes back what a configuration may have set and what would make the output unreadable, or ask a
# question. Lines and not JSON: with `--output json` mypy prints no summary, and so no number of files.
READABLE = (
    "--no-pretty",
    "--no-color-output",
    "--error-summary",
    "--hide-error-context",
    "--hide-absolute-path",
    "--show-column-numbers",
    "--show-error-end",
    "--show-error-codes",
    "--no-install-types",
    "--interactive",
)
LINE = re.compile(
    r"(?P<path>.+?):(?:(?P<line>\d+):(?:(?P<column>\d+):(?:\d+:\d+:)?)?)? (?P<severity>error|note): (?P<message>.*)"
)
CODE = re.compile(r"^(?P<message>.*?)  \[(?P<code>[a-z][a-z0-9-]*)\]$")
SUCCESS = re.compile(r"^Success: no issues found in (?P<checked>\d+) source files?$")
ERRORS = re.compile(r"^Found (?P<errors>\d+) errors? in \d+ files? \(checked (?P<checked>\d+) source files?\)$")
BLOCKED = re.compile(r"^Found (?P<errors>\d+) errors? in \d+ files? \(errors prevented further checking\)$")
COMPLAINT = re.compile(r"(?P<path>\S[^:]*): (?:\[(?P<section>[^\]]*)\]+:? *)?(?P<message>.+)")
KEY = re.compile(r"(?:Unrecognized (?:option|report type): )?(?P<key>[A-Za-z_]\w*)(?:\s*[=:]|$)")
NO_FILES = re.compile(r"There are no \.py\[i\] files in directory '(?P<folder>.*)'")
SURVEY = """\
import ast, json, sys
from mypy.config_parser import parse_mypy_comments
from mypy.main import process_options
from mypy.util import get_mypy_comments

def forgives(text, options):
    if parse_mypy_comments(get_mypy_comments(text), options)[0].get("ignore_errors"):
        return True
    tree = ast.parse(text, type_comments=True)
    first = min((ignore.lineno for ignore in tree.type_ignores), default=None)
    return first is not None and bool(tree.body) and first < tree.body[0].lineno

def is_muted(source):
    options = everything.clone_for_module(source.module or "__main__")
    if options.ignore_errors or not source.path:
        return options.ignore_errors
    try:
        with open(source.path, encoding="utf-8-sig") as file:
            return forgives(file.read(), options)
    except (OSError, SyntaxError, ValueError):
        return False

sources, everything = process_options(sys.argv[1:])
print(json.dumps({"checked": len(sources), "muted": sum(map(is_muted, sources))}))
"""
# What a file must hold for mypy to ignore all of its errors; whether it does is asked of mypy's own parser.
FORGIVING = re.compile(rb"^# mypy:.*ignore[-_]errors|^[ \t]*#[ \t]*type:[ \t]*ignore", re.MULTILINE)


class Ending(msgspec.Struct, frozen=True):
    """The last line of a run."""

    summary: Summary
    errors: int
    checked: int


def arguments(cache: str, config: Sequence[str], targets: Sequence[str]) -> list[str]:
    """The arguments of one run; without `targets` mypy takes its configured ones."""
    return [*READABLE, "--cache-dir", cache, *config, *(("--", *targets) if targets else ())]


def may_forgive(path: Path) -> bool:
    """Whether the file may tell mypy, by a comment, to ignore every error in it."""
    try:
        return FORGIVING.search(path.read_bytes()) is not None
    except OSError:
        return False


def ending(output: str) -> Ending | None:
    """What the summary says, or None if there is none; nothing may follow it."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        return None
    if match := SUCCESS.match(lines[-1]):
        return Ending("success", 0, int(match["checked"]))
    if match := ERRORS.match(lines[-1]):
        return Ending("errors", int(match["errors"]), int(match["checked"]))
    if match := BLOCKED.match(lines[-1]):
        return Ending("blocked", int(match["errors"]), 0)
    return None


def problems(output: str, names: Names, lines: SourceLines) -> list[Problem]:
    """The errors in `output`, each with the notes that follow it at the same place."""
    found: list[tuple[re.Match[str], list[str]]] = []
    for text in output.splitlines():
        match = LINE.fullmatch(text)
        if match is None:
            continue
        if match["severity"] == "error":
            found.append((match, []))
        elif found and (found[-1][0]["path"], found[-1][0]["line"]) == (match["path"], match["line"]):
            found[-1][1].append(match["message"].strip())
    return [_problem(match, notes, names, lines) for match, notes in found]


def _problem(match: re.Match[str], notes: Sequence[str], names: Names, lines: SourceLines) -> Problem:
    coded = CODE.match(match["message"])
    name = names.relative(match["path"])
    line = None if match["line"] is None else int(match["line"])
    return Problem(
        code=None if coded is None else coded["code"],
        message=match["message"] if coded is None else coded["message"],
        hints=counted(notes),
        path=printable(name),
        line=line,
        column=None if match["column"] is None else int(match["column"]),
        source=lines.text(name, line),
    )


def faults(errors: str, config_file: str, root: Path) -> list[Fault]:
    """What mypy says on stderr of the configuration it read; it says so, goes on without, and may end with Success."""
    found: list[Fault] = []
    for text in errors.splitlines():
        match = COMPLAINT.fullmatch(text.strip())
        if match is None or not _is_configuration(match["path"], config_file) or LINE.fullmatch(text):
            continue
        key = KEY.match(match["message"])
        path = Path(match["path"]).as_posix()
        line = None
        if key is not None:
            section = (match["section"] or "").partition('"')[2].rstrip('"') or (match["section"] or "")
            line = line_of(root / path, key["key"], section)
        found.append(Fault(path=path, line=line, message=match["message"]))
    return list(dict.fromkeys(found))


def _is_configuration(path: str, config_file: str) -> bool:
    return Path(path).name in configuration.NAMES or (config_file != "" and Path(path) == Path(config_file))


def empty_folders(errors: str) -> list[str]:
    """The folders in which mypy, after its `exclude`, found nothing to check."""
    return [match["folder"] for match in NO_FILES.finditer(errors)]


def chatter(errors: str) -> Iterable[str]:
    """Lines of stderr that carry a message: neither the usage that precedes it nor mypy's own log."""
    for line in errors.splitlines():
        if line.strip() and not line.startswith(("usage:", " ", "LOG:")):
            yield line.strip()
