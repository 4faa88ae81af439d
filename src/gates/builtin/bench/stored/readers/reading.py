"""Reading: which of the formats a file of results has, by its content, and what it says."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.builtin.bench.stored.readers import plain, pyperf, pytest_benchmark
from gates.builtin.bench.stored.readers.results import Results, UnreadableResultsError
from gates.model.evidence import Refusal, refuse
from gates.model.reason import ReasonCode

LIMIT = 64 << 20
"""Bytes; some two million rounds of pytest-benchmark."""

GZIP = b"\x1f\x8b"
KNOWN = "pytest-benchmark, pyperf, or `{name: {value, unit}}`"

OTHERS: Mapping[str, frozenset[str]] = {
    "hyperfine": frozenset({"results"}),
    "Google Benchmark": frozenset({"context", "benchmarks"}),
    "asv": frozenset({"commit_hash", "results"}),
}
"""The keys by which results of other tools are told, so that the sentence can name them."""


class _TwiceError(ValueError):
    """A key that stands twice in one object."""


def read(path: Path, shown: str) -> Results | Refusal:
    """What the file says, or why it cannot be used; `shown` is what the reason calls it."""
    code: ReasonCode = "evidence_corrupt"
    text = ""
    try:
        text = _text(path)
        return parse(text)
    except FileNotFoundError:
        return _refusal("evidence_missing", f"{shown}: it is not there")
    except OSError as error:
        return _refusal("unreadable", f"{shown}: it cannot be read: {error.strerror or error}")
    except UnreadableResultsError as error:
        line = error.line or (None if error.about is None else _line(text, error.about))
        code = "schema_version_mismatch" if error.newer else code
        return _refusal(code, f"{shown}{'' if line is None else f':{line}'}: {error}")


def parse(text: str) -> Results:
    """What the text of a file says.

    Raises:
        UnreadableResultsError: it is no JSON, of no known tool, or what it says cannot be.
    """
    found = _decoded(text)
    if not isinstance(found, dict):
        raise UnreadableResultsError(f"it is JSON of something else: not of {KNOWN}")
    if "machine_info" in found and "benchmarks" in found:
        return pytest_benchmark.results(found)
    if pyperf.is_its(found):
        return pyperf.results(found)
    if plain.is_its(found):
        return plain.results(found)
    for tool, keys in OTHERS.items():
        if keys <= found.keys():
            raise UnreadableResultsError(f"it looks like results of {tool}, which are not read: only {KNOWN} are")
    raise UnreadableResultsError(f"it is JSON of something else: not of {KNOWN}")


def _refusal(code: ReasonCode, message: str) -> Refusal:
    return refuse(code, message, "make the file again, or take it out of `data` in [tool.gates.bench]")


def _text(path: Path) -> str:
    known = path.stat()
    if not stat.S_ISREG(known.st_mode):
        raise UnreadableResultsError("it is no file")
    if known.st_size > LIMIT:
        raise UnreadableResultsError(f"it has {known.st_size:,} bytes, and {LIMIT:,} are the most that is read")
    with path.open("rb") as file:
        # A file that grew since is cut, and then refused as such.
        data = file.read(LIMIT)
    if not data.strip():
        raise UnreadableResultsError("it is empty")
    if data.startswith(GZIP):
        raise UnreadableResultsError("it is compressed: unpack it with gunzip")
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableResultsError("it is not UTF-8", line=line) from error


def _decoded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "it is cut off" if cut else f"it is broken JSON: {error.msg}"
        raise UnreadableResultsError(what, line=error.lineno) from error
    except _TwiceError as error:
        raise UnreadableResultsError(f"it has the key {error} twice", about=str(error)) from error
    except (RecursionError, ValueError) as error:
        raise UnreadableResultsError(f"it is JSON that nobody wrote: {str(error).partition(';')[0]}") from error


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError(Counter(key for key, _ in pairs).most_common(1)[0][0])
    return found


def _constant(word: str) -> Any:
    raise UnreadableResultsError(f"it has {word} for a number", about=word)


def _line(text: str, about: str) -> int | None:
    """The line on which a name stands last, where it may be once too often; None where it cannot be found."""
    for written in (json.dumps(about), json.dumps(about, ensure_ascii=False), about):
        at = text.rfind(written)
        if about and at >= 0:
            return text.count("\n", 0, at) + 1
    return None
