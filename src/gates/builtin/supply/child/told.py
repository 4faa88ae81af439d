"""Told: what the interpreter that runs this file has installed, as JSON in the file that is its first argument.

It is started by the judged interpreter, isolated, and imports nothing but the standard library.
"""

import hashlib
import json
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

HEADERS = (
    "Author", "Author-email", "Classifier", "License", "License-Expression", "Maintainer", "Maintainer-email",
    "Provides-Extra", "Summary",
)  # fmt: skip
SKIPPED = (".pyc", ".pyo")
INSTALLERS = frozenset({"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"})


def markers() -> dict[str, str]:
    """The values of the environment markers (PEP 508)."""
    info = sys.implementation.version
    kind = "" if info.releaselevel == "final" else info.releaselevel[0] + str(info.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{info.major}.{info.minor}.{info.micro}{kind}",
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def text(one: metadata.Distribution, name: str) -> str:
    """A file of the metadata, "" where it is not there or cannot be read."""
    try:
        return one.read_text(name) or ""
    except (OSError, UnicodeError):
        return ""


def place(one: metadata.Distribution) -> Path | None:
    """The folder (or file) of the metadata, where importlib.metadata knows one."""
    held = getattr(one, "_path", None)
    return None if held is None else Path(str(held))


def hashed(one: metadata.Distribution) -> tuple[str, str]:
    """The SHA-256 over what is installed, and over what: the file RECORD as it lies there, or all files by name."""
    folder = place(one)
    if folder is not None and (folder / "RECORD").is_file():
        return hashlib.sha256((folder / "RECORD").read_bytes()).hexdigest(), "RECORD"
    return over_files(one)


def over_files(one: metadata.Distribution) -> tuple[str, str]:
    """The SHA-256 over lines `<sha256>  <path>` of all files, sorted by path, without byte code and installers' own."""
    lines = []
    for path in one.files or ():
        name = path.as_posix()
        if name.endswith(SKIPPED) or name.rpartition("/")[2] in INSTALLERS:
            continue
        file = Path(str(path.locate()))
        if file.is_file():
            lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n")
    if not lines:
        return "", ""
    return hashlib.sha256("".join(sorted(lines, key=lambda line: line[66:])).encode()).hexdigest(), "files"


def told(one: metadata.Distribution) -> dict[str, Any]:
    """What one distribution says of itself."""
    held = one.metadata
    digest, of = hashed(one)
    return {
        "name": held["Name"],
        "version": one.version,
        "headers": {name: [str(value) for value in held.get_all(name) or ()] for name in HEADERS},
        "requires": list(one.requires or ()),
        "direct": text(one, "direct_url.json"),
        "wheel": text(one, "WHEEL"),
        "record": digest,
        "hashed": of,
    }


def main() -> None:
    """Write the answer; what cannot be read is named in it."""
    found, broken = [], []
    versions: dict[tuple[str, str], str] = {}
    for one in metadata.distributions():
        folder = place(one)
        shown = folder.name if folder else "a distribution"
        try:
            if not (one.metadata["Name"] and one.version):
                broken.append(f"{shown} (it has no name or no version)")
                continue
            # Two in one folder: which of them is imported is told by neither.
            key = str(folder and folder.parent), re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
            if versions.setdefault(key, one.version) != one.version:
                broken.append(f"{key[1]} (its versions {' and '.join(sorted((versions[key], one.version)))} lie there)")
            found.append(told(one))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it is told
            broken.append(f"{shown} ({type(error).__name__})")
    answer = {"markers": markers(), "distributions": found, "broken": sorted(broken)}
    Path(sys.argv[1]).write_text(json.dumps(answer), encoding="utf-8")


main()
