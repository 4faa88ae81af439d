"""Baseline: the known findings and figures of one gate, as they are committed in `gates-baseline/GATE.jsonl`.

The first line is a header, the second the denominator, then come the figures and then the known findings, sorted, a
line each. The header counts the figures and not the known findings: a figure that got lost would no longer be judged,
while a known finding that got lost is a new one and red. So two branches that both prune merge without a conflict.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from gates.errors import ConfigError
from gates.model.measure import Denominator
from gates.model.reason import ReasonCode

FOLDER = "gates-baseline"
SCHEMA_VERSION = 1
LIMIT = 64 * 1024 * 1024
"""Bytes; some 400,000 known findings. Reading a larger file would take memory without end."""

L = TypeVar("L", bound="Line")
CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


class BaselineError(ConfigError):
    """A baseline that cannot be used; `code` says whether it is damaged, foreign, or of another version."""

    def __init__(self, message: str, *, path: str, line: int | None = None, code: ReasonCode = "evidence_corrupt"):
        super().__init__(message, path=path, line=line)
        self.code = code


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the file; no field has a default, so that a line that lost one is refused."""


class Figure(Line, frozen=True, kw_only=True):
    """A measure as it was, and whether less (`max`) or more (`min`) of it is better."""

    measure: Annotated[str, Meta(min_length=1)]
    value: float
    direction: Literal["min", "max"]


class Known(Line, frozen=True, kw_only=True):
    """A finding that was there, and how many of its like: same rule, same path, same text, wherever the line stands."""

    path: str | None
    rule: Annotated[str, Meta(min_length=1)]
    tool_rule: str | None
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    count: Annotated[int, Meta(ge=1)]


class _Header(Line, frozen=True, kw_only=True):
    schema_version: int
    gate: str
    figures: Annotated[int, Meta(ge=0)]


class _Denominator(Line, frozen=True, kw_only=True):
    denominator: Annotated[int, Meta(ge=1)]
    unit: Annotated[str, Meta(min_length=1)]


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """What one gate found when the baseline was written: over how much, which figures, which known findings."""

    gate: str
    denominator: Denominator
    figures: tuple[Figure, ...] = ()
    known: tuple[Known, ...] = ()

    @property
    def size(self) -> int:
        """How many findings are known, each as often as it was there."""
        return sum(one.count for one in self.known)


def name(gate: str) -> str:
    """The path of a gate's baseline, relative to the project's root."""
    return f"{FOLDER}/{gate}.jsonl"


def read(root: Path, gate: str) -> Baseline | None:
    """The baseline of a gate in the project at `root`, or None where it has none.

    Raises:
        BaselineError: the file is damaged, foreign or of another version; the message says at which line.
    """
    data = data_of(root, gate)
    return None if data is None else parse(data, gate)


def data_of(root: Path, gate: str) -> bytes | None:
    """The bytes of a gate's baseline, or None where it has none.

    Raises:
        BaselineError: it is no regular file, cannot be read, or is larger than 64 MiB.
    """
    shown = name(gate)
    place = root / shown
    try:
        if not stat.S_ISREG(place.stat().st_mode):
            raise BaselineError("the baseline is not a file", path=shown)
        if place.stat().st_size > LIMIT:
            raise BaselineError(f"the baseline is larger than {LIMIT // 1024 // 1024} MiB", path=shown)
        return place.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if place.is_symlink():
            raise BaselineError("the baseline is a link to a file that does not exist", path=shown) from None
        return None
    except OSError as error:
        raise BaselineError(f"the baseline cannot be read: {error.strerror or error}", path=shown) from error


def parse(data: bytes, gate: str) -> Baseline:
    """The baseline that `data` holds, which is said to be that of `gate`.

    Raises:
        BaselineError: it is damaged, foreign or of another version; the message says at which line.
    """
    reading = _Reading(data, name(gate))
    header = reading.header(gate)
    over = reading.take(_Denominator)
    figures = tuple(reading.take(Figure) for _ in range(header.figures))
    known = tuple(reading.rest(Known))
    _refuse_twice(reading, [one.measure for one in figures], first=3, what="figure")
    _refuse_twice(reading, [order(one) for one in known], first=3 + header.figures, what="known finding")
    return Baseline(
        gate=gate,
        denominator=Denominator(count=over.denominator, unit=over.unit),
        figures=figures,
        known=known,
    )


def encode(baseline: Baseline) -> bytes:
    """The file: the same baseline, the same bytes."""
    over = baseline.denominator
    lines: list[Line] = [
        _Header(schema_version=SCHEMA_VERSION, gate=baseline.gate, figures=len(baseline.figures)),
        _Denominator(denominator=over.count, unit=over.unit),
        *sorted(baseline.figures, key=lambda one: one.measure),
        *sorted(baseline.known, key=order),
    ]
    return msgspec.json.Encoder().encode_lines(lines)


def order(one: Known) -> tuple[str, str, str, str]:
    """What tells known findings apart, and the order in which they stand: path, rule, tool's rule, fingerprint."""
    return (one.path or "", one.rule, one.tool_rule or "", one.fingerprint)


class _Reading:
    """The lines of a file, one after the other."""

    def __init__(self, data: bytes, path: str) -> None:
        self.path = path
        self.lines = data.split(b"\n")
        self.whole = self.lines.pop() == b""
        self.at = 0

    def header(self, gate: str) -> _Header:
        """The first line, if it is that of this gate and version."""
        if not self.lines:
            raise self.error("the baseline is empty", 1)
        found = self.take(_Header, _version)
        if found.gate != gate:
            message = f"this is the baseline of the gate {found.gate!r}, not of {gate!r}"
            raise self.error(message, 1, code="evidence_foreign")
        return found

    def take(self, kind: type[L], check: Callable[[Any], str] | None = None) -> L:
        """The next line."""
        self.at += 1
        if self.at > len(self.lines):
            raise self.error("the baseline is cut off: a line is missing here", self.at)
        line = self.lines[self.at - 1]
        if line.startswith(CONFLICT):
            raise self.error("a merge conflict stands here", self.at)
        try:
            if check is not None:
                problem = check(msgspec.json.decode(line))
                if problem:
                    raise self.error(problem, self.at, code="schema_version_mismatch")
            return msgspec.json.decode(line, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self.error(f"this line of the baseline is damaged: {error}", self.at) from error

    def rest(self, kind: type[L]) -> Iterable[L]:
        """Every line that is left."""
        if not self.whole:
            raise self.error("the baseline is cut off: its last line has no end", len(self.lines) + 1)
        decoder = msgspec.json.Decoder(kind)
        try:
            return [decoder.decode(line) for line in self.lines[self.at :]]
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return [self.take(kind) for _ in self.lines[self.at :]]

    def error(self, message: str, line: int, code: ReasonCode = "evidence_corrupt") -> BaselineError:
        """What is wrong, at its line."""
        return BaselineError(message, path=self.path, line=line, code=code)


def _version(header: Any) -> str:
    """What is wrong with the version of a header, before its other fields are looked at."""
    version = header.get("schema_version") if isinstance(header, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        return f"schema_version {version} is foreign to this gates, which reads {SCHEMA_VERSION}"
    return ""


def _refuse_twice(reading: _Reading, keys: list[Any], *, first: int, what: str) -> None:
    if len(set(keys)) == len(keys):
        return
    seen: set[Any] = set()
    for at, key in enumerate(keys):
        if key in seen:
            raise reading.error(f"this {what} stands in the baseline twice", first + at)
        seen.add(key)
