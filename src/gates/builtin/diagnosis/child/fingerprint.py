"""Fingerprint: what two failures have in common that are the same failure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from types import TracebackType

from .stacks import Frame, Project

LONGEST = 300
ARTEFACTS = ("_pytest/tmpdir.py", "_pytest/capture.py", "_pytest/cacheprovider.py", "_pytest/terminal.py")
IN_PROCESS = frozenset({"repeat", "order", "parallel"})
"""Where no more than these is moved, what pytest itself fails in is a test's doing, such as a stream that it closed."""
MISTAKES = (TypeError, AttributeError, NameError, RecursionError, AssertionError, ImportError, LookupError)
WORDS = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""), "'…'"),
    (re.compile(r"\b0[xX][0-9a-fA-F]+\b"), "…"),
    (re.compile(r"(?:[A-Za-z]:)?(?:[\\/][\w.@+~-]+){2,}[\\/]?"), "/…"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "…"),
    (re.compile(r"\b(?=\w*\d)[0-9a-fA-F]{7,}\b"), "…"),
    (re.compile(r"\b(?:tmp|pytest-|vltair-)[\w-]+"), "…"),
    (re.compile(r"[+-]?(?:\d+[.:,]?)+(?:[eE][+-]?\d+)?"), "0"),
)
UNRAISED = re.compile(r"DID NOT (RAISE|WARN)\b|\S+ not (raised|triggered)\b")
"""What pytest and unittest say at the head of a `with` when what it expects does not come out of its body."""
INNER = re.compile(r"\[[^\[\]{}()]*\]|\{[^\[\]{}()]*\}|\([^\[\]{}()]*\)")


@dataclass(frozen=True)
class Failure:
    """An exception, as it is told."""

    type: str
    message: str
    path: str | None
    line: int | None
    fingerprint: str
    own: bool


def failure(error: BaseException, phase: str, project: Project, moved: frozenset[str] = frozenset()) -> Failure:
    """What is to be said of an exception; `moved` names the factors that have not the base's value."""
    frames = _frames(error.__traceback__)
    kind, message = type(error).__name__, _message(error)
    if UNRAISED.match(message):
        frames = [(file, _last_within(file, line), function) for file, line, function in frames]
    path, line, function = project.deepest(frames) or (None, None, "")
    marks = (phase, kind, f"{path}:{function}", normalised(message))
    return Failure(kind, message[:LONGEST], path, line, digest(*marks), _own(error, frames, moved))


def digest(*words: str) -> str:
    """A short name for some words."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def normalised(message: str) -> str:
    """The first line of a message without what differs between two runs: numbers, addresses, paths, what is quoted."""
    line = next((one for one in message.splitlines() if one.strip()), "")[: 4 * LONGEST]
    for pattern, word in WORDS:
        line = pattern.sub(word, line)
    for _ in range(8):
        line, before = INNER.sub("…", line), line
        if line == before:
            break
    return " ".join(line.split())[:LONGEST]


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 — it is the project's code
        return ""


def _frames(traceback: TracebackType | None) -> list[Frame]:
    """File, line and function of each frame, innermost first."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append((code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    return found[::-1]


def _last_within(file: str, line: int) -> int:
    """The line of the last statement of a `with` that begins in this one; the same line where none does."""
    import ast
    import linecache

    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return line
    found = (node for node in ast.walk(tree) if isinstance(node, ast.With | ast.AsyncWith) and node.lineno == line)
    return next((node.body[-1].lineno for node in found), line)


def _own(error: BaseException, frames: list[Frame], moved: frozenset[str]) -> bool:
    """Whether the exception comes from what makes the circumstances, or is what they did to pytest itself.

    What refuses a connection, and what only passes on the operating system's errors, raises what a real one would.
    """
    if getattr(error, "vltair_own", False):
        return True
    innermost = frames[0][0].replace("\\", "/") if frames else ""
    if "/vltair_trial/" in innermost:
        return isinstance(error, MISTAKES)
    if "/time_machine/" in innermost:
        return "clock" in moved
    return bool(moved - IN_PROCESS) and innermost.endswith(ARTEFACTS)
