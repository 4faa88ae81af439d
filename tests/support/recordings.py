"""Recordings as gates reads them: strictly, line by line, with counts that must agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from gates.model import recorded_run as words

_OFF = ("randomly", "hypothesispytest", "benchmark", "pytest_cov", "asyncio")
WITH_XDIST = tuple(word for name in _OFF for word in ("-p", f"no:{name}"))
"""Switches plugins off that change or warn of what is tested here, or that each run in this process imports anew."""
PLAIN = (*WITH_XDIST, "-p", "no:xdist")

Kind = TypeVar("Kind", bound=words.Line)
_DECODER = msgspec.json.Decoder(words.RecordLine)


@dataclass(frozen=True)
class Recording:
    """The lines of one run."""

    lines: tuple[words.RecordLine, ...]

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [line for line in self.lines if isinstance(line, kind)]

    def one(self, kind: type[Kind]) -> Kind:
        (line,) = self.all(kind)
        return line

    @property
    def begin(self) -> words.Begin:
        return self.one(words.Begin)

    @property
    def end(self) -> words.End:
        return self.one(words.End)

    @property
    def collected(self) -> words.Collected:
        return self.one(words.Collected)

    @property
    def has_end(self) -> bool:
        return bool(self.all(words.End))

    def phases(self, name: str) -> list[tuple[str, str]]:
        """When and outcome of the phases of the test whose node id ends so."""
        return [(line.when, line.outcome) for line in self.all(words.Phase) if line.nodeid.partition("::")[2] == name]

    def phase(self, name: str, when: str) -> words.Phase:
        (found,) = (
            line for line in self.all(words.Phase) if line.nodeid.partition("::")[2] == name and line.when == when
        )
        return found

    def ran(self) -> Counter[str]:
        """How often each test was set up."""
        return Counter(line.nodeid for line in self.all(words.Phase) if line.when == "setup")


def read(path: Path) -> Recording:
    """The recording at `path`, whose `begin` is first, whose `end` is last if there is one, and whose counts agree."""
    data = path.read_bytes()
    assert data.endswith(b"\n")
    recording = Recording(tuple(_DECODER.decode(line) for line in data.splitlines()))
    assert isinstance(recording.lines[0], words.Begin)
    assert recording.begin.schema_version == words.SCHEMA_VERSION
    if recording.has_end:
        end = recording.lines[-1]
        assert isinstance(end, words.End)
        assert end.phases == len(recording.all(words.Phase))
        assert end.warnings == len(recording.all(words.Warned))
        assert end.fixed == len(recording.all(words.Fixed))
        assert end.leaks == len(recording.all(words.Leaked))
        collected = recording.all(words.Collected)
        assert end.selected == sum(len(line.selected) for line in collected)
        assert {line.nodeid for line in recording.all(words.Phase)} <= {
            nodeid for line in collected for nodeid in line.selected
        }
    return recording
