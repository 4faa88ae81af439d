"""Sections: what differs between builds, by what and how to mend it, what was varied, and what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.builtin.repro.facts import ReproEvidence
from gates.builtin.repro.settings import ReproSettings
from gates.builtin.repro.tables import tables
from gates.model.section import Cell, Column, Entries, Entry, Mark, Section, Standing, Table

Row = Mapping[str, Any]

SAMPLES = 5
"""Members that are shown of those with one attribute and one factor."""

DIGITS = 12
VERDICTS: Mapping[str, Standing] = {"bit-equal": "passed", "content-equal": "undecided", "different": "failed"}


def sections(evidence: ReproEvidence, settings: ReproSettings) -> Iterator[Section]:
    """Artifacts, build differences, factors, and published artifacts, as far as there are any."""
    held = tables(evidence, settings)
    yield Table(
        title="Artifacts",
        lead=f"SOURCE_DATE_EPOCH {held['source_date_epoch']['value']} ({held['source_date_epoch']['from']}).",
        columns=(
            Column("artifact"), Column("name", "code"), Column("builds", "number"), Column("bytes"),
            Column("SHA-256", "code"),
        ),
        rows=tuple(_artifact(one) for one in held["artifacts"]),
    )  # fmt: skip
    found = tuple(_differences(held["artifacts"]))
    if found:
        yield Entries(title="Build differences", lead="What changes the bytes, and what mends it.", entries=found)
    yield Table(
        title="What was varied",
        columns=(Column("factor"), Column(""), Column("how, or why not")),
        rows=tuple(_factors(held)),
    )
    if held["against"]:
        yield Table(
            title="Against what was published",
            columns=(Column("artifact", "code"), Column(""), Column("published", "code"), Column("rebuilt", "code")),
            rows=tuple(
                (
                    one["name"],
                    Mark(one["verdict"], VERDICTS[one["verdict"]]),
                    _short(one["sha256"]),
                    _short(one["rebuilt"]),
                )
                for one in held["against"]
            ),
        )


def _artifact(one: Row) -> tuple[Cell, ...]:
    same = Mark("the same", "passed") if one["identical"] else Mark("differ", "failed")
    return (one["kind"], one["name"], one["builds"], same, ", ".join(map(_short, one["sha256"])))


def _differences(artifacts: Sequence[Row]) -> Iterator[Entry]:
    for one in artifacts:
        for rows in _grouped(one["differences"]):
            yield _entry(one["kind"], rows)
        for broken in one["broken"]:
            title = f"{one['kind']}: the build fails with another {' and '.join(broken['factor'].split('+'))}"
            yield Entry(title=title, standing="failed", code=broken["message"])


def _grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of one attribute and factor, most members first; RECORD, which follows from others, is the last."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["attribute"], row["factor"]), []).append(row)
    ordered = sorted(found.items(), key=lambda item: (item[0][0] == "RECORD", -len(item[1]), item[0]))
    return [held for _, held in ordered]


def _entry(kind: str, rows: Sequence[Row]) -> Entry:
    first = rows[0]
    what = first["member"] or "the archive itself"
    facts = [(row["member"] or "the archive", f"{row['before']} → {row['after']}") for row in rows[:SAMPLES]]
    if len(rows) > SAMPLES:
        facts.append(("and", f"{len(rows) - SAMPLES:,} more members"))
    facts += [("cause", first["cause"])] if first["cause"] else []
    facts += [("cure", cure) for cure in dict.fromkeys(row["cure"] for row in rows) if cure]
    of = what if len(rows) == 1 else f"{len(rows):,} members"
    return Entry(
        title=f"{kind}: {first['attribute']} of {of}, by {first['factor']}",
        standing="failed",
        facts=tuple(facts),
        code=next((row["excerpt"] for row in rows if row["excerpt"]), ""),
    )


def _factors(held: Row) -> Iterator[tuple[Cell, ...]]:
    for name in held["factors"]["varied"]:
        yield (name, Mark("varied", "passed"), held["methods"].get(name, ""))
    for one in held["factors"]["not_varied"]:
        excused = " (excused)" if one["name"] in held["excused"] else ""
        yield (one["name"], Mark("not varied", "undecided"), f"{one['reason']}{excused}")


def _short(digest: str) -> str:
    return digest[:DIGITS]
