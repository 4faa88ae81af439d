"""Sessions for contributors: tests on every Python, the oldest dependencies, and what CI runs."""

from __future__ import annotations

import nox

nox.options.sessions = ["tests", "lint"]
nox.options.default_venv_backend = "uv|virtualenv"

PLUGIN = "tests/pytest_vltair"
BESIDE = (
    *("pytest-asyncio", "pytest-benchmark", "pytest-cov", "pytest-freezer", "pytest-mock", "pytest-order"),
    *("pytest-random-order", "pytest-randomly", "pytest-repeat", "pytest-rerunfailures"),
    *("pytest-reverse", "pytest-socket", "pytest-timeout", "pytest-xdist"),
    *("anyio", "debugpy", "faker", "freezegun", "numpy", "trio"),
)
"""Other plugins and libraries that the plugin is tested beside; pytest-retry fails a second run in one process."""

LIBRARIES = ("django", "factory-boy", "faker", "mimesis", "model-bakery", "numpy", "polyfactory")
"""What draws numbers, and is seeded once a project imports it; torch and tensorflow are too large to be here."""


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """The test suite; arguments go to pytest."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python="3.11")
def minimums(session: nox.Session) -> None:
    """The test suite with the oldest versions that the metadata admits."""
    session.install("-e", ".[test]", "--resolution=lowest-direct")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=["3.11", "3.13"])
def manners(session: nox.Session) -> None:
    """The plugin's tests and those of its gate, beside every plugin that is spoken of: nothing may be missing."""
    session.install("-e", ".[test]", *BESIDE)
    options = ("-o", "asyncio_default_fixture_loop_scope=function")  # pytest-asyncio warns where it is not set
    where = (PLUGIN, "tests/builtin/determinism_gate")
    session.run("pytest", "-n", "2", *options, *where, *session.posargs, env={"VLTAIR_TEST_MANNERS": "1"})


@nox.session(python="3.12")
def libraries(session: nox.Session) -> None:
    """The numbers of every library that is seeded, whatever else runs."""
    session.install("-e", ".[test]", *LIBRARIES)
    session.run("pytest", "-n", "2", "-m", "", f"{PLUGIN}/fixed", *session.posargs)


@nox.session(python="3.12")
@nox.parametrize("pytest", ["==7.4.4", "==8.0.*", ">=8,<9", ">=9"])
def pytests(session: nox.Session, pytest: str) -> None:
    """The plugin's tests under the oldest pytest that the metadata admits, and the newest of each later one."""
    session.install("-e", ".[test]", f"pytest{pytest}")
    session.run("pytest", "-n", "2", PLUGIN, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Lint, format, types and the direction of imports."""
    session.install("-e", ".[test]", "nox")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")
