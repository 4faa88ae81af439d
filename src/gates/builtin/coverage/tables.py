"""Tables: how much of each folder and file ran, worst first, and of what the change touched, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from gates.builtin.coverage import figures, words
from gates.builtin.coverage.facts import CoverageEvidence, File
from gates.builtin.coverage.lines import decoded


def tables(evidence: CoverageEvidence) -> Mapping[str, Any]:
    """`total`, `folders`, `files` and `change`, in plain values; `change` is None without a base."""
    files = evidence.files.items
    return {
        "source": evidence.source,
        "counts_branches": evidence.counted,
        "total": _row("", files, evidence),
        "folders": _sorted(_row(folder, held, evidence) for folder, held in _by_folder(files).items()),
        "files": _sorted(
            {**_row(one.path, [one], evidence), "missed": words.written(one, _missed(one))} for one in files
        ),
        "change": next(({"base": one.base, "files": _change(evidence)} for one in evidence.patch.items), None),
    }


def _by_folder(files: Iterable[File]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for one in files:
        found.setdefault(PurePosixPath(one.path).parent.as_posix(), []).append(one)
    return found


def _row(path: str, files: Sequence[File], evidence: CoverageEvidence) -> dict[str, Any]:
    lines, ways = figures.lines(files), figures.branches(files)
    return {
        "path": path,
        "files": len(files),
        "lines": lines.of,
        "missed_lines": lines.of - lines.covered,
        "branches": ways.of,
        "missed_branches": ways.of - ways.covered,
        "percent": figures.total(files, counted=evidence.counted).percent,
    }


def _sorted(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["percent"], -row["missed_lines"] - row["missed_branches"], row["path"]))


def _missed(one: File) -> int:
    return decoded(one.lines) & ~decoded(one.ran)


def _change(evidence: CoverageEvidence) -> list[dict[str, Any]]:
    """A row for each touched function, in the order of files and lines."""
    files = {one.path: one for one in evidence.files.items}
    rows: list[dict[str, Any]] = []
    for patch in evidence.patch.items:
        for one in patch.files.items:
            held = files.get(one.path)
            base = {"path": one.path, "old": one.old, "status": one.status, "measured": one.measured}
            if held is None:
                count = one.statements
                rows.append({**base, "omitted": one.omitted, "function": None, "lines": count, "missed": ""})
                continue
            for function, inside in words.by_function(held.functions.items, decoded(one.touched)):
                missed = inside & ~decoded(held.ran)
                rows.append(
                    {
                        **base,
                        "omitted": one.omitted,
                        "function": function,
                        "lines": inside.bit_count(),
                        "missed_lines": missed.bit_count(),
                        "missed": words.written(held, missed),
                    }
                )
    return rows
