"""Plants: changes of a copy that loosen something, or that give `policy` a finding about what another gate found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from gates.builtin.policy import calls
from gates.builtin.policy.collect import config_of
from gates.builtin.policy.facts import Call
from gates.config import baseline as committed
from gates.config import edit, source
from gates.config.baseline import Baseline, Figure, Known
from gates.config.effective import own
from gates.config.effective.side import Side, compared
from gates.config.source import Source
from gates.errors import ConfigError
from gates.model.canary import Planted
from gates.model.finding import fingerprint
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.project import documents, wiring

if TYPE_CHECKING:
    from gates.builtin.policy.gate import PolicySettings
    from gates.model.gate import Context

    Plant: TypeAlias = Callable[[Context[PolicySettings]], Planted | Reason]

SCRIPT = "gates_canary.sh"
COMMANDS = "#!/bin/sh\nset -e\ngates check || true\n"
RULE = "LNT001"
CHEAPEST = ("lint", "types", "tests")
"""Gates in the order in which one of them is judged beside `policy`, where a rule is about what another gate found."""

_PLACE = re.compile(r"(?P<path>.+):(?P<line>\d+)")
_TRUE = re.compile(r"\b[Tt]rue\b")


def limit(context: Context[PolicySettings]) -> Planted | Reason:
    """The first limit in force that is written on one line: a number, else a switch, else what the canary brought."""
    side = Side(project=context.project, config=config_of(context.project.root, context))
    found, _ = compared(side, None, context.gates)
    own_last = sorted(
        found.values(), key=lambda one: (one.key.startswith("policy."), isinstance(one.value, tuple), one.key)
    )
    for one in own_last:
        at = _PLACE.fullmatch(one.place)
        if at is None or one.strictness.about != "limit" or at["path"].startswith(".."):
            continue
        path, number = context.project.root / at["path"], int(at["line"])
        lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines(keepends=True)
        looser = _looser(lines[number - 1], one.strictness.way, one.value)
        if looser is not None:
            lines[number - 1] = looser
            path.write_bytes("".join(lines).encode("utf-8", "surrogateescape"))
            return Planted(path=at["path"], line=number)
    return _unfit("no limit is written on one line")


def _looser(line: str, way: str, value: Any) -> str | None:
    """The line with a looser value; None where it does not have the value in a form that is known."""
    if isinstance(value, bool) or way == "grow":
        strict = way == "on" or (way == "grow" and re.match(r"\s*strict\s*=", line))
        return _TRUE.sub("false", line, count=1) if strict and value and _TRUE.search(line) else None
    if way not in {"higher", "lower"} or not isinstance(value, int | float):
        return None
    form = re.compile(rf"(?<![\w.]){re.escape(f'{value:g}')}(?:\.0+)?(?![\w.])")
    other = value / 2 if way == "higher" else 2 * value + 1
    return form.sub(f"{other:g}", line, count=1) if form.search(line) and other != value else None


def level(context: Context[PolicySettings]) -> Planted | Reason:
    """The level of a rule of lint, which the canary brought, is `off`."""
    held = _file(context)
    levels = held.table.get("severity", ())
    index = next((at for at, one in enumerate(levels) if one.get("rule") == RULE and one.get("level") == "error"), None)
    line = None if index is None else held.line("severity", index, "level")
    if held.path is None or line is None:
        return _unfit("the level that the canary needs is not in the configuration")
    lines = held.text.split("\n")
    before, level, after = lines[line - 1].rpartition('"error"')
    lines[line - 1] = f'{before}"off"{after}' if level else lines[line - 1]
    _write(context, held.path, "\n".join(lines))
    return Planted(path=held.path, line=line)


def exclusion(context: Context[PolicySettings]) -> Planted | Reason:
    """A gate that judges everything is told to judge one file."""
    chosen = next(iter(context.project.layout.python), None)
    table = _file(context).table
    for gate in ("types", "lint"):
        if chosen is not None and "paths" not in table.get(gate, {}):
            return _with_settings(context, (gate,), {"paths": [chosen]}, "paths")
    return _unfit("both lint and types are told already what to judge")


def setting(context: Context[PolicySettings]) -> Planted | Reason:
    """A variable more for the tests, of which nobody knows what it does."""
    return _with_settings(context, ("tests", "env"), {"GATES_CANARY": "1"}, "GATES_CANARY")


def waiver(context: Context[PolicySettings]) -> Planted | Reason:
    """A waiver that the base does not have."""
    return _with_waiver(context, RULE, "gates-canary/new", date(2099, 12, 31), "expires")


def expired(context: Context[PolicySettings]) -> Planted | Reason:
    """A waiver whose last day is long past."""
    return _with_waiver(context, RULE, "gates-canary/expired", date(2000, 1, 1), None)


def unused(context: Context[PolicySettings]) -> Planted | Reason:
    """A waiver of a rule whose gate is judged beside, about something that is not there."""
    gate = _beside(context)
    if gate is None:
        return _unfit("no other gate is judged here")
    rule = next(rule.code for rule in context.gates[gate].rules if rule.waivable)
    planted = _with_waiver(context, rule, "gates-canary/unused", date(2099, 12, 31), None)
    return msgspec.structs.replace(planted, beside=(gate,)) if isinstance(planted, Planted) else planted


def defused(context: Context[PolicySettings]) -> Planted | Reason:
    """A line of the project that calls gates is defused; without one, a script is added that has such a line."""
    root = context.project.root
    for wire in wiring.read(root, context.project.tree.files).wires:
        call = Call(**{name: getattr(wire, name) for name in Call.__struct_fields__})
        if wire.tool != calls.TOOL or wire.defused or calls.judging(call) is None:
            continue
        text = documents.text_of(root, wire.path) or ""
        lines = text.split("\n")
        lines[wire.line - 1] += " || true"
        changed = "\n".join(lines)
        if any(one.line == wire.line and one.defused for one in wiring.of(wire.path, changed).wires):
            _write(context, wire.path, changed)
            return Planted(path=wire.path, line=wire.line)
    _write(context, SCRIPT, COMMANDS)
    return Planted(path=SCRIPT, line=3)


def baseline(change: Callable[[Baseline], Baseline], *, beside: bool) -> Plant:
    """A function that changes the baseline of a judged gate; `beside`: that gate must be judged too."""

    def plant(context: Context[PolicySettings]) -> Planted | Reason:
        gate = _beside(context)
        if gate is None:
            return _unfit("no gate that could have a baseline is judged here")
        root = context.project.root
        held = committed.read(root, gate) or Baseline(gate=gate, denominator=Denominator(count=1, unit="files"))
        (root / committed.FOLDER).mkdir(exist_ok=True)
        (root / committed.name(gate)).write_bytes(committed.encode(change(held)))
        return Planted(path=committed.name(gate), beside=(gate,) if beside else ())

    return plant


def knowing(held: Baseline) -> Baseline:
    """A baseline that knows one finding more, which is not there."""
    path = "gates-canary/gone.py"
    one = Known(path=path, rule=RULE, tool_rule=None, fingerprint=fingerprint(RULE, path, None, "gone"), count=1)
    return msgspec.structs.replace(held, known=(*(known for known in held.known if known.path != path), one))


def larger(held: Baseline) -> Baseline:
    """A baseline that was taken over more than there is."""
    return msgspec.structs.replace(held, denominator=Denominator(count=10**9, unit=held.denominator.unit))


def better(held: Baseline) -> Baseline:
    """A baseline with a figure more, which nothing measures."""
    one = Figure(measure="gates.canary", value=1.0, direction="min")
    return msgspec.structs.replace(held, figures=(*(each for each in held.figures if each.measure != one.measure), one))


def _beside(context: Context[PolicySettings]) -> str | None:
    """A gate that is judged here and that could have findings to excuse."""
    config = config_of(context.project.root, context)
    able = [name for name, gate in context.gates.items() if any(rule.waivable for rule in gate.rules)]
    judged = {one.key.removeprefix("select: "): one.value for one in _judged(context, config, able)}
    return next((name for name in (*CHEAPEST, *able) if judged.get(name)), None)


def _judged(context: Context[PolicySettings], config: Any, names: list[str]) -> Iterator[Any]:
    return own.judged(config, context.project, context.gates, names)


def _file(context: Context[PolicySettings]) -> Source:
    return source.read(context.project.root)


def _with_settings(
    context: Context[PolicySettings], table: tuple[str, ...], items: dict[str, Any], key: str
) -> Planted | Reason:
    held = _file(context)
    path = held.path or source.OWN_FILE
    try:
        text = edit.with_settings(held.text, (*held.prefix, *table), items, path=path)
    except ConfigError as error:
        return _unfit(error.message)
    _write(context, path, text)
    return Planted(path=path, line=_file(context).line(*table, key))


def _with_waiver(
    context: Context[PolicySettings], rule: str, subject: str, expires: date, key: str | None
) -> Planted | Reason:
    held = _file(context)
    path = held.path or source.OWN_FILE
    items = {"rule": rule, "subject": subject, "reason": "a canary", "owner": "gates", "expires": expires}
    try:
        text = edit.with_element(held.text, (*held.prefix, "waiver"), items, path=path)
    except ConfigError as error:
        return _unfit(error.message)
    _write(context, path, text)
    now = _file(context)
    last = len(now.table["waiver"]) - 1
    return Planted(path=path, line=now.line("waiver", last, *((key,) if key else ())))


def _write(context: Context[PolicySettings], path: str, text: str) -> None:
    Path(context.project.root, path).write_bytes(text.encode("utf-8"))


def _unfit(message: str) -> Reason:
    return Reason(code="does_not_apply", message=message, fix="excuse the rule in [tool.gates.prove], saying why")
