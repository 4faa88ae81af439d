"""Failures: what was raised, and the hash by which the same failure is known again in other runs and on other machines.

The hash is over the exception's type and its frames: the path below the root with the failing line of code, or, of code
from elsewhere, where it is installed, with the function. No line number, address or value is in it.
"""

from __future__ import annotations

import hashlib
import linecache
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import NamedTuple

import pytest

from pytest_vltair.modules import relative

RAISED = "_vltair_raised"
"""The attribute of reports, those of workers too, that holds what was raised."""

OWN = frozenset({"_pytest", "importlib", "pluggy", "pytest_vltair", "xdist"})
"""Packages through which everything is called: where they are installed, their frames say nothing of a failure."""

LENGTH = 16
INSTALLED = re.compile(r".*[/\\](?:site|dist)-packages[/\\]", re.DOTALL)
ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
PLACE = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][^\s/\\:\"']+)+(?=[/\\])")
NUMBER = re.compile(r"\d+")


class Raised(NamedTuple):
    """The qualified name of an exception's type ("" where nothing was raised), and the hash of the failure."""

    error: str = ""
    stack: str = ""


NOTHING = Raised()


class Failures:
    """Puts on the report of what failed what was raised; a test that passes only passes through."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The report, with what was raised."""
        report = yield
        if call.excinfo is not None and report.outcome not in {"passed", "skipped"}:
            setattr(report, RAISED, tuple(raised(call.excinfo.value, self._root)))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """The report of a collection, with what was raised."""
        report = yield
        call = report.__dict__.get("call")
        if report.outcome == "failed" and call is not None and call.excinfo is not None:
            setattr(report, RAISED, tuple(raised(call.excinfo.value, self._root)))
        return report


def of(report: pytest.TestReport | pytest.CollectReport, message: str) -> Raised:
    """What was raised, of a report of something that failed; where nothing was, the hash is over its message."""
    found = report.__dict__.get(RAISED)
    return Raised("", _hash([_plain(message)])) if found is None else Raised(*found)


def raised(error: BaseException, root: Path) -> Raised:
    """The type of an exception and the hash of all that it says of where it comes from, below `root` or elsewhere."""
    while isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        error = error.__cause__  # pytest's own, around what an import raised
    try:
        parts = list(_chain(error, root, set()))
    except Exception:  # noqa: BLE001 - a property of somebody's exception; the failure itself must be told all the same
        parts = [_named(type(error))]
    return Raised(_named(type(error)), _hash(parts))


def _hash(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:LENGTH]


def _chain(error: BaseException | None, root: Path, seen: set[int]) -> Iterator[str]:
    """The hash of each exception of a chain, each once: how often something was tried again does not matter."""
    told: dict[str, None] = {}
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told[_hash(list(_one(error, root, seen)))] = None
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    yield from told


def _one(error: BaseException, root: Path, seen: set[int]) -> Iterator[str]:
    yield _named(type(error))
    frames = list(_frames(error.__traceback__, root))
    if isinstance(error, RecursionError):
        frames = _until_repeated(frames)
    yield from dict.fromkeys(frames)
    if isinstance(error, SyntaxError):
        yield f"{_path(error.filename or '', '', root)[0]}\0{(error.text or error.msg or '').strip()}"
    elif isinstance(error, BaseExceptionGroup):
        # In which order tasks fail is chance.
        yield from sorted({_hash(list(_chain(one, root, seen))) for one in error.exceptions})
    elif not frames:
        yield _plain(str(getattr(error, "argname", error)))  # a fixture that is not there says which


def _frames(trace: TracebackType | None, root: Path) -> Iterator[str]:
    """A text for each frame from the project's first one on, or for those that there are where it has none."""
    foreign: list[str] = []
    own = False
    while trace is not None:
        frame, line = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
        if _is_hidden(frame):
            continue
        name = str(frame.f_globals.get("__name__", ""))
        file, function = frame.f_code.co_filename, frame.f_code.co_qualname
        path, is_below = _path(file, name, root)
        if is_below:
            own = True
            code = linecache.getline(file, line, frame.f_globals).strip()
            yield f"{path}\0{function}\0{code}"
        elif name.partition(".")[0] not in OWN:
            if own:
                yield f"{path}\0{function}"
            else:
                foreign.append(f"{path}\0{function}")
    if not own:
        yield from foreign


def _is_hidden(frame: FrameType) -> bool:
    """Whether a frame asks pytest not to be shown."""
    code = frame.f_code
    word = "__tracebackhide__"
    if word not in code.co_varnames and word not in frame.f_globals:
        return False
    said = frame.f_locals.get(word, frame.f_globals.get(word))
    return said is True


def _path(file: str, name: str, root: Path) -> tuple[str, bool]:
    """Where code is, the same on each machine, and whether it is the project's; `name` is that of its module."""
    installed = INSTALLED.match(file)
    if installed is not None:
        return file[installed.end() :].replace(os.sep, "/"), False
    if os.path.isabs(file):  # noqa: PTH117 - a string
        path = relative(file, root)
        if not os.path.isabs(path):  # noqa: PTH117
            return path, True
    return name or _plain(os.path.basename(file)), False  # noqa: PTH119 - a string


def _until_repeated(frames: list[str]) -> list[str]:
    """The frames before one comes again: at which depth the limit is met, and in which call, is chance."""
    seen: set[str] = set()
    for at, frame in enumerate(frames):
        if frame in seen:
            return frames[:at]
        seen.add(frame)
    return frames


def _plain(text: str) -> str:
    """`text` without addresses, numbers, and the folders of absolute paths."""
    return NUMBER.sub("0", PLACE.sub("", ADDRESS.sub("0x", text)))


def _named(kind: type[BaseException]) -> str:
    """The name of a type with its module, unless it is a built-in one."""
    module, name = str(kind.__module__), str(kind.__qualname__)
    return name if module == "builtins" else f"{module}.{name}"
