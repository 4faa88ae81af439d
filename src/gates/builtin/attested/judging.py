"""Judging: whether what was signed is what is expected; pure, offline, and never satisfied by silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from gates.builtin.attested import result, slsa, statement
from gates.builtin.attested.dists import named
from gates.builtin.attested.expected import Expected, Key
from gates.builtin.attested.facts import Dist, Identity, Opened
from gates.builtin.attested.refusal import Objection, Refused
from gates.builtin.attested.result import Result
from gates.builtin.attested.slsa import Provenance
from gates.builtin.attested.statement import Statement

INDEX = "pypi"
PUBLISH = f"https://docs.{INDEX}.org/attestations/publish/v1"
"""The predicate type of PEP 740: what an index writes of a file that a trusted publisher uploads."""

SIGNATURE = "signature"
KINDS = {slsa.TYPE: "provenance", PUBLISH: "publish", result.TYPE: "result"}
SKEW = timedelta(minutes=5)
"""By how much the clocks of two machines may differ."""


class Believed(msgspec.Struct, frozen=True, kw_only=True):
    """A statement against which nothing can be said: its kind, and what it is about."""

    place: str
    kind: str
    subjects: tuple[Dist, ...]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What is believed, and every objection, in the order in which they came up."""

    believed: tuple[Believed, ...]
    objections: tuple[Objection, ...]


def judge(opened: Sequence[Opened], dists: Sequence[Dist], expected: Expected, now: datetime) -> Judged:
    """Whether the attestations say of `dists`, of each and of nothing else, what is expected."""
    believed: list[Believed] = []
    objections: list[Objection] = []
    for one in opened:
        if one.objections.count:
            objections += one.objections.items
            continue
        try:
            said = _Said(one, expected, now)
            found = list(said.objections(dists))
            subjects = said.subjects(dists)
        except Refused as error:
            objections.append(_objection(one.place, error))
            continue
        objections += found
        if not found:
            believed.append(Believed(place=one.place, kind=said.kind, subjects=subjects))
    if not objections:
        # A statement that was refused is the reason for what is missing.
        objections += _uncovered(believed, dists, expected)
    return Judged(believed=tuple(believed), objections=tuple(objections))


def _uncovered(believed: Sequence[Believed], dists: Sequence[Dist], expected: Expected) -> Iterator[Objection]:
    wanted = {expected.kind: "provenance-missing", **({"result": "result-missing"} if expected.judged else {})}
    for kind, slug in wanted.items():
        held = {subject.name for one in believed if one.kind == kind for subject in one.subjects}
        for dist in dists:
            if not held:
                yield Objection(slug=slug, place=dist.name, message=f"no {kind} is attested of {dist.name}")
            elif dist.name not in held:
                message = f"{dist.name} is no subject of the {kind}"
                yield Objection(slug="subject-missing", place=dist.name, message=message)


