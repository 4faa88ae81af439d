"""Words: what every report of builds says, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gates.model.reason import Reason

Table = Mapping[str, Any]

SAMPLES = 3
"""Members that are shown of those with one attribute and one factor."""

EXCERPT = 14
"""Lines that are shown of a difference between two texts."""

DIGITS = 12
"""Hex digits that are shown of a hash."""

APART = {
    "random": "differs in each build, with nothing changed",
    "unexplained": "no build that was tried shows by what",
}


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Differences with one attribute and factor, in the order of their members; never empty."""

    attribute: str
    factor: str
    rows: tuple[Table, ...]

    @property
    def cause(self) -> str:
        """Why the first of them differs; that of the others is the same, of another member."""
        return str(self.rows[0]["cause"])

    @property
    def cures(self) -> list[str]:
        """What mends them; one, as a rule."""
        return [one for one in dict.fromkeys(row["cure"] for row in self.rows) if one]

    @property
    def title(self) -> str:
        """`mode of 5 members, by umask`."""
        apart = APART.get(self.factor)
        return f"{self.what}, by {self.factor}" if apart is None else f"{self.what}: {apart}"

    @property
    def what(self) -> str:
        """`mode of 5 members`."""
        count = len(self.rows)
        where = self.rows[0]["member"] or "the archive itself"
        return f"{self.attribute} of {where if count == 1 else f'{count:,} members'}"

    @property
    def samples(self) -> Iterator[tuple[str, str]]:
        """The first members, each with how it was and is."""
        for row in self.rows[:SAMPLES]:
            yield row["member"], f"{row['before']} -> {row['after']}"

    @property
    def more(self) -> int:
        """How many are not among the samples."""
        return max(0, len(self.rows) - SAMPLES)

    @property
    def excerpt(self) -> list[str]:
        """The first text that differs, as lines of a diff; none where it is no text."""
        first = next((row["excerpt"] for row in self.rows if row["excerpt"]), "")
        lines: list[str] = first.rstrip("\n").split("\n") if first else []
        cut = len(lines) - EXCERPT
        return [*lines[:EXCERPT], *([f"... {cut:,} more lines"] if cut > 0 else [])]


def groups(rows: Sequence[Table]) -> list[Group]:
    """The differences of one artifact, those of most members first; RECORD, which follows from others, is the last."""
    found: dict[tuple[str, str], list[Table]] = {}
    for row in rows:
        found.setdefault((row["attribute"], row["factor"]), []).append(row)
    made = (Group(attribute=key[0], factor=key[1], rows=tuple(held)) for key, held in found.items())
    return sorted(made, key=lambda one: (one.attribute == "RECORD", -len(one.rows), one.attribute, one.factor))


def snippets(value: Table) -> list[str]:
    """The cures of several lines, each once: many differences have the same one."""
    artifacts = (*value["artifacts"], *value["against"])
    cures = (cure for one in artifacts for group in groups(one["differences"]) for cure in group.cures)
    return [one for one in dict.fromkeys(cures) if "\n" in one.strip()]


def cured(group: Group, known: Sequence[str]) -> Iterator[str]:
    """A line for each cure of a group; of one with several lines, its number among the known ones."""
    for cure in group.cures:
        yield f"[{known.index(cure) + 1}] below" if cure in known else cure.strip()


def headline(value: Table, verdict: str, reason: Reason | None) -> str:
    """The verdict in one sentence."""
    blocking = [one["message"] for one in value.get("findings", ()) if one["blocks"]]
    differing = [one["kind"] for one in value["artifacts"] if not one["identical"]]
    if verdict == "undecided":
        return f"undecided: {reason.message if reason else 'nothing was built'}"
    if verdict == "failed" and differing:
        verb = "is" if len(differing) == 1 else "are"
        return f"failed: the {' and the '.join(differing)} {verb} not the same bytes everywhere"
    if verdict == "failed":
        return f"failed: {blocking[0]}" if blocking else "failed"
    if differing:
        return f"passed: what makes the {' and the '.join(differing)} differ is waived, or no error here"
    artifacts = value["artifacts"]
    kinds = f"the {' and the '.join(one['kind'] for one in artifacts)} {'has' if len(artifacts) == 1 else 'have'}"
    count = len(value["factors"]["varied"])
    left = len(value["factors"]["not_varied"])
    excused = f", {left} excused" if left else ""
    return f"passed: {kinds} the same bytes under {count} factor{'' if count == 1 else 's'}{excused}"


def standing(artifact: Table) -> str:
    """How one artifact came out."""
    if artifact["identical"]:
        return f"identical in {artifact['builds']} builds, sha256 {short(artifact['sha256'][0])}"
    said = [f"DIFFERS: {len(artifact['sha256'])} hashes in {artifact['builds']} builds"]
    if artifact["broken"] or artifact["problems"]:
        failed = len(artifact["problems"])
        said.append(f"{failed} of them failed" if failed else "it fails under some factors")
    return ", ".join(said)


def short(digest: str) -> str:
    """The first digits of a hash."""
    return digest[:DIGITS] or "?"


def under(factor: str) -> str:
    """`with another umask and locale`."""
    return f"with another {' and '.join(factor.split('+'))}"


def varied(value: Table) -> Iterator[tuple[str, str]]:
    """Each factor that was varied, with the means."""
    for name in value["factors"]["varied"]:
        yield name, value["methods"].get(name, "")


def unvaried(value: Table) -> Iterator[tuple[str, str]]:
    """Each factor that was not, with the reason."""
    for one in value["factors"]["not_varied"]:
        excused = " (excused)" if one["name"] in value["excused"] else ""
        yield one["name"], f"NOT VARIED: {one['reason']}{excused}"


def published(one: Table) -> str:
    """How a published artifact is to its rebuild."""
    by = f"rebuilt by {one['generator']}" if one["generator"] else "rebuilt by the backend of today, as it names none"
    return f"{one['verdict']}, {by}, SOURCE_DATE_EPOCH {one['source_date_epoch']}"


def made_by(value: Table) -> str:
    """With what it was built."""
    tools, epoch = value["toolchain"], value["source_date_epoch"]
    parts = [tools["backend"], tools["python"], f"zlib {tools['zlib']}", tools["platform"]]
    return f"built by {', '.join(filter(None, parts))}; SOURCE_DATE_EPOCH {epoch['value']} ({epoch['from']})"


def further(value: Table, verdict: str, reason: Reason | None) -> Iterator[str]:
    """What to do next."""
    if any(not one["identical"] for one in value["artifacts"]):
        yield "mend the first cause above, and run gates repro again"
    if reason is not None:
        yield reason.fix
    published_verdicts = {one["verdict"] for one in value.get("against", ())}
    if published_verdicts and published_verdicts <= {"bit-equal", "content-equal"} and verdict == "failed":
        yield 'if only attributes of what was published may differ: against-level = "content" in [tool.gates.repro]'
    record = value.get("record")
    if record is not None and record["standing"] in {"drifted", "different"}:
        yield "take today's as expected, if it is meant: gates repro --record"
    elif value["artifacts"] and record is None and verdict == "passed":
        yield "gates repro --record writes these hashes down, for later builds to be held to"
