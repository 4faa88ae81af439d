"""Cache: evidence kept under its digest, found again by the digest of everything that it depends on.

Only evidence is kept; verdicts are decided anew each time, and a refusal is never kept.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from gates.engine import state
from gates.engine.freshness import is_fresh
from gates.engine.receipt import Receipt, seal, unseal
from gates.model.evidence import sha256
from gates.model.gate import CachePolicy
from gates.model.reason import Reason

RECEIPTS_KEPT = 8
"""Receipts per gate; older ones are removed when a new one is written."""

EVIDENCE_KEPT = 512
"""Pieces of evidence of all gates together, the last used; a receipt whose evidence is gone finds nothing."""
EVIDENCE_SIZE = 256 << 20
"""Bytes of them; the last one is kept, however large."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Facts as they were written, with the receipt that says where they came from."""

    facts: bytes
    receipt: Receipt


class Cache:
    """The receipts and the evidence under `.gates/` of one project; `enabled=False` finds nothing and still keeps."""

    def __init__(self, root: Path, *, enabled: bool = True) -> None:
        """Nothing is read or created before it is needed."""
        self._root = root
        self._enabled = enabled

    def find(self, gate: str, key: str, policy: CachePolicy, now: datetime, again: str) -> Hit | Reason | None:
        """A hit, None when there is none that is young enough, or a reason when what is there is damaged.

        `again` is the command that collects it anew.
        """
        if not self._enabled or policy.kind == "never":
            return None
        path = self._receipts(gate) / f"{key}.json"
        try:
            receipt, facts = self._read(path, gate, key)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            return _damaged(path.relative_to(self._root), error, again)
        if policy.max_age is not None and not is_fresh(receipt.taken_at, now, policy.max_age):
            return None
        return Hit(facts=facts, receipt=receipt)

    def store(self, digest: str, facts: bytes) -> None:
        """Write evidence under its digest, whole or not at all; what is there already is left alone.

        Raises:
            OSError: the project cannot be written to.
        """
        folder = state.folder(self._root, "evidence")
        path = folder / f"{digest}.json"
        if not (state.used(path) and _holds(path, digest)):
            state.write(path, facts)
            state.prune(folder, EVIDENCE_KEPT, EVIDENCE_SIZE)

    def keep(self, receipt: Receipt) -> None:
        """Write the receipt that lets stored evidence be found again.

        Raises:
            OSError: the project cannot be written to.
        """
        folder = state.folder(self._root, "receipts", receipt.gate)
        state.write(folder / f"{receipt.key}.json", seal(receipt))
        state.prune(folder, RECEIPTS_KEPT)

    def last(self, gate: str) -> Receipt | None:
        """The gate's newest receipt, for the expected time of the next run."""
        try:
            newest = next(iter(state.newest_first(self._receipts(gate))), None)
            return None if newest is None else unseal(newest.path.read_bytes())
        except (OSError, ValueError):
            return None

    def _read(self, path: Path, gate: str, key: str) -> tuple[Receipt, bytes]:
        receipt = unseal(path.read_bytes())
        if receipt.gate != gate or receipt.key != key:
            raise ValueError("it belongs to another gate or other inputs")
        facts = self._evidence(receipt.evidence).read_bytes()
        if sha256(facts) != receipt.evidence:
            raise ValueError("its evidence does not match its digest")
        return receipt, facts

    def _receipts(self, gate: str) -> Path:
        return self._root / state.FOLDER / "receipts" / gate

    def _evidence(self, digest: str) -> Path:
        return self._root / state.FOLDER / "evidence" / f"{digest}.json"


def _holds(path: Path, digest: str) -> bool:
    try:
        return sha256(path.read_bytes()) == digest
    except FileNotFoundError:
        return False


def _damaged(path: Path, error: Exception, again: str) -> Reason:
    return Reason(
        code="evidence_corrupt",
        message=f"the cached evidence {path.as_posix()} cannot be trusted: {error}",
        fix=again,
    )
