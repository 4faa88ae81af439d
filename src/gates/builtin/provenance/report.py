"""Report: a report of gates as something to swear to; anything less than a whole and green one is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from gates.builtin.attested import result
from gates.builtin.attested.document import strict
from gates.builtin.attested.refusal import Refused
from gates.builtin.attested.result import Result
from gates.builtin.attested.slsa import COMMIT
from gates.builtin.attested.statement import Resource
from gates.builtin.provenance.source import NotAttested, Source
from gates.model.evidence import sha256

MOST = 256 << 20
SCHEMA_VERSION = 1


def attested(path: Path, source: Source, required: Collection[str]) -> Result:
    """The predicate that says what the report says.

    Raises:
        NotAttested: it is not of this commit, not of the whole project, not of a clean tree, or not green.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotAttested(f"the report {path.name} cannot be read: {error.strerror or error}") from error
    if len(data) > MOST:
        raise NotAttested(f"the report {path.name} has more than {MOST:,} bytes")
    try:
        held = strict(data)
    except Refused as error:
        raise NotAttested(f"the report {path.name} is damaged: {error.message}") from error
    told = next(_objections(held, source, required), None) if isinstance(held, dict) else "is no report of gates"
    if told is not None:
        raise NotAttested(f"the report {path.name} {told}")
    names = tuple(sorted(one["name"] for one in held["gates"]))
    return Result(
        result="PASSED",
        configuration=(
            Resource(name="source", uri=source.uri, digest={COMMIT: source.commit}),
            Resource(
                name=result.REPORT,
                digest={"sha256": sha256(data)},
                media_type="application/json",
                annotations={result.STARTED: held["run"]["started"]},
            ),
        ),
        passed_tests=names,
    )


def _objections(held: Mapping[str, Any], source: Source, required: Collection[str]) -> Iterator[str]:
    """Why nobody can swear to it, a clause each."""
    if held.get("schema_version") != SCHEMA_VERSION:
        yield f"has the schema_version {str(held.get('schema_version'))[:20]}, and {SCHEMA_VERSION} is understood"
    project, run, judged = held.get("project"), held.get("run"), held.get("gates")
    if not isinstance(project, dict) or not isinstance(run, dict) or not isinstance(judged, list):
        yield "is no report of gates"
        return
    if not isinstance(run.get("started"), str):
        yield "does not say when it was made"
    if project.get("scope") != "full":
        yield "is of a part of the project: only the scope `full` can be attested"
    if project.get("dirty") is not False:
        yield "is of a tree with changes that no commit has"
    if project.get("commit") != source.commit:
        yield f"is of the commit {str(project.get('commit'))[:12]}, and HEAD is {source.commit[:12]}"
    if held.get("error") is not None:
        yield "has no verdict, but an error"
    yield from _unpassed(judged)
    if held.get("verdict") != "passed" or held.get("exit_code") != 0:
        yield f"says {str(held.get('verdict'))[:20]} (exit code {str(held.get('exit_code'))[:5]})"
    names = {one.get("name") for one in judged if isinstance(one, dict)}
    missing = sorted(set(required) - names)
    if missing:
        yield f"has no gate {missing[0]}, which is required"


def _unpassed(judged: list[Any]) -> Iterator[str]:
    if not judged:
        yield "judged nothing"
    for one in judged:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            yield "is no report of gates"
        elif one.get("verdict") != "passed":
            yield f"says that {one['name'][:60]} is {str(one.get('verdict'))[:20]}"
        elif one.get("allowed_undecided"):
            yield f"lets {one['name'][:60]} pass undecided"
