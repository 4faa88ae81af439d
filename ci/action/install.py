"""Install: an environment apart from the checkout with the project's own packages, then gates; or a reason."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import child
import talk
from choice import Choice, extras
from inputs import Inputs
from refusal import Refused

FOLDER = "gates-environment"
BESIDE = "gates-tools"
GROUPS = "pip>=25.1"
"""The first pip that reads dependency groups."""


def install(inputs: Inputs, chosen: Choice, environ: Mapping[str, str]) -> Path:
    """The interpreter of the environment that judges.

    Raises:
        Refused: something cannot be installed, or gates cannot be imported afterwards.
    """
    if chosen.kind == "nothing":
        return Path(sys.executable)
    place = _fresh(inputs.temporary / FOLDER)
    python = _made(place, inputs, environ)
    around = _around(place, inputs, environ)
    if chosen.kind == "pip":
        _pip(python, inputs, chosen, around)
        return python
    ways = {"uv": _uv, "poetry": _poetry, "command": _command}
    ways[chosen.kind](python, inputs, chosen, around)
    # After the project: the version that judges is the action's, whatever the judged change locks.
    _do(_installing(python, inputs), inputs, around, "gates cannot be installed beside the project")
    return python


def _fresh(place: Path) -> Path:
    if place.exists():
        shutil.rmtree(place)
    return place


def _made(place: Path, inputs: Inputs, environ: Mapping[str, str]) -> Path:
    argv = [sys.executable, "-m", "venv", str(place)]
    _do(argv, inputs, environ, "no virtual environment can be made; set the input python-version")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        raise Refused(f"{' '.join(argv[1:3])} made no interpreter", "set the input python-version")
    return python


def _around(place: Path, inputs: Inputs, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of an installation: the environment is active, and downloads are where the cache keeps them."""
    held = {name: value for name, value in environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "CONDA_PREFIX"}}
    first = str(place / ("Scripts" if os.name == "nt" else "bin"))
    added = {
        "VIRTUAL_ENV": str(place),
        "PATH": os.pathsep.join((first, environ.get("PATH", ""))),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_USER": "0",
        "UV_PROJECT_ENVIRONMENT": str(place),
        "UV_PYTHON": str(Path(first) / ("python.exe" if os.name == "nt" else "python")),
        "POETRY_NO_INTERACTION": "1",
        "POETRY_VIRTUALENVS_CREATE": "false",
    }
    if inputs.cache:
        added |= {"PIP_CACHE_DIR": str(inputs.downloads / "pip"), "UV_CACHE_DIR": str(inputs.downloads / "uv")}
    return {**held, **added}


def _gates(inputs: Inputs) -> str:
    wanted = f"[{','.join(extras(inputs))}]"
    return f"pytest-vltair{wanted}=={inputs.version}" if inputs.version else f"{inputs.action}{wanted}"


def _installing(python: Path, inputs: Inputs) -> list[str]:
    return [str(python), "-m", "pip", "install", "--quiet", _gates(inputs)]


def _pip(python: Path, inputs: Inputs, chosen: Choice, around: Mapping[str, str]) -> None:
    """One resolution for project and gates, so that neither takes the other's versions away."""
    if any(word.startswith("--group") for word in chosen.words):
        upgrade = [str(python), "-m", "pip", "install", "--quiet", "--upgrade", GROUPS]
        _do(upgrade, inputs, around, "no pip that reads dependency groups can be installed")
    argv = [*_installing(python, inputs), *chosen.words]
    _do(argv, inputs, around, "the project's environment and gates cannot be installed")


def _uv(python: Path, inputs: Inputs, chosen: Choice, around: Mapping[str, str]) -> None:
    uv = shutil.which("uv", path=around["PATH"])
    if uv is None:
        _do([str(python), "-m", "pip", "install", "--quiet", "uv"], inputs, around, "uv cannot be installed")
        uv = str(python.with_name("uv.exe" if os.name == "nt" else "uv"))
    argv = [uv, "sync", "--locked", "--inexact", *chosen.words]
    _do(argv, inputs, around, "uv sync failed; where uv.lock is out of date, commit what `uv lock` writes")


def _poetry(python: Path, inputs: Inputs, chosen: Choice, around: Mapping[str, str]) -> None:
    poetry = shutil.which("poetry", path=around["PATH"])
    if poetry is None:
        apart = _fresh(inputs.temporary / BESIDE)
        own = _made(apart, inputs, around)
        _do([str(own), "-m", "pip", "install", "--quiet", "poetry"], inputs, around, "poetry cannot be installed")
        poetry = str(own.with_name("poetry.exe" if os.name == "nt" else "poetry"))
    del python
    _do([poetry, "install", *chosen.words], inputs, around, "poetry install failed")


def _command(python: Path, inputs: Inputs, chosen: Choice, around: Mapping[str, str]) -> None:
    del python
    bash = shutil.which("bash", path=around["PATH"])
    if bash is None:
        raise Refused("the input install is a command, and there is no bash to run it")
    (text,) = chosen.words
    _do([bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", text], inputs, around, "the input install failed")


def _do(argv: list[str], inputs: Inputs, around: Mapping[str, str], failing: str) -> None:
    with talk.deaf():
        code = child.run(argv, inputs.root, around)
    if code != 0:
        raise Refused(f"{failing} (exit code {code}); nothing was judged", "read the log of this step")
