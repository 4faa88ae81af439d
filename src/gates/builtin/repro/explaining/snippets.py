"""Snippets: what can be pasted into a project to make its artifacts the same bytes anywhere."""

from __future__ import annotations

WRAPPER = """\
# _build/reproducible.py (commit it, and MANIFEST.in or the like must take it into the sdist)
import gzip, io, os, tarfile, time, zipfile
from pathlib import Path

{backend}

globals().update({{n: getattr(backend, n) for n in dir(backend) if n.startswith(("build_", "get_", "prepare_"))}})
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", 1577836800))


def build_sdist(sdist_directory, config_settings=None):
    name = backend.build_sdist(sdist_directory, config_settings)
    with tarfile.open(Path(sdist_directory, name)) as old:
        members = [(info, old.extractfile(info).read() if info.isfile() else b"") for info in old]
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as new:
        for info, content in sorted(members, key=lambda member: member[0].name):
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime, info.pax_headers = EPOCH, {{}}
            info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
            new.addfile(info, io.BytesIO(content))
    Path(sdist_directory, name).write_bytes(gzip.compress(tar.getvalue(), mtime=EPOCH))
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = backend.build_wheel(wheel_directory, config_settings, metadata_directory)
    with zipfile.ZipFile(Path(wheel_directory, name)) as old:
        members = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(Path(wheel_directory, name), "w") as new:
        for info, content in sorted(members, key=lambda m: (".dist-info/" in m[0].filename, m[0].filename)):
            info.date_time = time.gmtime(EPOCH)[:6]
            info.external_attr = (0o100755 if info.external_attr >> 16 & 0o100 else 0o100644) << 16
            new.writestr(info, content)
    return name
"""
"""A backend in the tree that has another one build, and repacks what it left."""

WRAPPED = """\
# pyproject.toml
[build-system]
build-backend = "reproducible"
backend-path = ["_build"]
"""

PDM_HOOK = '''\
# pdm_build.py
def pdm_build_finalize(context, artifact):
    """Clear the time in the gzip header (bytes 4 to 7)."""
    if artifact.suffix == ".gz":
        content = bytearray(artifact.read_bytes())
        content[4:8] = bytes(4)
        artifact.write_bytes(content)
'''


def wrapper(backend: str) -> str:
    """The module and the table that put a repacking backend around `backend`, an entry of `build-backend`."""
    if backend.startswith("setuptools.build_meta"):
        backend = "setuptools.build_meta"
    module, _, attribute = backend.partition(":")
    importing = f"from {module} import {attribute} as backend" if attribute else f"import {module} as backend"
    return WRAPPER.format(backend=importing) + "\n" + WRAPPED
