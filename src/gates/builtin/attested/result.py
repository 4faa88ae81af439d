"""Result: in-toto test-result v0.1, "these artifacts passed these gates at this commit".

It names what passed in its own words and takes the commit and the report as resources with digests. A verification
summary (SLSA VSA) would have to squeeze gates into levels, and has no place for a commit.
"""

from __future__ import annotations

from typing import Literal

from gates.builtin.attested.refusal import Refused
from gates.builtin.attested.slsa import COMMIT
from gates.builtin.attested.statement import Closed, Resource, convert

TYPE = "https://in-toto.io/attestation/test-result/v0.1"
REPORT = "gates-report"
STARTED = "started"


class Result(Closed, frozen=True, kw_only=True):
    """The predicate; `configuration` has the commit that was judged, and the report."""

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[Resource, ...]
    url: str = ""
    passed_tests: tuple[str, ...] = ()
    warned_tests: tuple[str, ...] = ()
    failed_tests: tuple[str, ...] = ()

    @property
    def source(self) -> Resource:
        """The commit that was judged."""
        return next(one for one in self.configuration if COMMIT in one.digest)

    @property
    def report(self) -> Resource:
        """The report of the run."""
        return next(one for one in self.configuration if one.name == REPORT)

    @property
    def started(self) -> str:
        """When the gates were run; "" where it is not said."""
        said = self.report.annotations.get(STARTED, "")
        return said if isinstance(said, str) else "?"


def parse(value: object) -> Result:
    """The predicate, with one commit and one report.

    Raises:
        Refused: it is not.
    """
    found: Result = convert(value, Result)
    if sum(COMMIT in one.digest for one in found.configuration) != 1:
        raise Refused("predicate-schema", "`configuration` does not name one commit")
    if sum(one.name == REPORT and "sha256" in one.digest for one in found.configuration) != 1:
        raise Refused("predicate-schema", f"`configuration` does not name one {REPORT} with its SHA-256")
    if len(set(found.passed_tests)) != len(found.passed_tests):
        raise Refused("predicate-schema", "a gate is named twice")
    return found
