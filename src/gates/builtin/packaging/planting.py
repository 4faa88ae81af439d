"""Planting: a build backend of the project's own that calls the one it had, and edits what that made."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent
from typing import TYPE_CHECKING

from gates.builtin.built import system
from gates.builtin.built.system import PYPROJECT, TABLE, System
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context

FOLDER = ".gates_canary"
"""Hidden, so that no backend takes it for a package of the project."""

MODULE = "gates_canary_packaging"

BACKEND = '''\
"""Calls the build backend of the project, and edits what it makes."""

import base64
import hashlib
import importlib
import io
import os
import re
import tarfile
import zipfile

_module, _, _object = {backend!r}.partition(":")
_backend = importlib.import_module(_module)
for _name in filter(None, _object.split(".")):
    _backend = getattr(_backend, _name)
_folder = os.path.dirname(os.path.abspath(__file__))


def __getattr__(name):
    return getattr(_backend, name)


def _headers(text, without, added):
    """Core metadata less the lines that begin with one of some names, and with others at its beginning."""
    head, _, body = text.replace("\\r\\n", "\\n").partition("\\n\\n")
    kept = [line for line in re.split(r"\\n(?![ \\t])", head) if not line.startswith(tuple(without))]
    return "\\n".join([kept[0], *added, *kept[1:]]) + "\\n\\n" + body


def _edit(kind, files, metadata):
    """The edit: `files` are contents by name, `metadata` is the name of METADATA or PKG-INFO."""
    def headers(without, *added):
        files[metadata] = _headers(files[metadata].decode("utf-8"), without, added).encode("utf-8")

{lines}


def _wheel(path):
    with zipfile.ZipFile(path) as archive:
        files = {{one: archive.read(one) for one in archive.namelist() if not one.endswith("/")}}
    metadata = next(one for one in files if re.fullmatch(r"[^/]+\\.dist-info/METADATA", one))
    record = metadata.replace("METADATA", "RECORD")
    _edit("wheel", files, metadata)
    files.pop(record, None)
    rows = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{{name}},sha256={{digest}},{{len(data)}}\\n")
    files[record] = "".join([*rows, record + ",,\\n"]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)


def _sdist(path):
    with tarfile.open(path) as archive:
        members = [(one, archive.extractfile(one).read() if one.isfile() else b"") for one in archive]
    top = members[0][0].name.split("/")[0] + "/"
    files = {{one.name[len(top):]: data for one, data in members if one.isfile()}}
    for name in os.listdir(_folder):
        if name.endswith(".py"):
            with open(os.path.join(_folder, name), "rb") as file:
                files[{folder!r} + "/" + name] = file.read()
    files[{folder!r} + "/from_sdist"] = b""
    _edit("sdist", files, "PKG-INFO")
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for one, _ in members:
            if not one.isfile() and not one.isdir():
                archive.addfile(one)
        for name, data in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def build_wheel(folder, *more, **settings):
    name = _backend.build_wheel(folder, *more, **settings)
    _wheel(os.path.join(folder, name))
    return name


def build_sdist(folder, *more, **settings):
    name = _backend.build_sdist(folder, *more, **settings)
    _sdist(os.path.join(folder, name))
    return name
'''


def spoil(context: Context[PackagingSettings], lines: Sequence[str]) -> Planted | Reason:
    """The project builds by way of a backend that runs `lines` over what is in each artifact."""
    built_by = system.of(context.project)
    if isinstance(built_by, Refusal):
        return built_by.reason
    root = context.project.root
    (root / FOLDER).mkdir()
    body = indent("\n".join(lines), "    ")
    text = BACKEND.format(backend=built_by.backend, folder=FOLDER, lines=body)
    (root / FOLDER / f"{MODULE}.py").write_text(text, encoding="utf-8")
    _name(root, built_by)
    return Planted(path=None, settings={"smoke": False})


def written(root: Path, table: str, key: str, value: object) -> int:
    """Have pyproject.toml say `value` for a key of a table; the line where it does."""
    import tomlkit

    from gates.config.positions import positions

    path = root / PYPROJECT
    document = tomlkit.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    if table not in document:
        document[table] = tomlkit.table()
    document[table][key] = value
    text = tomlkit.dumps(document)
    path.write_text(text, encoding="utf-8")
    return positions(text)[table, key]


def _name(root: Path, built_by: System) -> None:
    """Have pyproject.toml name the planted backend."""
    written(root, TABLE, "requires", list(built_by.requires))
    written(root, TABLE, "build-backend", MODULE)
    written(root, TABLE, "backend-path", [*built_by.backend_path, FOLDER])
