"""Tried: how a test ended in the base, how in circumstances that were named, and what follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gates.model.diagnosis import Reproduction
from gates.render import escape


def render(found: Reproduction) -> str:
    """The reproduction, what follows in its last line."""
    return "".join(f"{escape.commands(escape.line(line).rstrip())}\n" for line in _lines(found))


def _lines(found: Reproduction) -> Iterator[str]:
    yield found.nodeid
    circumstances = [f"{name}={value}" for name, value in found.settings.items()]
    circumstances += [f"after {one}" for one in found.after]
    for where, title in (("base", "in the base"), ("tried", " ".join(circumstances))):
        runs = [one for one in found.runs if one.where == where]
        if runs:
            yield f"  {title}: {_counted(Counter(one.ended for one in runs))}"
        message = next((one.message for one in runs if one.message), "")
        if message:
            yield f"    {message.strip().splitlines()[0]}"
    word = {"failed": "unstable", "passed": "passed", "undecided": "undecided"}[found.verdict]
    yield f"{word}: {found.reason}"


def _counted(ends: Counter[str]) -> str:
    total = sum(ends.values())
    return ", ".join(f"{name} in {number} of {total} runs" for name, number in sorted(ends.items()))
