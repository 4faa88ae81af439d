"""pip-audit: what it is given, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.audit.asking.spoken import Spoken, crashed, odd
from gates.builtin.audit.facts import Said, Skipped
from gates.builtin.audit.service.addresses import DIRECT
from gates.builtin.audit.service.recording import QUERY, normal
from gates.model.evidence import counted
from gates.model.reason import Reason
from gates.process import failure
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME = "pip-audit"
Pin = tuple[str, str]
"""A name and a version."""


class _Vulnerability(msgspec.Struct, frozen=True):
    id: str
    fix_versions: tuple[str, ...]
    aliases: tuple[str, ...] = ()


class _Dependency(msgspec.Struct, frozen=True):
    name: str
    version: str = ""
    vulns: tuple[_Vulnerability, ...] = ()
    skip_reason: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    dependencies: tuple[_Dependency, ...]


def ask(context: Context[Any], tool: Tool, address: str, pins: Sequence[Pin], seconds: float) -> Iterator[Spoken]:
    """What it says of each version, asked through the relay at `address`; in one run where no name is there twice."""
    for number, part in enumerate(rounds(pins)):
        file = context.scratch / f"audited-{number}.txt"
        file.write_text("".join(f"{name}=={version}\n" for name, version in part), encoding="utf-8")
        yield _run(context, tool, address, file, seconds)


def rounds(pins: Iterable[Pin]) -> list[list[Pin]]:
    """Lists in which no name is there twice, since a requirements file cannot ask for two versions of one name."""
    found: list[dict[str, str]] = []
    for name, version in dict.fromkeys(pins):
        part = next((one for one in found if name not in one), None)
        if part is None:
            part = {}
            found.append(part)
        part[name] = version
    return [list(one.items()) for one in found]


def _run(context: Context[Any], tool: Tool, address: str, file: Path, seconds: float) -> Spoken:
    argv = [
        *tool.argv, "--requirement", str(file), "--no-deps", "--disable-pip", "--vulnerability-service", "osv",
        "--format", "json", "--aliases", "on", "--desc", "off", "--progress-spinner", "off", "--output", "stdout",
        "--timeout", str(3 * int(seconds) + 5), "--cache-dir", str(context.scratch / "cache"),
    ]  # fmt: skip
    # By the environment, so that the report's command line is the same in each run.
    environ = {
        **DIRECT,
        "PIP_AUDIT_OSV_URL": f"{address}{QUERY}",
        "PIP_AUDIT_LOGLEVEL": "INFO",
        "HOME": str(file.parent),
    }
    run = context.run(argv, env=environ, cwd=file.parent, loopback=True)
    stopped = failure.stopped(run, NAME, "audit")
    if stopped is not None:
        return Spoken(code=-1, faults=(stopped,))
    code = -1 if run.code is None else run.code
    try:
        held = msgspec.json.decode(run.stdout, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Spoken(code=code, faults=(crashed(NAME, run),))
    return spoken(held, code)


def spoken(held: _Answer, code: int) -> Spoken:
    """What an answer says; a fault where it does not go with the exit code."""
    said = tuple(
        Said(
            name=canonical(one.name),
            version=normal(one.version),
            id=each.id,
            aliases=counted(sorted(each.aliases)),
            fixed=counted(each.fix_versions),
        )
        for one in held.dependencies
        for each in one.vulns
    )
    skipped = tuple(
        Skipped(name=canonical(one.name), reason=one.skip_reason)
        for one in held.dependencies
        if one.skip_reason is not None
    )
    faults: tuple[Reason, ...] = () if code == (1 if said else 0) else (odd(NAME, code, len(said)),)
    return Spoken(code=code, said=said, skipped=skipped, faults=faults)
