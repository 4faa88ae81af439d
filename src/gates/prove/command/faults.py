"""Faults: what is broken in the copy, each so that nothing but what it is named after is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from gates.prove.command.site import NAME, Site
from gates.prove.command.texts import (
    ERRORING,
    ERRORING_CASE,
    FAILING,
    FAILING_CASE,
    LINT,
    NOT_IMPORTABLE,
    SKIP_ALL,
    SKIP_EACH,
    SKIP_MODULE,
    UNCALLED,
    UNFORMATTED,
    WRONG_TYPE,
)


@dataclass(frozen=True)
class Objectors:
    """Tools that object to a kind of fault; `named` is what a reader calls them."""

    named: str
    tools: tuple[str, ...]


CHECKERS = Objectors("a type checker (mypy, pyright)", ("mypy", "pyright", "basedpyright", "pyrefly", "ty", "pytype"))
LINTERS = Objectors("a linter (ruff check, flake8, pylint)", ("ruff", "flake8", "pylint", "pyflakes"))
FORMATTERS = Objectors(
    "a formatter (ruff format --check, black --check)",
    ("ruff", "black", "autopep8", "yapf", "flake8", "pycodestyle"),
)
RUNNERS = Objectors("tests (pytest, unittest)", ("pytest", "unittest", "nose2", "trial"))
READERS = Objectors("tests, a linter or a type checker", (*RUNNERS.tools, *LINTERS.tools, *CHECKERS.tools))
COVERAGE = Objectors("coverage", ("coverage", "diff-cover", "--cov"))

FAILED = r"AssertionError|assert sorted|test_planted.*fail|fail.*test_planted"
"""What a runner prints of the planted test that fails."""


class DoesNotFit(Exception):  # noqa: N818 - an answer
    """The project has nothing that the fault could break; says so in a clause."""


@dataclass(frozen=True)
class Fault:
    """A fault by its name; `plant` breaks the copy and returns the path it touched, or raises DoesNotFit.

    `objectors` should object to it, and `wanted` (or `unwanted`) is a word of the line that has them do so. Without
    `plant` it is their first tool that is missing. `content` says why a tool that looks may not object, and `sign` is
    a pattern of what a command prints that is red for the fault.
    """

    name: str
    title: str
    plant: Callable[[Site], str] | None
    objectors: Objectors
    sign: str
    wanted: str = ""
    unwanted: str = ""
    content: str = ""


def _in_module(text: str) -> Callable[[Site], str]:
    def plant(site: Site) -> str:
        if site.module is None:
            raise DoesNotFit("no module of a package was found")
        return site.append(site.module, text)

    return plant


def _as_module(text: str) -> Callable[[Site], str]:
    def plant(site: Site) -> str:
        path = site.new_module()
        if path is None:
            raise DoesNotFit("no module of a package was found")
        return site.write(path, text)

    return plant


def _as_test(text: str, case: str) -> Callable[[Site], str]:
    def plant(site: Site) -> str:
        path = site.new_test()
        if path is None:
            raise DoesNotFit("no test file was found")
        return site.write(path, text if site.uses_pytest else case)

    return plant


def _without_tests(site: Site) -> str:
    if not site.tests:
        raise DoesNotFit("no test file was found")
    for path in site.tests:
        (site.root / path).unlink()
    return str(site.test_folder)


def _skipped(site: Site) -> str:
    if site.test_folder is None:
        raise DoesNotFit("no test file was found")
    if not site.uses_pytest:
        for path in site.tests:
            site.append(path, SKIP_MODULE)
        return str(site.test_folder)
    path = str(PurePosixPath(site.test_folder) / "conftest.py")
    held = site.text(path)
    for hook, text in (("pytest_collection_modifyitems", SKIP_ALL), ("pytest_runtest_setup", SKIP_EACH)):
        if hook not in held:
            head = held.rstrip() or '"""Hooks that were planted."""\n\nimport pytest'
            return site.write(path, _with_pytest(head) + "\n" + text)
    raise DoesNotFit(f"{path} has hooks of its own, which planted ones would replace")


def _with_pytest(text: str) -> str:
    return text if "import pytest" in text else f"{text}\n\nimport pytest  # noqa: E402"


def missing(tool: str) -> Fault:
    """The fault that a tool is not installed."""
    return Fault(
        f"missing-{tool}",
        f"{tool} is not installed",
        None,
        Objectors(tool, (tool,)),
        f"hidden by gates prove|No module named .?{re.escape(tool)}",
    )


FAULTS = (
    Fault(
        "syntax-error",
        "a module that is no Python",
        _in_module("\n\ndef planted(:\n"),
        READERS,
        "syntax|planted|cannot parse|failed to parse|unparsable|E999",
    ),
    Fault(
        "import-error",
        "a module that raises when it is imported",
        _in_module('\n\nraise RuntimeError("planted")\n'),
        RUNNERS,
        "RuntimeError: planted",
    ),
    Fault("lint-error", "an unused import, a comparison to None", _as_module(LINT), LINTERS, NAME, unwanted="format"),
    Fault(
        "unformatted",
        "a module with blanks where no formatter puts them",
        _as_module(UNFORMATTED),
        FORMATTERS,
        NAME,
        wanted="format",
    ),
    Fault(
        "type-error",
        "a function that returns an int for a str",
        _as_module(WRONG_TYPE),
        CHECKERS,
        f"{NAME}.*(return|type)",
    ),
    Fault("failing-test", "a test that fails", _as_test(FAILING, FAILING_CASE), RUNNERS, FAILED),
    Fault(
        "erroring-fixture", "a fixture that raises", _as_test(ERRORING, ERRORING_CASE), RUNNERS, "RuntimeError: planted"
    ),
    Fault(
        "broken-test-module",
        "a test module that raises when it is imported",
        _as_test(NOT_IMPORTABLE, NOT_IMPORTABLE),
        RUNNERS,
        "RuntimeError: planted",
    ),
    Fault(
        "tests-deleted",
        "all test files deleted",
        _without_tests,
        RUNNERS,
        "no test|not found|no data|ran 0|0 items|cover",
        content="to which a run without any test is a good one",
    ),
    Fault(
        "tests-skipped",
        "all tests skipped",
        _skipped,
        RUNNERS,
        "skip|cover",
        content="to which a run in which every test is skipped is a good one",
    ),
    Fault(
        "uncovered",
        "a new function of 26 lines that no test calls",
        _in_module(UNCALLED),
        COVERAGE,
        "cover|miss",
        content="which measures and has no limit that this falls below",
    ),
)
"""In the order in which they are planted and shown; a missing tool comes after these."""
