"""Planting: a build backend of the project's own that calls the one it had, and edits what that made."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent
from typing import TYPE_CHECKING

from gates.builtin.built import system, wrapper
from gates.builtin.built.wrapper import FOLDER
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context

MODULE = "gates_canary_packaging"

CHANGE = '''
import base64
import hashlib
import io
import re
import tarfile
import zipfile

_folder = os.path.dirname(os.path.abspath(__file__))


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


def _change(kind, path):
    if kind == "wheel":
        _wheel(path)
    else:
        _sdist(path)
'''


def spoil(context: Context[PackagingSettings], lines: Sequence[str]) -> Planted | Reason:
    """The project builds by way of a backend that runs `lines` over what is in each artifact."""
    built_by = system.of(context.project)
    if isinstance(built_by, Refusal):
        return built_by.reason
    change = CHANGE.format(folder=FOLDER, lines=indent("\n".join(lines), "    "))
    wrapper.wrap(context.project.root, built_by, MODULE, change)
    return Planted(path=None, settings={"smoke": False})
