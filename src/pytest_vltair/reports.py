"""Reports: places and messages in what pytest says; failed collections and warnings as fields of a line."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

import pytest

from pytest_vltair import failures
from pytest_vltair.lines import escape
from pytest_vltair.modules import relative

MESSAGE_LIMIT = 16_384


def cut(text: str) -> str:
    """`text`, or its first 16,384 characters with a word on what is missing."""
    if len(text) <= MESSAGE_LIMIT:
        return text
    return f"{text[:MESSAGE_LIMIT]} [TRUNCATED at {MESSAGE_LIMIT} characters]"


class Places:
    """Turns the paths of reports into paths relative to the root; `start` is where pytest was started."""

    def __init__(self, root: Path, start: Path) -> None:
        self.root = root
        self._start = start
        self._paths: dict[str, str] = {}

    def path(self, name: str) -> str:
        """A path as pytest's node ids and locations have it, or a file's absolute name."""
        path = self._paths.get(name)
        if path is None:
            path = relative(name, self.root) if Path(name).is_absolute() else name.replace(os.sep, "/")
            self._paths[name] = path
        return path

    def of(self, location: tuple[str, int | None, str]) -> tuple[str | None, int | None]:
        """Path and line, counted from 1, of a test's location."""
        path, start, _ = location
        return self.path(path) or None, None if start is None else start + 1

    def line_in(self, report: pytest.TestReport | pytest.CollectReport, file: str) -> int | None:
        """The last line of `file` (relative to the root) that the traceback of a failure passes through."""
        own = self._same(self.root / file)
        trace = report.longrepr
        crash = getattr(trace, "reprcrash", None)
        if crash is not None and self._same(self._start / crash.path) == own:
            return int(crash.lineno)
        entries = getattr(getattr(trace, "reprtraceback", None), "reprentries", ())
        for entry in reversed(entries):
            place = getattr(entry, "reprfileloc", None)
            if place is not None and self._same(self._start / place.path) == own:
                return int(place.lineno)
        return None

    @staticmethod
    def _same(path: Path) -> str:
        return os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links


def message_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a phase or a collection did not simply pass: the crash, the reason of a skip, the text of a report."""
    reason = getattr(report, "wasxfail", None)
    if reason is not None and report.outcome != "failed":
        return cut(str(reason))
    trace = report.longrepr
    if trace is None:
        return ""
    if isinstance(trace, tuple):
        return cut(str(trace[2]))
    crash = getattr(trace, "reprcrash", None)
    return cut(str(trace) if crash is None else str(crash.message))


def collect_error(report: pytest.CollectReport, places: Places) -> dict[str, object]:
    """The fields of a `collect_error` line."""
    file = report.nodeid.partition("::")[0]
    message = message_of(report)
    at = places.line_in(report, file) or _named_line(message, file)
    found = failures.of(report, message)
    return {
        "nodeid": report.nodeid,
        "path": places.path(file) or None,
        "line": at,
        "message": message,
        "error": escape(found.error),
        "stack": found.stack,
    }


def _named_line(text: str, file: str) -> int | None:
    # An import that fails is reported as text: `test_a.py:3: in <module>`, or `File ".../test_a.py", line 3`.
    name = re.escape(file)
    found = re.findall(rf"(?m)^(?:{name}:(\d+): |E\s+File \"(?:.*[/\\])?{name}\", line (\d+))", text)
    return int(found[-1][0] or found[-1][1]) if found else None


def warned(warning: warnings.WarningMessage, when: str, nodeid: str, places: Places) -> dict[str, object]:
    """The fields of a `warning` line; the category is named with its module unless it is a built-in one."""
    kind = warning.category
    category = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return {
        "nodeid": nodeid,
        "when": when,
        "category": category,
        "message": cut(str(warning.message)),
        "path": places.path(warning.filename) or None,
        "line": warning.lineno,
    }
