"""A project with a backend of its own in the tree, so that it is built without installing anything."""

from __future__ import annotations

from pathlib import Path

PYPROJECT = """\
[build-system]
requires = []
build-backend = "made"
backend-path = ["_build"]

[project]
name = "demo"
version = "1.0"
"""

BACKEND = '''\
"""Builds the module demo into a wheel and a source distribution that are the same everywhere."""

import gzip, io, os, tarfile, time, zipfile
from pathlib import Path

INFO = "demo-1.0.dist-info"
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1577836800"))


def build_wheel(folder, config_settings=None, metadata_directory=None):
    members = {
        "demo.py": Path("demo.py").read_bytes(),
        f"{INFO}/METADATA": b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n",
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\\nGenerator: made 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{INFO}/RECORD": f"demo.py,,\\n{INFO}/METADATA,,\\n{INFO}/WHEEL,,\\n{INFO}/RECORD,,\\n".encode(),
    }
    name = "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(folder, name), "w") as archive:
        for member, content in members.items():
            info = zipfile.ZipInfo(member, time.gmtime(EPOCH)[:6])
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return name


def build_sdist(folder, config_settings=None):
    name = "demo-1.0.tar.gz"
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for member in ("_build/made.py", "demo.py", "pyproject.toml"):
            content = Path(member).read_bytes()
            info = tarfile.TarInfo(f"demo-1.0/{member}")
            info.size, info.mtime, info.mode = len(content), EPOCH, 0o644
            archive.addfile(info, io.BytesIO(content))
        content = b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n"
        info = tarfile.TarInfo("demo-1.0/PKG-INFO")
        info.size, info.mtime, info.mode = len(content), EPOCH, 0o644
        archive.addfile(info, io.BytesIO(content))
    Path(folder, name).write_bytes(gzip.compress(tar.getvalue(), mtime=EPOCH))
    return name
'''


def project(root: Path, *, backend: str = BACKEND, more: str = "") -> Path:
    """The project in the new folder `root`; `more` is put at the end of its pyproject.toml."""
    (root / "_build").mkdir(parents=True)
    (root / "_build" / "made.py").write_text(backend)
    (root / "pyproject.toml").write_text(PYPROJECT + more)
    (root / "demo.py").write_text("X = 1\n")
    return root


def published(root: Path, folder: Path, *, epoch: int = 1_600_000_000) -> Path:
    """The folder with what the project at `root` builds at a time."""
    import os
    import subprocess
    import sys

    folder.mkdir()
    code = "import sys, made; made.build_wheel(sys.argv[1]); made.build_sdist(sys.argv[1])"
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONPATH": str(root / "_build")}
    subprocess.run([sys.executable, "-B", "-c", code, str(folder)], cwd=root, env=env, check=True)
    return folder
