"""Collect: what is in force in the work tree and in the base commit, from their configuration files alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from gates.builtin.policy import baselines, wires
from gates.builtin.policy.facts import (
    Changed,
    Compared,
    Element,
    Excuse,
    NotCompared,
    PolicyEvidence,
    Wires,
    Written,
)
from gates.config import baseline as committed
from gates.config import settings, source
from gates.config.command import CommandTable
from gates.config.effective import own
from gates.config.effective.side import Side, compared
from gates.config.effective.value import Known
from gates.config.fault import Fault, convert
from gates.errors import ConfigError, GitError, ProjectError, SchemaVersionError
from gates.model.approval import FILE, Approval, File, Granted
from gates.model.evidence import Counted, Refusal, counted, refuse
from gates.model.gate import Context
from gates.project import base as base_commit
from gates.project import documents, snapshot, wiring
from gates.project.git import Git

if TYPE_CHECKING:
    from gates.builtin.policy.gate import PolicySettings
    from gates.model.reason import ReasonCode
    from gates.model.rule import Former

ADOPTING = "it does not use gates yet"
_SUFFIXES = frozenset({".cfg", ".ini", ".toml"})
_TOOL = re.compile(r"(?:ruff|mypy|coverage)(?=[.\[])")
_GATE_OF = {"ruff": "lint", "mypy": "types"}
_NAMES = frozenset({".coveragerc", "Pipfile", "setup.py"})


def collect(context: Context[PolicySettings]) -> PolicyEvidence | Refusal:
    """Evidence of the settings in force, those of the base beside them where there is one."""
    project = context.project
    try:
        _approvals(project.root)
    except (ConfigError, ProjectError) as error:
        return refuse("unreadable", f"{error}; mend it and judge again", "gates check policy")
    try:
        head = Side(project=project, config=config_of(project.root, context))
        if context.base is None or project.git is None:
            return _without_base(context, head)
        return _with_base(context, head, project.git, context.base)
    except SchemaVersionError as error:
        return _without_comparison(context, "schema_version_mismatch", error)
    except (ConfigError, ProjectError, GitError) as error:
        return _without_comparison(context, "unreadable", error)


def wanted(path: str) -> bool:
    """Whether the text of a file of the base is needed: configuration, wiring, what is waived and approved."""
    if path.startswith("../"):
        top = path.replace("../", "")
        return ("/" not in top or top.startswith(".")) and wiring.handles(top)
    name = PurePosixPath(path)
    configures = name.suffix in _SUFFIXES or name.name in _NAMES or ("requirements" in path and name.suffix != ".py")
    return configures or path.startswith(f"{committed.FOLDER}/") or wiring.handles(path)


def _without_comparison(context: Context[PolicySettings], code: ReasonCode, error: Exception) -> Refusal:
    base = (context.base or "")[:12]
    message = (
        f"the base {base} cannot be compared with: {error}; choose by --base a commit whose configuration can be read"
    )
    return refuse(code, message, f"git log --oneline {base}..HEAD")


def config_of(root: Path, context: Context[PolicySettings]) -> settings.Config:
    """What the file in a folder says, with the settings of every gate.

    Raises:
        ConfigError: it cannot be read.
    """
    former: Mapping[str, tuple[str, Former]] = {
        name.name: (rule.code, name) for gate in context.gates.values() for rule in gate.rules for name in rule.formerly
    }
    kinds = {name: gate.Settings for name, gate in context.gates.items() if gate.Settings is not CommandTable}
    return settings.as_written(source.read(root), kinds, former)


def _without_base(context: Context[PolicySettings], head: Side) -> PolicyEvidence | Refusal:
    why = context.no_base
    if base_commit.on_pull_request(context.environ):
        message = "there is no commit to compare with" if why is None else why.message
        return refuse("no_base", message, "git fetch --unshallow" if why is None else why.fix)
    return _alone(context, head, "there is no base" if why is None else why.message)


def _with_base(context: Context[PolicySettings], head: Side, git: Git, commit: str) -> PolicyEvidence | Refusal:
    before = snapshot.take(git, commit, context.scratch, wanted)
    base = Side(project=before, config=config_of(before.root, context))
    there = wires.read(before)
    calls_gates = any(call.tool == "gates" for call in there.calls.items)
    if base.config.source.path is None and not calls_gates and head.config.source.path is not None:
        return _alone(context, head, f"on the base {commit[:12]} {ADOPTING}")
    approvals = _approvals(before.root)
    here = wires.read(context.project)
    found = compared(head, base, context.gates)
    root = context.project.root
    state = Compared(
        commit=commit,
        wires=wires.masked(there, context.redact),
        waivers=counted(_waivers(base)),
        worse=counted(baselines.worse(root, before.root, _judged(found[1]), _judged(found[0]))),
        granted=Granted(
            approvals=counted(approvals), rewired=counted(wires.rewired(context.project, before, here, there))
        ),
    )
    return _evidence(head, found, wires.masked(here, context.redact), state, _new_approvals(root, approvals))


def _alone(context: Context[PolicySettings], head: Side, because: str) -> PolicyEvidence:
    found = compared(head, None, context.gates)
    here = wires.masked(wires.read(context.project), context.redact)
    return _evidence(head, found, here, NotCompared(because=because))


def _evidence(
    head: Side,
    found: tuple[dict[str, Known], dict[str, Known]],
    here: Wires,
    state: Compared | NotCompared,
    notes: Iterable[str] = (),
) -> PolicyEvidence:
    now, before = found
    return PolicyEvidence.sealed(
        settings=counted(sorted({*now, *before})),
        changed=counted(changed(now, before) if isinstance(state, Compared) else ()),
        wires=here,
        waivers=counted(_waivers(head)),
        notes=counted(notes),
        base=state,
    )


def changed(head: Mapping[str, Known], base: Mapping[str, Known]) -> Iterator[Changed]:
    """The settings whose value is not the same on both sides, by key.

    Those of a tool that the base neither configures nor judges are left out: whoever adopts it loosens nothing.
    """
    for key in sorted({*head, *base}):
        if (found := _TOOL.match(key)) and _is_adopted(found[0], base):
            continue
        known = head.get(key) or base[key]
        now, before = _written(head.get(key), base.get(key)), _written(base.get(key), head.get(key))
        if _value(now) != _value(before):
            way, about = known.strictness.way, known.strictness.about
            yield Changed(key=key, way=way, about=about, head=now, base=before)


def _is_adopted(tool: str, base: Mapping[str, Known]) -> bool:
    """Whether a tool is new: it is not in use on the base, and no gate that runs it is judged there."""
    used = (f"{tool}.configured", f"{own.SELECTED}{_GATE_OF.get(tool, tool)}")
    return not any(base[key].value for key in used if key in base)


def _value(written: Written) -> Any:
    """A value to compare: of a set its elements, wherever they are written."""
    held = written.value
    return {each.text for each in held.items} if isinstance(held, Counted) else held


def _written(one: Known | None, other: Known | None) -> Written:
    """A setting, or that it is not there, in the place where the other side has it as far as that is a file."""
    if one is None:
        return Written(value=None, place="" if other is None else other.place.partition(":")[0])
    if isinstance(one.value, tuple):
        return Written(value=counted(Element(text=each.text, place=each.place) for each in one.value), place=one.place)
    return Written(value=one.value, place=one.place)


def _waivers(side: Side) -> list[Excuse]:
    return [
        Excuse(
            rule=one.rule,
            subject=one.subject,
            expires=one.expires.isoformat(),
            place=side.config.where("", f"waiver[{index}].expires"),
        )
        for index, one in enumerate(side.config.waiver)
    ]


def _judged(found: Mapping[str, Known]) -> list[str]:
    """The gates that are judged, by what is known of the selection."""
    return [key.removeprefix(own.SELECTED) for key, one in found.items() if key.startswith(own.SELECTED) and one.value]


def _approvals(root: Path) -> tuple[Approval, ...]:
    """What the approver file says.

    Raises:
        ConfigError: it cannot be read, or says something unknown.
    """
    text = documents.text_of(root, FILE)
    if text is None:
        return ()
    found = convert(documents.toml(text, FILE), File)
    if isinstance(found, Fault):
        raise ConfigError(f"{'.'.join(map(str, found.keys))} {found.message}", path=FILE)
    return found.approved


def _new_approvals(root: Path, before: tuple[Approval, ...]) -> list[str]:
    """What the change would approve once it is merged; nothing of it counts here."""
    return [
        f"{FILE} gets an approval of {one.rule} for {one.subject} by {one.owner} until {one.expires}, which counts once"
        " it is on the base"
        for one in _approvals(root)
        if one not in before
    ]
