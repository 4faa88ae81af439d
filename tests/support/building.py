"""Projects to build: small ones of every backend, hooks that misbehave, and environments that are made once."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from gates.builtin.repro.gate import ReproGate
from gates.engine.context import GateContext
from gates.model.reason import Reason
from gates.testing.run import context
from support.projects import write_project

HIDDEN = ("PYTHONPATH", "PIP_TARGET", "SETUPTOOLS_SCM_PRETEND_VERSION", "SOURCE_DATE_EPOCH")
PROJECT = '[project]\nname = "sample"\nversion = "1.0"\ndescription = "A sample."\n'
CODE = {"sample/__init__.py": '"""A sample."""\n\n__version__ = "1.0"\n', "README.md": "# sample\n"}
BACKENDS: Mapping[str, tuple[str, str]] = {
    "setuptools": ("setuptools", "setuptools.build_meta"),
    "flit": ("flit_core", "flit_core.buildapi"),
    "hatchling": ("hatchling", "hatchling.build"),
    "poetry": ("poetry-core", "poetry.core.masonry.api"),
    "pdm": ("pdm-backend", "pdm.backend"),
}
VERSIONED: Mapping[str, tuple[str, str, str]] = {
    "setuptools-scm": ('"setuptools", "setuptools-scm"', "setuptools.build_meta", "[tool.setuptools_scm]{}"),
    "hatch-vcs": ('"hatchling", "hatch-vcs"', "hatchling.build", '[tool.hatch.version]\nsource = "vcs"{}'),
}
"""Backends that ask git for the version: requirements, backend, and the table, to which options can be added."""

NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
"""Variables with which nothing can be installed, whatever this machine reaches."""


def site(root: Path, environ: Mapping[str, str] | None = None, *, offline: bool = False) -> GateContext:
    """The real context of the gate `repro` over the project at `root`, with this machine's own way to an index."""
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    made = context(root, ReproGate(), environ={**kept, **(environ or {})})
    made.world = msgspec.structs.replace(made.world, offline=offline)
    return made


def build_system(requires: str, backend: str, path: str = "") -> str:
    """The table `[build-system]` as pyproject.toml has it."""
    in_tree = f'backend-path = ["{path}"]\n' if path else ""
    return f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n{in_tree}'


def real(root: Path, name: str, further: Mapping[str, str] | None = None) -> Path:
    """A project that the backend called `name` builds."""
    package, backend = BACKENDS[name]
    table = build_system(f'"{package}"', backend)
    return write_project(root, {"pyproject.toml": f"{table}\n{PROJECT}", **CODE, **(further or {})})


def versioned(name: str, option: str = "") -> dict[str, str]:
    """The files of a project whose version is that of its tag, of a backend in `VERSIONED`."""
    requires, backend, table = VERSIONED[name]
    head = '[project]\nname = "sample"\ndynamic = ["version"]\n'
    text = f"{build_system(requires, backend)}\n{head}\n{table.format(option)}\n"
    return {"pyproject.toml": text, "sample/__init__.py": "", ".gitignore": "*.log\n"}


HOOKS = '''"""A backend in the tree."""
import os, pathlib, signal, subprocess, sys, time

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    out = pathlib.Path(wheel_directory)
    name = "sample-1.0-py3-none-any.whl"
{body}
'''
GOOD = '(out / name).write_bytes(b"wheel")\nreturn name'


def in_tree(root: Path, body: str = GOOD, *, before: str = "", requires: str = "") -> Path:
    """A project with a backend of its own whose `build_wheel` does what `body` says, with `out` and `name` at hand."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    hooks = before + "\n" + HOOKS.replace("{body}", indented)
    table = build_system(requires, "own", "backend")
    return write_project(root, {"pyproject.toml": table, "backend/own.py": hooks, "sample.py": "x = 1\n"})


def sentence(reason: object) -> str:
    """The message of a reason, which is one sentence on one line and names no folder of this machine."""
    assert isinstance(reason, Reason), reason
    assert reason.message
    assert reason.fix
    assert "\n" not in reason.message
    assert sys.prefix not in reason.message
    return reason.message
