"""Tools: where a tool is and which version, without starting it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.model.reason import Reason
from gates.process import shadow
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that is installed: the words that start it, to which arguments are added, and its version.

    `-P` keeps the current directory from `sys.path`: a `mypy/` or `ruff.py` in a project's root is not the tool.
    """

    name: str
    argv: tuple[str, ...]
    version: str


def find(
    name: str,
    *,
    module: str,
    distribution: str,
    interpreter: Interpreter | None,
    root: Path,
    environ: Mapping[str, str],
) -> Tool | Reason:
    """The tool in the judged interpreter, or with None in gates' own environment; or why there is none to start.

    GATES_HIDE (names, separated by commas) makes a tool count as missing; the proof starves gates through it.
    """
    concealed = hidden(name, environ)
    if concealed is not None:
        return concealed
    version = _own_version(distribution, root) if interpreter is None else _version(distribution, interpreter)
    if version is None:
        return _missing(name, distribution, interpreter, root)
    usurper = shadow.usurper(module, root, environ, interpreter)
    if usurper is not None:
        return Reason(
            code="tool_config_invalid",
            message=f"PYTHONPATH puts {usurper} before the installed {name}",
            fix=f"take {Path(usurper).parent.as_posix()} out of PYTHONPATH, or rename {usurper}",
        )
    program = _program(name, module) if interpreter is None else None
    if program is not None:
        return Tool(name=name, argv=(program,), version=version)
    python = sys.executable if interpreter is None else str(interpreter.path)
    return Tool(name=name, argv=(python, "-P", "-m", module), version=version)


def hidden(name: str, environ: Mapping[str, str]) -> Reason | None:
    """Why a tool counts as missing that GATES_HIDE names; None where it does not."""
    names = {canonical(one.strip()) for one in environ.get("GATES_HIDE", "").split(",") if one.strip()}
    if canonical(name) not in names:
        return None
    return Reason(code="tool_missing", message=f"{name} is hidden by GATES_HIDE", fix="unset GATES_HIDE")


def _program(name: str, module: str) -> str | None:
    """The program of a distribution that has no module to start, as one that is not written in Python."""
    import importlib.util
    import sysconfig

    if importlib.util.find_spec(module.partition(".")[0]) is not None:
        return None
    path = Path(sysconfig.get_path("scripts"), name + (".exe" if os.name == "nt" else ""))
    return str(path) if path.is_file() else None


def _version(distribution: str, interpreter: Interpreter) -> str | None:
    return interpreter.distributions.get(canonical(distribution))


def _own_version(distribution: str, root: Path) -> str | None:
    """The version in gates' own environment; metadata that lies about in the judged project does not count."""
    import importlib.metadata

    places = [place for place in sys.path if place and _is_trusted(place, root)]
    for found in importlib.metadata.distributions(name=distribution, path=places):
        try:
            version = found.version
        except (KeyError, OSError, TypeError, ValueError):
            # What a broken removal leaves is no installed tool.
            continue
        if version:
            return version
    return None


def _is_trusted(place: str, root: Path) -> bool:
    path = os.path.realpath(place)
    return Path(path).is_relative_to(os.path.realpath(sys.prefix)) or not Path(path).is_relative_to(
        os.path.realpath(root)
    )


def _missing(name: str, distribution: str, interpreter: Interpreter | None, root: Path) -> Reason:
    from gates.process.installation import install_command

    if interpreter is None:
        where = "the environment that runs gates"
    elif interpreter.own:
        where = "the Python that runs gates, which is the judged one"
    else:
        where = f"the judged Python {interpreter.version} ({interpreter.chosen_by})"
    return Reason(
        code="tool_missing",
        message=f"{name} is not installed in {where}",
        fix=install_command(root, interpreter, distribution),
    )
