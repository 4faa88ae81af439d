"""By hand: the commands that a person pastes to see what pytest says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates import __version__
from gates.process.installation import editable_command, install_command

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter


class Judged(msgspec.Struct, frozen=True):
    """The judged Python in words: its path as the report shows it, and what has it import the project's tree."""

    path: str
    editable: str


def judged(interpreter: Interpreter, root: Path) -> Judged:
    """The words for an interpreter."""
    return Judged(path=shown(interpreter, root), editable=editable_command(root, interpreter))


def shown(interpreter: Interpreter, root: Path) -> str:
    """The path of an interpreter as the report shows it: relative to the project's root where it is inside."""
    path = interpreter.path
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def pytest(python: str, *args: str, env: Mapping[str, str] | None = None) -> str:
    """The command line that starts pytest in the project's root as gates does."""
    import shlex

    variables = [f"{key}={value}" for key, value in sorted((env or {}).items())]
    return shlex.join([*variables, python, "-P", "-m", "pytest", *args])


def matching(interpreter: Interpreter, root: Path) -> str:
    """The command line that installs the plugin of this version of gates where the tests run."""
    return install_command(root, interpreter, f"pytest-vltair=={__version__}")


def recording(python: str, name: str, args: Sequence[str], env: Mapping[str, str]) -> str:
    """The command line that records a run which `record = name` would accept."""
    named = {"VLTAIR_SETTINGS_ENV": ",".join(sorted(env))} if env else {}
    return pytest(python, *args, "--vltair-record", name, env={**env, **named})
