"""Planting: a build backend of the project's own that calls the one it had, and spoils what that made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.built import system
from gates.builtin.built.system import PYPROJECT, TABLE, System
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.artifact import Kind
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

FOLDER = ".gates_canary"
"""Hidden, so that no backend takes it for a package of the project."""

MODULE = "gates_canary_backend"
MEMBER = "gates_canary.txt"

BACKEND = '''\
"""Calls the build backend of the project, and spoils what it makes."""

import importlib
import os
import sys

_module, _, _object = {backend!r}.partition(":")
_backend = importlib.import_module(_module)
for _name in filter(None, _object.split(".")):
    _backend = getattr(_backend, _name)


def __getattr__(name):
    return getattr(_backend, name)


def _added(path, text, mode=0o644):
    import zipfile

    info = zipfile.ZipInfo({member!r}, (1980, 1, 1, 0, 0, 0))
    info.external_attr = mode << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, text)


def _spoiled(folder, name):
    path = os.path.join(folder, name)
{spoiling}
    return name


def build_wheel(folder, *more, **settings):
    return _spoiled(folder, _backend.build_wheel(folder, *more, **settings))


def build_sdist(folder, *more, **settings):
    return _spoiled(folder, _backend.build_sdist(folder, *more, **settings))
'''

NOTHING = ("pass",)


def spoil(context: Context[ReproSettings], kind: Kind, spoiling: Sequence[str]) -> Planted | Reason:
    """The project builds by way of a backend that runs the lines `spoiling` over each artifact at `path`.

    Only `kind` is judged.
    """
    built_by = system.of(context.project)
    if isinstance(built_by, Refusal):
        return built_by.reason
    root = context.project.root
    lines = "\n".join(f"    {line}" for line in spoiling)
    (root / FOLDER).mkdir()
    text = BACKEND.format(backend=built_by.backend, member=MEMBER, spoiling=lines)
    (root / FOLDER / f"{MODULE}.py").write_text(text, encoding="utf-8")
    return Planted(path=PYPROJECT, line=_named(root, built_by), settings={"artifacts": [kind]})


def _named(root: Path, built_by: System) -> int:
    """Have pyproject.toml name the planted backend; the line where it does."""
    import tomlkit

    from gates.config.positions import positions

    path = root / PYPROJECT
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    document = tomlkit.parse(written)
    table = document.get(TABLE)
    if table is None:
        table = document[TABLE] = tomlkit.table()
        table["requires"] = list(built_by.requires)
    table["build-backend"] = MODULE
    table["backend-path"] = [*built_by.backend_path, FOLDER]
    text = tomlkit.dumps(document)
    path.write_text(text, encoding="utf-8")
    return positions(text)[TABLE, "build-backend"]


def written(root: Path, name: str, value: object) -> None:
    """Write `value` as JSON into the file `name`, below folders that are made."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")
