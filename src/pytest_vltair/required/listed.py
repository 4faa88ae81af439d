"""The list of requirements that a project has, as plain text or CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pytest_vltair.options import REQUIREMENT_LIST

COLUMN, STATUS = "id", "status"
CANCELLED = frozenset({"cancelled", "canceled"})
SHIELDED = ("'=", "'+", "'-", "'@")
"""How an id begins that a program kept from being a formula of a spreadsheet, as the CSV of `gates trace` has it."""


class Listed:
    """The ids in a file, and those that need a test; `name` is how the configuration writes it."""

    def __init__(self, name: str, ids: frozenset[str], wanted: frozenset[str]) -> None:
        self.name = name
        self.ids = ids
        self.wanted = wanted


LISTED: pytest.StashKey[Listed | None] = pytest.StashKey()
"""The list of this run."""


def configured(config: pytest.Config) -> Listed | None:
    """The list that the configuration names, or None where it names none.

    Raises:
        pytest.UsageError: it cannot be read, or holds no id.
    """
    name: str | None = config.getini(REQUIREMENT_LIST)
    return Listed(name, *_read(config.rootpath / name)) if name else None


def _read(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """The column `id`, or the first one where there is none of that name; lines that begin with # are left out.

    The second are those of which a column `status` does not say that they are cancelled.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = [row for row in csv.reader(text.splitlines()) if row and not row[0].lstrip().startswith("#")]
    except (OSError, ValueError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8, one id or row of CSV a line"
        raise pytest.UsageError(f"{REQUIREMENT_LIST}: cannot read {path}: {why}") from None
    header = [*map(_word, rows[0])] if rows else []
    at = header.index(COLUMN) if COLUMN in header else 0
    held = [row for row in (rows[1:] if COLUMN in header else rows) if len(row) > at and row[at].strip()]
    ids = frozenset(_id(row[at]) for row in held)
    if not ids:
        raise pytest.UsageError(f"{REQUIREMENT_LIST}: {path} names no requirement")
    status = header.index(STATUS) if {COLUMN, STATUS} <= set(header) else len(header)
    return ids, frozenset(
        _id(row[at]) for row in held if CANCELLED.isdisjoint(_word(one) for one in row[status : status + 1])
    )


def _word(cell: str) -> str:
    return cell.strip().casefold()


def _id(cell: str) -> str:
    shown = cell.strip()
    return shown[1:] if shown.startswith(SHIELDED) else shown
