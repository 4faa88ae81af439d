"""Files: what a step wrote into the runner's files, read as the runner reads it."""

from __future__ import annotations

from pathlib import Path

NAMES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
BLOCKED = "NODE_OPTIONS"


class BrokenFileError(AssertionError):
    """A file that the runner would refuse, with the step."""


def pairs(path: Path) -> dict[str, str]:
    """`name=value` lines and `name<<MARK` blocks; the last of a name counts."""
    found: dict[str, str] = {}
    lines = path.read_text("utf-8", "replace").replace("\r\n", "\n").split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        equals, here = line.find("="), line.find("<<")
        if equals >= 0 and (here < 0 or equals < here):
            name, value = line[:equals], line[equals + 1 :]
        elif here >= 0:
            name, mark = line[:here], line[here + 2 :]
            value = _block(lines, mark)
        else:
            raise BrokenFileError(f"invalid format {line!r}")
        if not name:
            raise BrokenFileError(f"a value without a name: {line!r}")
        found[name] = value
    return found


def _block(lines: list[str], mark: str) -> str:
    if not mark:
        raise BrokenFileError("a block without a mark")
    held: list[str] = []
    while lines:
        line = lines.pop(0)
        if line == mark:
            return "\n".join(held)
        held.append(line)
    raise BrokenFileError(f"the mark {mark!r} never came")


def environment(path: Path) -> dict[str, str]:
    """Variables for later steps; the runner's own cannot be set."""
    found = pairs(path)
    if BLOCKED in found:
        raise BrokenFileError(f"{BLOCKED} cannot be set")
    return {name: value for name, value in found.items() if not name.startswith(("GITHUB_", "RUNNER_"))}


def paths(path: Path) -> list[str]:
    """Folders for PATH, the last one first."""
    return [line for line in reversed(path.read_text("utf-8", "replace").splitlines()) if line]


def summary(path: Path) -> str:
    """The step's summary; above 1 MiB the runner drops it whole."""
    data = path.read_bytes()
    if len(data) > 1024 * 1024:
        raise BrokenFileError(f"a summary of {len(data)} bytes is dropped")
    return data.decode("utf-8", "replace")
