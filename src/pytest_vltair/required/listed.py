"""The list of requirements that a project has, as plain text or CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pytest_vltair.options import REQUIREMENT_LIST

COLUMN = "id"


class Listed:
    """The ids in a file; `name` is how the configuration writes it."""

    def __init__(self, name: str, ids: frozenset[str]) -> None:
        self.name = name
        self.ids = ids


LISTED: pytest.StashKey[Listed | None] = pytest.StashKey()
"""The list of this run."""


def configured(config: pytest.Config) -> Listed | None:
    """The list that the configuration names, or None where it names none.

    Raises:
        pytest.UsageError: it cannot be read, or holds no id.
    """
    name: str | None = config.getini(REQUIREMENT_LIST)
    return Listed(name, _read(config.rootpath / name)) if name else None


def _read(path: Path) -> frozenset[str]:
    """The column `id`, or the first one where there is none of that name; lines that begin with # are left out."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = [row for row in csv.reader(text.splitlines()) if row and not row[0].lstrip().startswith("#")]
    except (OSError, ValueError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8, one id or row of CSV a line"
        raise pytest.UsageError(f"{REQUIREMENT_LIST}: cannot read {path}: {why}") from None
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    at = header.index(COLUMN) if COLUMN in header else 0
    held = rows[1:] if COLUMN in header else rows
    ids = frozenset(row[at].strip() for row in held if len(row) > at) - {""}
    if not ids:
        raise pytest.UsageError(f"{REQUIREMENT_LIST}: {path} names no requirement")
    return ids
