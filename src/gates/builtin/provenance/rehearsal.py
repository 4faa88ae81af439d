"""Rehearsal: build, attest with a key that nobody keeps, and open that; what a release would go through."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.attested import dists as files
from gates.builtin.attested import envelope, keys, opening
from gates.builtin.attested.expected import Key
from gates.builtin.attested.facts import Dist
from gates.builtin.built import environment, hooks, source
from gates.builtin.built import system as systems
from gates.builtin.built.artifact import KINDS
from gates.builtin.built.hooks import Command, Limits
from gates.builtin.provenance import making
from gates.builtin.provenance import source as sources
from gates.builtin.provenance.facts import REHEARSAL
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.project import workspace

if TYPE_CHECKING:
    from gates.builtin.attested.facts import Opened
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.provenance.settings import ProvenanceSettings
    from gates.model.gate import Context

EPOCH = 315_532_800
"""1980-01-01 UTC in seconds: no member of a zip can be older."""


def run(context: Context[ProvenanceSettings]) -> tuple[tuple[Dist, ...], tuple[Opened, ...]] | Refusal:
    """The artifacts that were built, and the statement of them, opened.

    Raises:
        GatesError: it cannot be built, signed or verified.
    """
    python, system = context.python, systems.of(context.project)
    for one in (python, system):
        if isinstance(one, Refusal):
            return one
    with workspace.folder(context.scratch) as place:
        asked = source.write(context.project, place / "asked")
        with environment.made(context, python, system, asked, kinds=KINDS) as made:  # type: ignore[arg-type]
            if isinstance(made, Refusal):
                return made
            return _rehearsed(context, made, system, place)  # type: ignore[arg-type]


def _rehearsed(
    context: Context[ProvenanceSettings], made: Environment, system: System, place: Path
) -> tuple[tuple[Dist, ...], tuple[Opened, ...]] | Refusal:
    paths = []
    for kind in KINDS:
        context.progress(f"building the {kind}")
        root = source.write(context.project, place / f"source-{kind}")
        seconds = max(source.epoch(context.project).seconds, EPOCH)

        def dated(command: Command, seconds: int = seconds) -> Command:
            return msgspec.structs.replace(command, env={**command.env, "SOURCE_DATE_EPOCH": str(seconds)})

        limits = Limits(seconds=context.settings.build_timeout)
        built = hooks.build(context, made, system, root, place / f"out-{kind}", kind, starter=dated, limits=limits)
        if isinstance(built, Reason):
            return Refusal(built)
        paths.append(built.path)
    dists = files.read(paths)
    payload = making.provenance(
        dists,
        sources.of(context.project, context.environ),
        made.packages,
        {"backend": system.backend},
        builder=REHEARSAL,
        # The commit's, as of what is built: the clock of the run would make other evidence each time.
        now=datetime.fromtimestamp(source.epoch(context.project).seconds, UTC),
    )
    signer = keys.fresh()
    attestation = place / "rehearsal.intoto.jsonl"
    attestation.write_bytes(envelope.sign(payload, signer) + b"\n")
    return dists, opening.opened([attestation], Key(builder=REHEARSAL), signer.public_key, dists)
