"""Analysis: what source files have to run, asked of coverage.py; a script for the judged Python, by its path.

    python -P analysis.py FOLDER

FOLDER holds `request.json`, which `parsing` writes, and gets the answers: `head.json`, and `answers.jsonl` with one
line for each file that is not known yet. Only the standard library and coverage are imported.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import runpy
import sys
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import coverage
from coverage.exceptions import NotPython
from coverage.files import GlobMatcher, prep_patterns
from coverage.python import PythonFileReporter

if TYPE_CHECKING:
    from coverage.config import CoverageConfig
    from coverage.plugin import FileReporter

ENOUGH = 8
"""Files for which further processes are worth their start, and how many go to one at a time."""

HERE = Path(__file__)
POSSIBLE = HERE.with_name("possible.py")
possible = runpy.run_path(str(POSSIBLE))
"""Read by its path: nothing of gates can be imported here."""


class Measurer:
    """coverage.py with the project's settings and the plugins that measured files."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.files: list[tuple[str, str, str]] = [tuple(one) for one in request["files"]]
        self.coverage = coverage.Coverage(data_file=None, config_file=request["config"] or True)
        traced = {path: tracer for path, _, tracer in self.files if tracer}
        data = self.coverage.get_data()
        data.add_lines({path: [] for path in traced})
        data.add_file_tracers(traced)
        self.config: CoverageConfig = self.coverage.config
        self.excluding = [*self.config.exclude_list]
        self.excusing = [*self.config.partial_list, *self.config.partial_always_list]
        self.pragmas = possible["Pragmas"](self.excluding, self.excusing)

    def reporter(self, path: str) -> FileReporter:
        """What coverage.py, or the plugin that measured the file, knows of it."""
        return self.coverage._get_file_reporter(path)  # noqa: SLF001 - the one way to a plugin's own

    def key(self) -> str:
        """What a parse depends on beside the source."""
        own = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (HERE, POSSIBLE)]
        settings = (own, coverage.__version__, sys.version, sys.flags.optimize, self.excluding, self.excusing)
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()

    def left_out(self) -> Iterator[tuple[int, str]]:
        """The files that the settings keep out of every report, with the setting that does."""
        yield from self._matched("report:include", self.config.report_include, wanted=False)
        yield from self._matched("report:omit", self.config.report_omit, wanted=True)

    def unmeasured(self) -> Iterator[tuple[int, str]]:
        """The files that the settings keep out of every measurement, with the setting that does."""
        if not (self.config.source or self.config.source_pkgs):
            yield from self._matched("run:include", self.config.run_include, wanted=False)
        yield from self._matched("run:omit", self.config.run_omit, wanted=True)

    @cached_property
    def spared(self) -> Mapping[str, str]:
        """The paths of those, which need not parse: it may be a sample of broken code."""
        return {self.files[number][0]: setting for number, setting in self.unmeasured()}

    def _matched(self, name: str, patterns: list[str] | None, *, wanted: bool) -> Iterator[tuple[int, str]]:
        if not patterns:
            return
        matcher = GlobMatcher(prep_patterns(patterns), name)
        here = os.path.relpath if self.config.relative_files else os.path.realpath
        for number, (path, _, _) in enumerate(self.files):
            if bool(matcher.match(here(path))) is wanted:
                yield number, name


def main(argv: list[str]) -> int:
    """0 where every file has its answer; that a file cannot be parsed is an answer, too."""
    # A source may warn when it is compiled, and whoever starts this may want warnings to be errors.
    warnings.simplefilter("ignore")
    folder = Path(argv[1])
    request = json.loads((folder / "request.json").read_text("ascii"))
    try:
        measurer = Measurer(request)
    except Exception as error:  # noqa: BLE001 - settings load plugins, which raise what they like
        (folder / "head.json").write_text(json.dumps({"error": " ".join(str(error).split())}), "ascii")
        return 0
    head: dict[str, Any] = {
        "version": coverage.__version__,
        "branch": bool(measurer.config.branch),
        "fail_under": float(measurer.config.fail_under or 0),
        "key": measurer.key(),
        "left_out": dict(measurer.left_out()),
        "unmeasured": dict(measurer.unmeasured()),
    }
    known = frozenset(request["known"].get(head["key"], ()))
    # What a plugin says of a file may depend on more than its content.
    missing = [
        number
        for number, (_, sha256, tracer) in enumerate(measurer.files)
        if number not in head["left_out"] and (tracer or sha256 not in known)
    ]
    (folder / "head.json").write_text(json.dumps({**head, "missing": len(missing)}), "ascii")
    with (folder / "answers.jsonl").open("w", encoding="ascii", buffering=1) as answers:
        for answer in _answers(request, missing):
            answers.write(answer + "\n")
    return 0


def _answers(request: Mapping[str, Any], missing: list[int]) -> Iterator[str]:
    jobs = min(request["jobs"], len(missing) // ENOUGH)
    if jobs < 2:
        _begin(request)
        yield from map(_answer, missing)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(request,)) as pool:
        yield from pool.map(_answer, missing, chunksize=ENOUGH)


_measurers: list[Measurer] = []
"""The one of this process."""


def _begin(request: Mapping[str, Any]) -> None:
    # Syntax trees and tokens by the million, hardly any of them in a cycle.
    gc.set_threshold(100_000, 50, 50)
    warnings.simplefilter("ignore")
    _measurers.append(Measurer(request))


def _answer(number: int) -> str:
    measurer = _measurers[0]
    path, _, tracer = measurer.files[number]
    return json.dumps({"id": number, **_asked(measurer, path, tracer)}, separators=(",", ":"))


def _asked(measurer: Measurer, path: str, tracer: str) -> dict[str, Any]:
    try:
        reporter = measurer.reporter(path)
    except KeyError:
        return {"error": f"was measured by the plugin {tracer}, which coverage's settings do not enable", "line": None}
    try:
        python = isinstance(reporter, PythonFileReporter)
        return {"parsed": possible["parsed"](reporter, measurer.pragmas, python=python)}
    except NotPython as error:
        if not PythonFileReporter(path, measurer.coverage).should_be_python():
            return {"dropped": "it is no Python"}
        cause = error.__cause__
        line = getattr(cause, "lineno", None) or (cause.args[1][0] if cause and len(cause.args) > 1 else None)
        said = cause.args[0] if cause and cause.args else error
        return _failed(measurer, path, f"is no Python that {_python()} can parse: {said}", line)
    except Exception as error:  # noqa: BLE001 - whatever a parser or a plugin raises is a fact of this one file
        return _failed(measurer, path, f"cannot be parsed: {type(error).__name__}: {error}", None)


def _failed(measurer: Measurer, path: str, message: str, line: int | None) -> dict[str, Any]:
    if measurer.config.ignore_errors or path in measurer.spared:
        return {"dropped": measurer.spared.get(path, "report:ignore_errors")}
    return {"error": " ".join(message.split()), "line": line}


def _python() -> str:
    return f"Python {sys.version_info[0]}.{sys.version_info[1]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv))
