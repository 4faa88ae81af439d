"""Probe: what an interpreter is, read from its virtual environment where that says it, else asked once and kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

SCHEMA_VERSION = 1
PATIENCE = 30.0
"""Seconds that an interpreter gets to say what it is."""

QUESTION = """
import json, os, platform, site, sys, sysconfig
paths = sysconfig.get_paths()
further = site.getsitepackages()
if sys.argv[1] == "user":
    further.append(site.getusersitepackages())
print(json.dumps({
    "executable": sys.executable, "version": platform.python_version(), "prefix": sys.prefix,
    "site": [paths["purelib"], paths["platlib"]], "further": further,
}))
"""
SITE = ("lib/python{0}/site-packages", "lib/python{0}t/site-packages", "lib64/python{0}/site-packages",
        "lib/pypy{0}/site-packages", "Lib/site-packages")  # fmt: skip
"""Where a virtual environment keeps its packages, as the `venv` and `nt_venv` schemes of sysconfig name it."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found out: `site` is purelib and platlib, `further` what else of `sys.path` holds distributions."""

    executable: str
    version: str
    prefix: str
    site: list[str]
    further: list[str]


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer with the interpreter that gave it, as the file system knows it."""

    schema_version: int
    identity: list[str]
    facts: Facts


def own() -> Facts:
    """What the interpreter that runs gates is; reads nothing but this process."""
    import site
    import sysconfig

    paths = sysconfig.get_paths()
    further = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    return Facts(
        executable=sys.executable,
        version=sys.version.split(maxsplit=1)[0],
        prefix=sys.prefix,
        site=[paths["purelib"], paths["platlib"]],
        further=further,
    )


def is_own(path: Path) -> bool:
    """Whether `path` starts the very Python and environment that run gates."""
    if not sys.executable or os.path.realpath(path) != os.path.realpath(sys.executable):
        return False
    return os.path.realpath(venv_of(path) or sys.base_prefix) == os.path.realpath(sys.prefix)


def venv_of(path: Path) -> Path | None:
    """The virtual environment that an interpreter belongs to (PEP 405: pyvenv.cfg beside it or one folder up)."""
    return next((folder for folder in (path.parent, path.parent.parent) if (folder / "pyvenv.cfg").is_file()), None)


def look(path: Path) -> Facts | None:
    """What a virtual environment's own files say of its interpreter; None where they do not say all, or may be old."""
    prefix = venv_of(path)
    if prefix is None:
        return None
    try:
        settings = _settings(prefix / "pyvenv.cfg")
        written = (prefix / "pyvenv.cfg").stat().st_mtime
        real = Path(os.path.realpath(path))
        started = real.stat()
    except OSError:
        return None
    version = re.match(r"(\d+\.\d+)\.\d+(?=$|\.final)", settings.get("version_info", settings.get("version", "")))
    if version is None or settings.get("include-system-site-packages", "false").lower() != "false":
        return None
    if not real.is_relative_to(os.path.realpath(prefix)) and max(started.st_mtime, started.st_ctime) > written:
        # The Python behind the environment was replaced later: its version may have moved on.
        return None
    site = [str(prefix / place.format(version[1])) for place in SITE]
    site = [place for place in site if Path(place).is_dir()]
    if not site:
        return None
    return Facts(executable=str(path), version=version[0], prefix=str(prefix), site=site, further=[])


def _settings(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in path.read_text("utf-8", "replace").splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def ask(path: Path, root: Path, environ: Mapping[str, str], state: Path) -> Facts | str:
    """What the interpreter says of itself, from `state` while it is the same file; or why it says nothing."""
    try:
        identity = _identity(path, environ)
    except OSError as error:
        return f"cannot be read ({os.strerror(error.errno or 0)})"
    place = state / "interpreters" / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.json"
    kept = _read(place, identity)
    if kept is not None:
        return kept
    facts = _started(path, root, environ)
    # A launcher such as pyenv's shim answers for another file, which may change while the launcher stays the same.
    if isinstance(facts, Facts) and os.path.realpath(facts.executable) == os.path.realpath(path):
        _write(place, Kept(schema_version=SCHEMA_VERSION, identity=identity, facts=facts))
    return facts


def _started(path: Path, root: Path, environ: Mapping[str, str]) -> Facts | str:
    from gates.process.child import Limits, environment, run

    user = "user" if _sees_user_site(path, environ) else "no-user"
    done = run(
        (str(path), "-I", "-c", QUESTION, user), cwd=root, env=environment(environ), limits=Limits(wall=PATIENCE)
    )
    if done.status != "OK":
        return f"does not run as a Python 3 ({done.reason})"
    try:
        return msgspec.json.decode((done.stdout.splitlines() or [b""])[-1], type=Facts)
    except msgspec.MsgspecError:
        return "does not answer as a Python 3"


def _sees_user_site(path: Path, environ: Mapping[str, str]) -> bool:
    if environ.get("PYTHONNOUSERSITE"):
        return False
    prefix = venv_of(path)
    with contextlib.suppress(OSError):
        return prefix is None or _settings(prefix / "pyvenv.cfg").get("include-system-site-packages") == "true"
    return False


def _identity(path: Path, environ: Mapping[str, str]) -> list[str]:
    """The file by size and time of change, its environment's settings by time of change, and what moves user site."""
    facts = path.stat()
    prefix = venv_of(path)
    settings = "" if prefix is None else str((prefix / "pyvenv.cfg").stat().st_mtime_ns)
    moved = [environ.get(name, "") for name in ("PYTHONNOUSERSITE", "PYTHONUSERBASE", "HOME")]
    return [str(path), os.path.realpath(path), str(facts.st_size), str(facts.st_mtime_ns), settings, *moved]


def _read(place: Path, identity: list[str]) -> Facts | None:
    try:
        kept = msgspec.json.decode(place.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    same = kept.schema_version == SCHEMA_VERSION and kept.identity == identity
    return kept.facts if same and Path(kept.facts.prefix).is_dir() else None


def _write(place: Path, kept: Kept) -> None:
    unfinished = place.with_name(f".{place.name}.{os.urandom(6).hex()}.tmp")
    try:
        _make(place.parent)
        unfinished.write_bytes(msgspec.json.encode(kept))
        unfinished.replace(place)
    except (OSError, UnicodeError):
        # A project that cannot be written to is asked again each time.
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    state = folder.parent
    if not state.is_dir():
        state.mkdir(parents=True)
        (state / ".gitignore").write_bytes(b"*\n")
    folder.mkdir(exist_ok=True)
