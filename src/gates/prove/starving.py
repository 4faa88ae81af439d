"""Starving: what a gate says when something that it needs is not there, or is not what it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gates.engine import state
from gates.engine.receipt import unseal
from gates.model.gate import Gate
from gates.model.proof import StarvedProof
from gates.prove import judging

if TYPE_CHECKING:
    from gates.engine.plan import Planned
    from gates.prove.field import Field

SPOILT = b'"spoilt by gates prove"'


def of_tools(field: Field, starving: Sequence[Planned]) -> Mapping[str, list[StarvedProof]]:
    """What each gate says without each of its tools; gates that read nothing of each other are starved together."""
    found: dict[str, list[StarvedProof]] = {one.gate.name: [] for one in starving}
    for names, hidden in _rounds([one.gate for one in starving]):
        field.prepare({})
        ran = field.run(names, hide=sorted(set(hidden.values())))
        for name in names:
            verdict, seen = judging.starved_run(name, ran)
            found[name].append(StarvedProof(of=hidden[name], kind="tool", verdict=verdict, seen=seen))
    for one in starving:
        if not one.gate.tools:
            seen = "it declares no tool that could be missing"
            found[one.gate.name].append(StarvedProof(of="tools", kind="tool", verdict=None, seen=seen))
    return found


def of_evidence(field: Field, planned: Planned, gates: Mapping[str, Gate]) -> list[StarvedProof]:
    """What a gate says without the evidence of the gates that it reads, and with evidence that was changed.

    The copy must be as it was for the last check of this gate, whose evidence is in its cache.
    """
    name, needs = planned.gate.name, planned.gate.needs
    found = [_changed(field, name, of) for of in (name, *needs)]
    for need in needs:
        tools = gates[need].tools
        if tools:
            ran = field.again((name,), hide=tools)
            verdict, seen = judging.starved_run(name, ran)
        else:
            verdict, seen = None, f"{need} declares no tool without which it would have no evidence"
        found.append(StarvedProof(of=need, kind="evidence absent", verdict=verdict, seen=seen))
    if not needs:
        seen = "it reads the evidence of no other gate"
        found.append(StarvedProof(of="other gates", kind="evidence absent", verdict=None, seen=seen))
    return found


def _rounds(gates: Sequence[Gate]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Names of gates that are starved in one run, each with the tool that it is starved of."""
    alone = [one for one in gates if one.needs or one.exclusive]
    together = [one for one in gates if one not in alone]
    for turn in range(max((len(one.tools) for one in together), default=0)):
        hidden = {one.name: one.tools[turn] for one in together if turn < len(one.tools)}
        yield tuple(hidden), hidden
    for one in alone:
        for tool in one.tools:
            yield (one.name,), {one.name: tool}


def _changed(field: Field, name: str, of: str) -> StarvedProof:
    kept = _kept(field.copy.root, of)
    if kept is None:
        return StarvedProof(of=of, kind="evidence changed", verdict=None, seen=f"{of} keeps no evidence between runs")
    with _spoilt(kept):
        verdict, seen = judging.starved_run(name, field.again((name,)))
    return StarvedProof(of=of, kind="evidence changed", verdict=verdict, seen=seen)


def _kept(root: Path, gate: str) -> Path | None:
    """The evidence that the gate's newest receipt names."""
    folder = root / state.FOLDER / "receipts" / gate
    receipts = sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime_ns) if folder.is_dir() else []
    if not receipts:
        return None
    path = root / state.FOLDER / "evidence" / f"{unseal(receipts[-1].read_bytes()).evidence}.json"
    return path if path.is_file() else None


@contextmanager
def _spoilt(path: Path) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(before[: len(before) // 2] + SPOILT + before[len(before) // 2 :])
    try:
        yield
    finally:
        path.write_bytes(before)
