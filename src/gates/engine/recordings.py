"""Recordings: recorded runs of pytest that the record names by their digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gates.engine import state
from gates.engine.codec import CODEC
from gates.engine.context import Keeping
from pytest_vltair import keeping, personal

if TYPE_CHECKING:
    from gates.process.redact import Redactor


def keep(path: Path, kept: Keeping, redactor: Redactor) -> str:
    """Keep the recorded run at `path` without secrets and personal data; its digest.

    Raises:
        OSError: it cannot be read, or the project cannot be written to.
        ValueError: it is no recorded run.
    """

    def clean(text: str) -> str:
        return personal.scrub(redactor.text(text), strict=kept.strict)

    data = keeping.cleaned(path.read_bytes(), clean, CODEC)
    return keeping.keep(state.folder(kept.root, keeping.FOLDER), data)
