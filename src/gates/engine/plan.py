"""Plan: which gates are judged here and now, which are only collected for others, which are not, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import msgspec

from gates import errors
from gates.errors import PluginError, UsageError
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.model.report import NotJudged

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.project.facts import Project


ALWAYS = "judged always"


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A gate that will be collected; `judged` is false where only another gate reads its evidence.

    `needed` are the settings of the gates whose evidence it reads.
    """

    gate: Gate[Any, Any]
    settings: Any
    because: str
    judged: bool = True
    refused: Reason | None = None
    demanded: frozenset[str] = frozenset()
    needed: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """The gates whose evidence it reads, with what it asks of them."""
        return self.gate.reads(self.settings)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Gates in an order in which every one comes after those that it needs."""

    planned: tuple[Planned, ...]
    not_judged: tuple[NotJudged, ...]

    @property
    def judged(self) -> tuple[Planned, ...]:
        """The gates that get a verdict."""
        return tuple(one for one in self.planned if one.judged)

    @property
    def attendant(self) -> frozenset[str]:
        """The judged gates that nobody asked for and that are judged always; they alone are no judgement."""
        return frozenset(one.gate.name for one in self.judged if one.because == ALWAYS)

    @property
    def asked(self) -> tuple[Planned, ...]:
        """The judged gates but for the attendant ones."""
        return tuple(one for one in self.judged if one.because != ALWAYS)


class _Drawing(msgspec.Struct):
    gates: Mapping[str, Gate[Any, Any]]
    config: Config
    attended: bool
    chosen: dict[str, Planned] = msgspec.field(default_factory=dict)
    not_judged: list[NotJudged] = msgspec.field(default_factory=list)


def draw(
    project: Project,
    gates: Mapping[str, Gate[Any, Any]],
    config: Config,
    named: Collection[str] = (),
    *,
    attended: bool = True,
) -> Plan:
    """The plan for a project; `named` are gates that the user typed, which takes the place of `select`.

    Without `attended`, gates that are judged always are in it only where somebody asks for them.

    Raises:
        UsageError: a named gate does not exist.
        PluginError: gates need each other in a circle, or one needs a gate that is not installed.
    """
    for name in named:
        if name not in gates:
            raise UsageError(f"there is no gate {name!r}{nearest(name, gates)}; `gates list` shows them all")
    drawing = _Drawing(gates=gates, config=config, attended=attended)
    for gate in gates.values():
        _choose(drawing, project, gate, frozenset(named))
    _add_needed(drawing)
    order = _ordered(drawing)
    demanded = _demands(drawing.chosen.values())
    planned = [drawing.chosen[name] for name in order]
    return Plan(
        planned=tuple(
            Planned(
                gate=one.gate,
                settings=one.settings,
                because=one.because,
                judged=one.judged,
                refused=one.refused,
                demanded=demanded.get(one.gate.name, frozenset()) & one.gate.offers,
                needed={name: drawing.chosen[name].settings for name in one.needs},
            )
            for one in planned
        ),
        not_judged=tuple(sorted(drawing.not_judged, key=lambda one: one.name)),
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """`, did you mean 'lint'?`, or nothing when no known name is like it."""
    close = errors.nearest(name, known)
    return f", did you mean {close!r}?" if close else ""


def _choose(drawing: _Drawing, project: Project, gate: Gate[Any, Any], named: frozenset[str]) -> None:
    config, name = drawing.config, gate.name
    settings = config.gates[name]
    asked = _asked(config, name, named)
    if gate.always and (asked is not None or drawing.attended):
        drawing.chosen[name] = Planned(gate=gate, settings=settings, because=asked or ALWAYS)
    elif name in config.ignore and name not in named:
        _leave(drawing, name, "not_selected", "it is ignored", f"gates check {name}")
    elif asked is None and (named or config.select is not None or gate.always):
        _leave(drawing, name, "not_selected", "it is not selected", f"gates check {name}")
    else:
        applies = gate.applies(project, settings)
        reason = applies.reason
        if asked is None and reason is not None:
            _leave(drawing, name, reason.code, reason.message, reason.fix)
        else:
            refused = reason if reason is not None and reason.code == "does_not_apply" else None
            drawing.chosen[name] = Planned(
                gate=gate, settings=settings, because=asked or applies.because, refused=refused
            )


def _asked(config: Config, name: str, named: frozenset[str]) -> str | None:
    if named:
        return "named on the command line" if name in named else None
    if config.select is not None:
        return f"selected by {config.where('', 'select')}" if name in config.select else None
    return f"[tool.gates.{name}] is there" if name in config.tables else None


def _leave(drawing: _Drawing, name: str, code: Any, message: str, fix: str) -> None:
    drawing.not_judged.append(NotJudged(name=name, reason=Reason(code=code, message=message, fix=fix)))


def _add_needed(drawing: _Drawing) -> None:
    waiting = list(drawing.chosen.values())
    while waiting:
        reader = waiting.pop()
        for name in reader.needs:
            if name in drawing.chosen:
                continue
            if name not in drawing.gates:
                raise PluginError(f"gate {reader.gate.name!r} needs a gate {name!r}, which is not installed")
            needed = Planned(
                gate=drawing.gates[name],
                settings=drawing.config.gates[name],
                because=f"{reader.gate.name} reads its evidence",
                judged=False,
            )
            drawing.chosen[name] = needed
            waiting.append(needed)


def _ordered(drawing: _Drawing) -> tuple[str, ...]:
    graph = {name: tuple(one.needs) for name, one in drawing.chosen.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise PluginError(f"gates need each other in a circle: {circle}") from error


def _demands(planned: Iterable[Planned]) -> dict[str, frozenset[str]]:
    asked: dict[str, frozenset[str]] = {}
    for one in planned:
        for name, facilities in one.needs.items():
            asked[name] = asked.get(name, frozenset()) | facilities
    return asked
