"""Starving: what a gate says when something that it needs is not there, or is not what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.engine import state
from gates.engine.receipt import unseal
from gates.model.proof import StarvedProof
from gates.prove import judging

if TYPE_CHECKING:
    from gates.engine.plan import Planned
    from gates.model.decision import Verdict
    from gates.model.gate import Gate
    from gates.prove.check import Ran
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


def of_evidence(
    field: Field, starving: Sequence[Planned], gates: Mapping[str, Gate[Any, Any]]
) -> dict[str, list[StarvedProof]]:
    """What each gate says without the evidence of the gates that it reads, and when kept evidence was changed.

    The copy must be as it was for the last check of these gates, whose evidence is in its cache.
    """
    found = _own_changed(field, starving)
    for one in starving:
        name, needs = one.gate.name, one.needs
        for need in needs:
            found[name] += [_needed_changed(field, name, need), _needed_absent(field, name, gates[need])]
        if not needs:
            seen = "it reads the evidence of no other gate"
            found[name].append(StarvedProof(of="other gates", kind="evidence absent", verdict=None, seen=seen))
    return found


def _own_changed(field: Field, starving: Sequence[Planned]) -> dict[str, list[StarvedProof]]:
    """The kept evidence of all gates that read no others is changed at once, and that of each other by itself."""
    kept = {one.gate.name for one in starving if _kept(field.copy.root, one.gate.name)}
    together = tuple(one.gate.name for one in starving if not one.needs and one.gate.name in kept)
    alone = [(one.gate.name,) for one in starving if one.needs and one.gate.name in kept]
    found: dict[str, list[StarvedProof]] = {}
    for names in filter(None, [together, *alone]):
        # Judged by themselves they may ask less of a gate than the last check did, and keep other evidence of it.
        field.again(names)
        before = {name: _receipts(field.copy.root, name) for name in names}
        with _spoilt(path for name in names for path in _kept(field.copy.root, name)):
            ran = field.again(names)
        for name in names:
            found[name] = [_changed(field, name, ran, before[name])]
    nothing = "it keeps no evidence of such a run"
    for one in starving:
        name = one.gate.name
        found.setdefault(name, [StarvedProof(of=name, kind="evidence changed", verdict=None, seen=nothing)])
    return found


def _changed(field: Field, name: str, ran: Ran, before: set[Path]) -> StarvedProof:
    judged: tuple[Verdict | None, str] = judging.starved_run(name, ran)
    if not _receipts(field.copy.root, name) <= before:
        # It kept other evidence under another key, so the one that was changed was none of this run.
        judged = None, "what it reads differs from run to run, so what it kept is not asked for again"
    verdict, seen = judged
    return StarvedProof(of=name, kind="evidence changed", verdict=verdict, seen=seen)


def _needed_changed(field: Field, name: str, need: str) -> StarvedProof:
    kept = _kept(field.copy.root, need)
    if not kept:
        seen = f"{need} keeps no evidence of such a run"
        return StarvedProof(of=need, kind="evidence changed", verdict=None, seen=seen)
    with _spoilt(kept):
        verdict, seen = judging.starved_run(name, field.again((name,)))
    return StarvedProof(of=need, kind="evidence changed", verdict=verdict, seen=seen)


def _needed_absent(field: Field, name: str, need: Gate[Any, Any]) -> StarvedProof:
    if not need.tools:
        seen = f"{need.name} declares no tool without which it would have no evidence"
        return StarvedProof(of=need.name, kind="evidence absent", verdict=None, seen=seen)
    # What was recorded before is evidence without a tool.
    with _withheld(field.copy.root / path for path in field.lent):
        verdict, seen = judging.starved_run(name, field.again((name,), hide=need.tools))
    return StarvedProof(of=need.name, kind="evidence absent", verdict=verdict, seen=seen)


def _rounds(gates: Sequence[Gate[Any, Any]]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Names of gates that are starved in one run, each with the tool that it is starved of."""
    alone = [one for one in gates if one.needs or one.exclusive]
    together = [one for one in gates if one not in alone]
    for turn in range(max((len(one.tools) for one in together), default=0)):
        hidden = {one.name: one.tools[turn] for one in together if turn < len(one.tools)}
        yield tuple(hidden), hidden
    for one in alone:
        for tool in one.tools:
            yield (one.name,), {one.name: tool}


def _kept(root: Path, gate: str) -> tuple[Path, ...]:
    """The evidence that the gate's receipts name: whoever reads it may ask for more, so that there are several."""
    named = {unseal(one.read_bytes()).evidence for one in _receipts(root, gate)}
    paths = (root / state.FOLDER / "evidence" / f"{digest}.json" for digest in sorted(named))
    return tuple(path for path in paths if path.is_file())


def _receipts(root: Path, gate: str) -> set[Path]:
    """The gate's receipts, each of which is named by its key."""
    folder = root / state.FOLDER / "receipts" / gate
    return set(folder.glob("*.json")) if folder.is_dir() else set()


@contextmanager
def _withheld(paths: Iterable[Path]) -> Iterator[None]:
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    for path in before:
        path.unlink()
    try:
        yield
    finally:
        for path, data in before.items():
            path.write_bytes(data)


@contextmanager
def _spoilt(paths: Iterable[Path]) -> Iterator[None]:
    before = {path: path.read_bytes() for path in paths}
    for path, data in before.items():
        path.write_bytes(data[: len(data) // 2] + SPOILT + data[len(data) // 2 :])
    try:
        yield
    finally:
        for path, data in before.items():
            path.write_bytes(data)
