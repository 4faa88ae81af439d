"""Parts: what `gates collect` leaves behind, made by the engine itself, and a merge of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gates.engine import merging, part, session
from gates.engine.collection import Collected
from gates.model.evidence import sha256
from gates.model.gate import Shard
from pytest_vltair.eventlog import stamp
from support.sessions import request


def collect(
    root: Path, folder: Path, *kinds: Any, shard: Shard | None = None, lane: str | None = None
) -> session.Judgement:
    """The parts of the gates over the project at `root`, in a folder."""
    asked = request(root, *kinds, shard=shard)
    judgement = session.judge(asked)
    for name, outcome in judgement.outcomes.items():
        made_part = part.make(
            name,
            outcome.collected,
            asked.config.gates[name],
            shard=shard,
            commit=None,
            tree=asked.project.tree.digest(),
            python="3.11",
            lane=lane,
        )
        part.write(made_part, folder)
    return judgement


def keep(
    root: Path, folder: Path, kinds: Sequence[Any], facts: Any, *, shard: Shard | None = None, lane: str | None = None
) -> Path:
    """The part that a machine would have made of these facts of the first of the gates."""
    asked = request(root, *kinds)
    name = kinds[0].name
    made_part = part.make(
        name,
        Collected(facts=facts, taken_at=stamp(datetime.now(UTC))),
        asked.config.gates[name],
        shard=shard,
        commit=None if asked.project.git is None else asked.project.git.head,
        tree=asked.project.tree.digest(),
        python="3.11",
        lane=lane,
    )
    return part.write(made_part, folder)


def merged(root: Path, folder: Path, *kinds: Any, **wished: Any) -> session.Judgement:
    """The judgement on the parts in a folder."""
    return merging.judge(request(root, *kinds, **wished), merging.load([folder]))


def altered(folder: Path, name: str, **changes: Any) -> None:
    """Write the part of a file anew with something changed, and sealed as it should be."""
    whole = part.read(folder / name)
    facts = changes.pop("facts", None)
    if facts is not None:
        changes |= {"facts": msgspec.Raw(facts), "evidence": sha256(facts)}
    folder.joinpath(name).unlink()
    part.write(msgspec.structs.replace(whole, **changes), folder)
