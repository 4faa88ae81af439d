"""Wrapper: a build backend of the project's own that calls the one it had, and changes what that made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.built.system import PYPROJECT, TABLE

if TYPE_CHECKING:
    from gates.builtin.built.system import System

FOLDER = ".gates_canary"
"""Hidden, so that no backend takes it for a package of the project."""

BACKEND = '''\
"""Calls the build backend of the project, and changes what it makes."""

import importlib
import os

_module, _, _object = {backend!r}.partition(":")
_backend = importlib.import_module(_module)
for _name in filter(None, _object.split(".")):
    _backend = getattr(_backend, _name)


def __getattr__(name):
    return getattr(_backend, name)


{change}


def build_wheel(folder, *more, **settings):
    name = _backend.build_wheel(folder, *more, **settings)
    _change("wheel", os.path.join(folder, name))
    return name


def build_sdist(folder, *more, **settings):
    name = _backend.build_sdist(folder, *more, **settings)
    _change("sdist", os.path.join(folder, name))
    return name
'''


def wrap(root: Path, built_by: System, module: str, change: str) -> None:
    """Have pyproject.toml name the backend `module`, which is written into `FOLDER` below `root`.

    `change` is its source of a function `_change(kind, path)`, called for each artifact; `os` is imported there.
    """
    (root / FOLDER).mkdir()
    text = BACKEND.format(backend=built_by.backend, change=change.strip())
    (root / FOLDER / f"{module}.py").write_text(text, encoding="utf-8")
    written(root, TABLE, "requires", list(built_by.requires))
    written(root, TABLE, "backend-path", [*built_by.backend_path, FOLDER])
    written(root, TABLE, "build-backend", module)


def written(root: Path, table: str, key: str, value: object) -> None:
    """Have pyproject.toml say `value` for a key of a table; one that says so keeps its form."""
    import tomlkit

    path = root / PYPROJECT
    document = tomlkit.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    if table not in document:
        document[table] = tomlkit.table()
    if document[table].get(key) != value:
        document[table][key] = value
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