class _Said:
    """One opened attestation beside what is expected of it."""

    def __init__(self, one: Opened, expected: Expected, now: datetime) -> None:
        self.place = one.place
        self.expected = expected
        self.now = now
        self.identity: Identity | None = next(iter(one.identity.items), None)
        self.signed = one.sha256
        self.statement: Statement | None = None
        self.predicate: Provenance | Result | None = None
        self.kind = SIGNATURE
        if not one.sha256:
            self.statement = statement.parse(one.payload.encode())
            self.kind = KINDS.get(self.statement.predicate_type, "")
            self.predicate = self._predicate(self.statement)

    def _predicate(self, said: Statement) -> Provenance | Result | None:
        if self.kind == "provenance":
            return slsa.parse(said.predicate)
        if self.kind == "result":
            return result.parse(said.predicate)
        if self.kind == "publish":
            if said.predicate not in (None, {}):
                raise Refused("predicate-schema", "the predicate of a publication has something in it")
            return None
        raise Refused("predicate-type", f"it is a {said.predicate_type[:80]}")

    def subjects(self, dists: Sequence[Dist]) -> tuple[Dist, ...]:
        """What it is about; of a signature without a statement, the files with that digest."""
        if self.statement is not None:
            return self.statement.subjects
        return tuple(one for one in dists if one.sha256 == self.signed)

    def objections(self, dists: Sequence[Dist]) -> Iterator[Objection]:
        """Everything that can be said against it.

        Raises:
            Refused: a time in it is none.
        """
        found = [*self._subjects(dists), *self._source(), *self._versions(dists), *self._time()]
        if isinstance(self.predicate, Provenance):
            found += self._built(self.predicate)
        if isinstance(self.predicate, Result):
            found += self._results(self.predicate)
        return (_objection(self.place, one) for one in found)

    def _subjects(self, dists: Sequence[Dist]) -> Iterator[Refused]:
        names = {one.name: one.sha256 for one in dists}
        by_digest = {one.sha256: one.name for one in dists}
        subjects = self.subjects(dists)
        if not subjects:
            yield Refused(
                "subject-digest", f"the signed file has the SHA-256 {self.signed[:12]}, and none of these has"
            )
        for one in subjects:
            if names.get(one.name) == one.sha256:
                continue
            if one.name in names:
                said = f"{one.name} has the SHA-256 {names[one.name][:12]}, and {one.sha256[:12]} is attested"
                yield Refused("subject-digest", said)
            elif one.sha256 in by_digest:
                yield Refused("subject-renamed", f"{by_digest[one.sha256]} is attested under the name {one.name}")
            else:
                yield Refused("subject-extra", f"{one.name} is attested, and is not among the artifacts")

    def _source(self) -> Iterator[Refused]:
        asked, said = self.expected, self.predicate
        told = said.source if said is not None else None
        commits = {
            "the certificate": self.identity.commit if self.identity else "",
            "the statement": told.digest[slsa.COMMIT] if told is not None else "",
        }
        held = {place: one for place, one in commits.items() if one}
        if len(set(held.values())) > 1:
            yield Refused("claims-differ", " and ".join(f"{place} says {one[:12]}" for place, one in held.items()))
        elif asked.commit and not held:
            yield Refused("commit-wrong", "it does not say of which commit it is")
        elif asked.commit and asked.commit not in held.values():
            yield Refused("commit-wrong", f"it is of {next(iter(held.values()))[:12]}, not of {asked.commit[:12]}")
        if told is None:
            return
        repository, _, ref = told.uri.removeprefix("git+").partition("@")
        wanted = self.identity.repository if self.identity else asked.repository
        if wanted and repository != wanted:
            yield Refused("source-wrong", f"it was built from {repository[:80] or 'nowhere'}, and not from {wanted}")
        wanted = self.identity.ref if self.identity else asked.ref
        if wanted and ref != wanted:
            yield Refused("source-ref-wrong", f"it was built from {ref[:80] or 'no ref'}, and {wanted} is expected")

    def _versions(self, dists: Sequence[Dist]) -> Iterator[Refused]:
        told = {named(one.name) for one in self.subjects(dists)}
        if len(told) > 1 or None in told:
            yield Refused("version-wrong", "its subjects are of several versions or projects, or of none")
            return
        (pair,) = told or {None}
        if pair is not None and self.expected.version and not _same(pair[1], self.expected.version):
            yield Refused("version-wrong", f"it is of the version {pair[1]}, and {self.expected.version} is expected")
        if pair is None or not isinstance(self.predicate, Provenance) or not self._ours(self.predicate):
            return
        held = self.predicate.build_definition.external_parameters
        if (held.get("project"), held.get("version")) != pair:
            said = f"{held.get('project')} {held.get('version')}"
            yield Refused("version-wrong", f"its parameters are those of {said[:80]}, its subjects of {' '.join(pair)}")

    @staticmethod
    def _ours(predicate: Provenance) -> bool:
        return predicate.build_definition.build_type == slsa.BUILD

    def _built(self, predicate: Provenance) -> Iterator[Refused]:
        trust, builder = self.expected.trust, predicate.run_details.builder.id
        if isinstance(trust, Key):
            if builder != trust.builder:
                yield Refused("builder-wrong", f"{builder[:80]} built it, and {trust.builder} is trusted")
            if not self._ours(predicate):
                kind = predicate.build_definition.build_type
                yield Refused("build-type", f"it is a build of the kind {kind[:80]}, and {slsa.BUILD} is expected")
        elif self._ours(predicate) and builder != trust.identity:
            yield Refused("builder-wrong", f"{builder[:80]} built it, and {trust.identity} is trusted")
        held = {one.name: one.digest.get("sha256", "") for one in predicate.run_details.byproducts}
        for one in self.expected.byproducts:
            if one.name not in held:
                yield Refused("byproduct-missing", f"{one.name} is not named among the byproducts")
            elif held[one.name] != one.sha256:
                said = f"{one.name} has the SHA-256 {one.sha256[:12]}, and {held[one.name][:12]} is attested"
                yield Refused("byproduct-changed", said)

    def _results(self, said: Result) -> Iterator[Refused]:
        if said.result != "PASSED":
            yield Refused("result-not-passed", f"the result is {said.result}")
        elif said.warned_tests or said.failed_tests or not said.passed_tests:
            named_ = (*said.failed_tests, *said.warned_tests, "no gate at all")
            yield Refused("result-contradicts", f"the result is PASSED, with {named_[0][:80]}")
        missing = [name for name in self.expected.gates if name not in said.passed_tests]
        if missing:
            yield Refused("gate-missing", f"{missing[0]} is required, and is not among the gates that passed")
        digest = said.report.digest["sha256"]
        if self.expected.report and digest != self.expected.report:
            told = f"the report has the SHA-256 {self.expected.report[:12]}, and {digest[:12]} is attested"
            yield Refused("report-changed", told)

    def _time(self) -> Iterator[Refused]:
        told = None
        if isinstance(self.predicate, Provenance):
            told = slsa.finished(self.predicate)
        elif isinstance(self.predicate, Result):
            told = slsa.moment(self.predicate.started)
        moments = [told, slsa.moment(self.identity.at) if self.identity else None]
        held = [one for one in moments if one is not None]
        if not held:
            yield Refused("time-missing", "it does not say when it was made")
        elif max(held) > self.now + SKEW:
            yield Refused("future", f"it was made at {max(held).isoformat()}, and it is {self.now.isoformat()}")
        elif self.expected.oldest is not None and self.now - min(held) > timedelta(seconds=self.expected.oldest):
            days = self.expected.oldest / 86_400
            yield Refused("expired", f"it was made at {min(held).isoformat()}, and {days:g} days are accepted")


def _same(one: str, other: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _objection(place: str, error: Refused) -> Objection:
    return Objection(slug=error.slug, place=place, message=error.message)
