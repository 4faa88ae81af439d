"""Attestations: who says where the artifacts come from, and whether that is signed by whom the project trusts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gates.errors import GatesError, UsageError
from gates.model.release import Part, Problem, judged, missing, unknown

if TYPE_CHECKING:
    from gates.builtin.attested.judging import Judged
    from gates.builtin.attested.refusal import Objection
    from gates.builtin.released.folder import Folder

PARTS = ("provenance", "signatures")
SIGNED = frozenset({"signature", "identity"})
"""What an objection is about where a signature does not hold or is another's; the others are about what is said."""

MAKE = "gates provenance"
TRUST = "write whom to trust into [tool.gates.provenance]: public-key and builder, or repository, workflow and ref"

Verify = Callable[["Folder", str], "Judged"]
"""What is believed of the artifacts in a folder, for a release of that version."""


def check(folder: Folder, version: str, verify: Verify | None) -> tuple[Part, ...]:
    """Whether every artifact has provenance, and every attestation in the folder is signed by whom is trusted.

    Without `verify` nobody said whom that is.
    """
    names = ", ".join(one.name for one in folder.of("attestation"))
    if not names:
        message = f"{folder.shown} has no attestation (a file such as {folder.shown}/provenance.intoto.jsonl)"
        return tuple(missing(part, message, f"{MAKE} {folder.shown}") for part in PARTS)
    if verify is None:
        message = f"nobody says whose signatures count, so that those in {names} say nothing"
        return tuple(unknown(part, message, TRUST) for part in PARTS)
    try:
        found = verify(folder, version)
    except UsageError as error:
        return tuple(unknown(part, str(error), TRUST) for part in PARTS)
    except GatesError as error:
        return tuple(unknown(part, str(error), "see the message") for part in PARTS)
    signed = [one for one in found.objections if one.about in SIGNED]
    said = [one for one in found.objections if one.about not in SIGNED]
    kinds = sorted({one.kind for one in found.believed})
    provenance = judged("provenance", _problems(said), f"{', '.join(kinds)} of {len(folder.artifacts)} artifacts")
    if signed and not said:
        message = "no signature holds that would vouch for it" if not kinds else "not all that is attested is signed"
        provenance = unknown("provenance", message, f"mend the signatures: {MAKE} {folder.shown}")
    return provenance, judged("signatures", _problems(signed), names)


def _problems(objections: Sequence[Objection]) -> list[Problem]:
    return [
        Problem(
            message=f"{one.place}: {one.slug}: {one.message}",
            fix="find out why before anything is published; docs/explanation/attestation-refusals.md has what it means",
            path=one.place,
        )
        for one in objections
    ]
