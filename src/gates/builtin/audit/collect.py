"""Collect: which dependencies there are, and what the service answers about each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.audit import controls
from gates.builtin.audit.asking import pip_audit, uv
from gates.builtin.audit.facts import (
    FILES,
    AuditEvidence,
    Control,
    Dependency,
    Mirror,
    Question,
    Said,
    ToolName,
)
from gates.builtin.audit.service import relay
from gates.builtin.audit.service.recording import Recording, Service, normal
from gates.builtin.supply import ruling
from gates.builtin.supply.installed import installed
from gates.errors import GatesError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.builtin.audit.asking.spoken import Spoken
    from gates.builtin.audit.settings import AuditSettings
    from gates.builtin.supply.distribution import Distribution
    from gates.builtin.supply.source import Supply
    from gates.model.gate import Context
    from gates.process.tools import Tool


class _Answering(msgspec.Struct, frozen=True):
    """Who answers, and what is known of the mirror if it is one."""

    service: Service
    mirror: Mirror | None


def collect(context: Context[AuditSettings]) -> AuditEvidence | Refusal:
    """What was asked, answered and said; a refusal where there is nothing to ask about, or nobody to ask."""
    ruled = ruling.ruling(context.project, context.settings.source, context.settings.requirements)
    if isinstance(ruled, Reason):
        return Refusal(ruled)
    name: ToolName = "uv" if ruled.kind == "uv" else "pip-audit"
    tool = context.tool(name, module=name.replace("-", "_"))
    if isinstance(tool, Refusal):
        return tool
    held = _supply(context, ruled)
    if isinstance(held, Reason):
        return Refusal(held)
    if not ruling.watched(context.project, held, (*FILES, *context.settings.requirements)):
        context.volatile("a file that names dependencies is no input of the gate")
    answering = _answering(context)
    if isinstance(answering, Reason):
        return Refusal(answering)
    where = ruled.path or "the judged environment"
    return _evidence(context, tool, name, where, held, answering)


def dependencies(context: Context[AuditSettings]) -> tuple[Dependency, ...] | Refusal:
    """What the project depends on, and itself; or why nobody knows."""
    ruled = ruling.ruling(context.project, context.settings.source, context.settings.requirements)
    held = ruled if isinstance(ruled, Reason) else _supply(context, ruled)
    return Refusal(held) if isinstance(held, Reason) else tuple(_dependencies(context, held))


def _supply(context: Context[AuditSettings], ruled: ruling.Ruling) -> Supply | Reason:
    needless = Reason(code="does_not_apply", message=f"{ruled.path} rules", fix="gates check audit")
    try:
        held = installed(context, "audit") if ruled.kind == "environment" else needless
        return ruling.supply(context, ruled, held, files=context.settings.requirements)
    except GatesError as error:
        fix = "mend it, or name another `source` in [tool.gates.audit]"
        return Reason(code="unreadable", message=str(error), fix=fix)


def _answering(context: Context[AuditSettings]) -> _Answering | Reason:
    from gates.builtin.audit.mirror.records import read
    from gates.builtin.audit.mirror.server import MirrorService
    from gates.builtin.audit.service.upstream import Upstream

    settings = context.settings
    if settings.mirror is not None:
        folder = context.project.root / Path(settings.mirror).expanduser()
        context.progress(f"reading {settings.mirror}")
        records = read(folder, settings.mirror)
        if isinstance(records, Reason):
            return records
        base = settings.mirror.rstrip("/")
        if not {f"{base}/{path}" for path in records.by_id.values()} <= set(context.project.tree.files):
            context.volatile("the mirror is outside of the project, or ignored by git")
        return _Answering(MirrorService(records), records.mirror)
    if context.offline:
        message = "gates is offline, and [tool.gates.audit] names no `mirror` of advisories"
        return Reason(code="network_unavailable", message=message, fix="gates check audit, without --offline")
    token = context.environ.get(settings.service_token, "") if settings.service_token else ""
    if settings.service_token and not token:
        message = f"{settings.service_token}, which `service-token` in [tool.gates.audit] names, is not set"
        return Reason(code="tool_config_invalid", message=message, fix=f"export {settings.service_token}=…")
    try:
        timeout = settings.service_timeout
        service = Upstream(settings.service_url, timeout=timeout, environ=context.environ, token=token)
    except ValueError:
        message = "`service-url` in [tool.gates.audit], or the proxy that is set, is no address"
        return Reason(code="tool_config_invalid", message=message, fix='service-url = "https://HOST"')
    return _Answering(service, None)


def _evidence(
    context: Context[AuditSettings], tool: Tool, name: ToolName, where: str, held: Supply, answering: _Answering
) -> AuditEvidence | Refusal:
    dependencies = tuple(_dependencies(context, held))
    control = controls.control({one.name for one in dependencies})
    recording = Recording(answering.service, name)
    context.progress(f"asking {answering.service.shown} about {len(dependencies)} dependencies")
    try:
        with relay.opened(recording) as address:
            spoken = tuple(_spoken(context, tool, name, address, dependencies, control))
    except OSError as error:
        message = f"nothing can listen on the loopback of this machine: {error.strerror or 'it has none'}"
        return refuse("limit_not_applied", message, "gates check audit, where a program may listen on 127.0.0.1")
    faults = _faults(recording.faults(), spoken)
    if faults:
        context.volatile("answers are missing")
    questions = recording.questions()
    said = {(one.name, one.version, one.id): one for each in spoken for one in each.said}
    return AuditEvidence.sealed(
        ruled=where,
        tool=name,
        service=answering.service.shown,
        mirror=answering.mirror,
        control=control,
        dependencies=counted(dependencies),
        questions=counted(questions),
        advisories=counted(_concerned(recording, questions)),
        said=counted(_redacted(context, one) for _, one in sorted(said.items())),
        skipped=counted(one for each in spoken for one in each.skipped),
        codes=counted(each.code for each in spoken),
        faults=counted(_clean(context, one) for one in faults),
        notes=held.notes,
    )


def _spoken(
    context: Context[AuditSettings],
    tool: Tool,
    name: ToolName,
    address: str,
    dependencies: tuple[Dependency, ...],
    control: Control,
) -> Iterator[Spoken]:
    seconds = context.settings.service_timeout
    if name == "uv":
        yield from uv.ask(context, tool, address, control, seconds)
        return
    pins = [(one.name, one.version) for one in dependencies if one.asked]
    yield from pip_audit.ask(context, tool, address, [*pins, (control.name, control.version)], seconds)


def _faults(heard: tuple[Reason, ...], spoken: tuple[Spoken, ...]) -> tuple[Reason, ...]:
    """What the service did comes first; that a tool crashed over it says nothing more."""
    told = tuple(one for each in spoken for one in each.faults)
    return (*heard, *(one for one in told if not (heard and one.code == "tool_crashed")))


def _dependencies(context: Context[AuditSettings], held: Supply) -> Iterator[Dependency]:
    own = canonical(context.project.name)
    if held.root is not None:
        yield _dependency(held.root, own=True)
    for one in held.distributions.items:
        yield _dependency(one, own=one.name == own)


def _dependency(one: Distribution, *, own: bool) -> Dependency:
    version = normal(one.version)
    askable = one.origin == "index" and not own and _is_version(version)
    return Dependency(
        name=one.name, version=version, origin=one.origin, own=own, asked=askable, path=one.path, line=one.line
    )


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _concerned(recording: Recording, questions: tuple[Question, ...]) -> list[object]:
    named = {one for each in questions for one in each.ids.items}
    return [one for one in recording.advisories() if one.id in named]


def _redacted(context: Context[AuditSettings], one: Said) -> Said:
    return msgspec.structs.replace(one, id=context.redact(one.id))


def _clean(context: Context[AuditSettings], one: Reason) -> Reason:
    return msgspec.structs.replace(one, message=context.redact(one.message), fix=context.redact(one.fix))
