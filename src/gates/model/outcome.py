"""Outcome: what a verdict and an exit code mean, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Outcome(NamedTuple):
    """What happened, and what to do."""

    meaning: str
    fix: str


EXIT_CODES: Mapping[str, Outcome] = {
    "0": Outcome("every judged gate passed", "Nothing."),
    "1": Outcome("at least one gate failed", "Read the findings; `gates explain CODE` says how to mend one."),
    "2": Outcome(
        "usage or configuration error",
        "Read the sentence: it names the option, or file, line and the nearest name that exists.",
    ),
    "3": Outcome("no gate failed, at least one could not decide", "Read the reason and paste its fix."),
    "4": Outcome("internal error", "Report it, with the crash log that is named."),
    "5": Outcome("nothing was judged", "See `gates list`: it says of each gate why it was not judged."),
    "130": Outcome("interrupted", "Nothing; every process that was started has been ended."),
}
"""By exit code, as docs/reference/exit-codes.md has them."""

VERDICTS: Mapping[str, Outcome] = {
    "passed": Outcome("the gate looked at something and found nothing that blocks (exit code 0)", "Nothing."),
    "failed": Outcome(
        "the gate found what its rules object to (exit code 1)",
        "Read the findings; `gates explain CODE` says how to mend one.",
    ),
    "undecided": Outcome(
        "the gate could not decide: what it needs is missing, stale, broken, or of something else (exit code 3)",
        "Read the reason and paste its fix; it is as red as a failure until then.",
    ),
}
"""By verdict, of a gate and of a whole run."""
