"""uv: `uv audit` over the project's uv.lock, and over a lock of our own with the control."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.audit.asking.spoken import Spoken, crashed, odd
from gates.builtin.audit.facts import Control, Said
from gates.builtin.audit.service.addresses import DIRECT
from gates.builtin.audit.service.recording import normal
from gates.model.evidence import counted
from gates.process import failure
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME = "uv"
FILES = ("uv.lock", "pyproject.toml")
CONTROL_PROJECT = """\
[project]
name = "gates-control"
version = "0"
requires-python = ">=3.11"
dependencies = ["{name}=={version}"]
"""
CONTROL_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "gates-control"
version = "0"
source = {{ virtual = "." }}
dependencies = [{{ name = "{name}" }}]

[package.metadata]
requires-dist = [{{ name = "{name}", specifier = "=={version}" }}]

[[package]]
name = "{name}"
version = "{version}"
source = {{ registry = "http://127.0.0.1:9/simple" }}
"""
"""A registry where nobody answers: nothing of it is needed."""


class _Dependency(msgspec.Struct, frozen=True):
    name: str
    version: str


class _Vulnerability(msgspec.Struct, frozen=True):
    dependency: _Dependency
    id: str
    aliases: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()


class _Answer(msgspec.Struct, frozen=True):
    vulnerabilities: tuple[_Vulnerability, ...]


def ask(context: Context[Any], tool: Tool, address: str, control: Control, seconds: float) -> Iterator[Spoken]:
    """What it says of the project's lock, and of the control, asked through the relay at `address`."""
    yield _run(context, tool, address, context.project.root, seconds)
    folder = context.scratch / "control"
    folder.mkdir(parents=True, exist_ok=True)
    about = {"name": control.name, "version": control.version}
    (folder / "pyproject.toml").write_text(CONTROL_PROJECT.format(**about), encoding="utf-8")
    (folder / "uv.lock").write_text(CONTROL_LOCK.format(**about), encoding="utf-8")
    yield _run(context, tool, address, folder, seconds)


def _run(context: Context[Any], tool: Tool, address: str, folder: Path, seconds: float) -> Spoken:
    # Without configuration: [tool.uv.audit] can leave out advisories without an end and without a trace.
    argv = [
        *tool.argv, "audit", "--frozen", "--no-config", "--no-cache", "--no-python-downloads", "--no-progress",
        "--directory", str(folder), "--project", str(folder), "--service-format", "osv", "--service-url", address,
        "--output-format", "json",
    ]  # fmt: skip
    environ = {**DIRECT, "UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": str(3 * int(seconds) + 5), "UV_OFFLINE": "0"}
    environ |= dict.fromkeys(("UV_NO_DEV", "UV_NO_DEFAULT_GROUPS", "UV_LOCKED"), "0") | {"UV_NO_GROUP": ""}
    run = context.run(argv, env=environ, cwd=folder, loopback=True)
    stopped = failure.stopped(run, NAME, "audit")
    if stopped is not None:
        return Spoken(code=-1, faults=(stopped,))
    code = -1 if run.code is None else run.code
    try:
        held = msgspec.json.decode(run.stdout, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Spoken(code=code, faults=(crashed(NAME, run),))
    said = tuple(
        Said(
            name=canonical(one.dependency.name),
            version=normal(one.dependency.version),
            id=one.id,
            aliases=counted(sorted(one.aliases)),
            fixed=counted(one.fix_versions),
        )
        for one in held.vulnerabilities
    )
    return Spoken(code=code, said=said, faults=() if code == (1 if said else 0) else (odd(NAME, code, len(said)),))
