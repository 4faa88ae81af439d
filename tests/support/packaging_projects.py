"""Projects that the gate `packaging` is tried on."""

from __future__ import annotations

from gates.testing.project import Files

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "greeting"
version = "1.2"
description = "It greets."
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
classifiers = ["Programming Language :: Python :: 3.11", "Programming Language :: Python :: 3.12"]

[project.scripts]
greet = "greeting:main"

[tool.gates.packaging]
smoke = false
"""

MIT = """\
MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""

GREETING: Files = {
    "pyproject.toml": PYPROJECT,
    "README.md": "# Greeting\n\nIt greets.\n",
    "LICENSE": MIT,
    "CHANGELOG.md": "# Changelog\n\n## 1.2 - 2025-12-30\n\n- It greets.\n",
    ".gitignore": ".gates/\n",
    "src/greeting/__init__.py": (
        '"""It greets."""\n\n__version__ = "1.2"\n\n\ndef main() -> None:\n    """Say hello."""\n    print("hello")\n'
    ),
}
"""A project in which every rule is kept; its script is not tried, as `smoke` is off."""

BACKEND = '''\
"""A build backend without requirements: every file of the tree, and what is below src."""

import io
import pathlib
import tarfile
import zipfile

NAME, VERSION = "greeting", "1.2"
METADATA = f"""Metadata-Version: 2.4
Name: {NAME}
Version: {VERSION}
License-Expression: MIT
License-File: LICENSE
Requires-Python: >=3.11
Description-Content-Type: text/markdown

# Greeting
"""
INFO = f"{NAME}-{VERSION}.dist-info"


def files(root):
    found = (one for one in pathlib.Path(root).rglob("*") if one.is_file())
    return sorted(one for one in found if one.parts[0] != ".git" and one.parts[:2] != ("backend", "__pycache__"))


def build_sdist(folder, config_settings=None):
    name = f"{NAME}-{VERSION}.tar.gz"
    with tarfile.open(pathlib.Path(folder, name), "w:gz") as archive:
        for one in files("."):
            if one.name != "PKG-INFO" and one.name not in LEFT_OUT:
                archive.add(one, f"{NAME}-{VERSION}/{one.as_posix()}")
        info = tarfile.TarInfo(f"{NAME}-{VERSION}/PKG-INFO")
        info.size = len(METADATA)
        archive.addfile(info, io.BytesIO(METADATA.encode()))
    return name


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = f"{NAME}-{VERSION}-py3-none-any.whl"
    held = {one.relative_to("src").as_posix(): one.read_bytes() for one in files("src")}
    held[f"{INFO}/METADATA"] = METADATA.encode()
    held[f"{INFO}/WHEEL"] = b"Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    held[f"{INFO}/licenses/LICENSE"] = pathlib.Path("LICENSE").read_bytes()
    rows = []
    for key, data in held.items():
        import base64, hashlib
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{key},sha256={digest},{len(data)}\\n")
    held[f"{INFO}/RECORD"] = "".join([*rows, f"{INFO}/RECORD,,\\n"]).encode()
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        for key, data in held.items():
            archive.writestr(zipfile.ZipInfo(key, (1980, 1, 1, 0, 0, 0)), data)
    return name


LEFT_OUT = ()
'''

ALONE: Files = {
    **GREETING,
    "pyproject.toml": PYPROJECT.replace(
        'requires = ["hatchling"]\nbuild-backend = "hatchling.build"',
        'requires = []\nbuild-backend = "own_backend"\nbackend-path = ["backend"]',
    ),
    "backend/own_backend.py": BACKEND,
}
"""The same built by a backend of its own, for which nothing is installed."""
