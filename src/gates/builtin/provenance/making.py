"""Making: the statements about a build, out of what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gates import __version__
from gates.builtin.attested import dists as files
from gates.builtin.attested import slsa, statement
from gates.builtin.attested.facts import Dist
from gates.builtin.attested.slsa import BuildDefinition, Builder, Provenance, RunDetails, RunMetadata
from gates.builtin.attested.statement import Resource
from gates.builtin.built.package import Package
from gates.builtin.provenance import dependencies
from gates.builtin.provenance.source import NotAttested, Source

VERSION = "pytest-vltair"


def provenance(
    dists: Sequence[Dist],
    source: Source,
    packages: Iterable[Package],
    tools: Mapping[str, str],
    *,
    builder: str,
    now: datetime,
    byproducts: Sequence[Resource] = (),
    invocation: str = "",
) -> bytes:
    """The statement to sign: these files were built by `builder` from `source` with `packages`.

    Raises:
        NotAttested: the files are of several releases, or a package has no digest.
    """
    project, version = release(dists)
    predicate = Provenance(
        build_definition=BuildDefinition(
            build_type=slsa.BUILD,
            external_parameters={
                "project": project,
                "version": version,
                "source": source.uri,
                "artifacts": sorted(one.name for one in dists),
            },
            internal_parameters={name: value for name, value in sorted(tools.items()) if value},
            resolved_dependencies=(
                Resource(name="source", uri=source.uri, digest={slsa.COMMIT: source.commit}),
                *dependencies.resources(packages),
            ),
        ),
        run_details=RunDetails(
            builder=Builder(id=builder, version={VERSION: __version__}),
            metadata=RunMetadata(invocation_id=invocation, finished_on=stamp(now)),
            byproducts=tuple(byproducts),
        ),
    )
    return statement.written(dists, slsa.TYPE, predicate)


def release(dists: Sequence[Dist]) -> tuple[str, str]:
    """Project and version of all the files.

    Raises:
        NotAttested: they have several, or one of them is no distribution.
    """
    told = {one.name: files.named(one.name) for one in dists}
    stray = next((name for name, pair in told.items() if pair is None), None)
    if stray is not None:
        raise NotAttested(f"{stray} is not named like a wheel or a source distribution")
    pairs = {pair for pair in told.values() if pair is not None}
    if len(pairs) != 1:
        raise NotAttested(f"these are {len(pairs)} releases: {', '.join(sorted(told))}")
    return pairs.pop()


def byproduct(path: Path, media_type: str = "") -> Resource:
    """A file that the build made beside its artifacts.

    Raises:
        ProjectError: it cannot be read.
    """
    return Resource(name=path.name, digest={"sha256": files.digest(path)}, media_type=media_type)


def stamp(now: datetime) -> str:
    """The time of RFC 3339 in whole seconds."""
    return now.replace(microsecond=0).isoformat().replace("+00:00", "Z")
