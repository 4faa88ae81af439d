"""Tables: what `gates repro` shows, in plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gates.builtin.repro import record
from gates.builtin.repro.explaining import causes
from gates.builtin.repro.facts import Broken, Difference, Published, ReproEvidence
from gates.builtin.repro.settings import ReproSettings

DISTRIBUTIONS: Mapping[str, str] = {
    "flit": "flit",
    "hatchling": "hatchling",
    "maturin": "maturin",
    "mesonpy": "meson-python",
    "pbr": "pbr",
    "pdm": "pdm-backend",
    "poetry": "poetry-core",
    "scikit_build_core": "scikit-build-core",
    "setuptools": "setuptools",
    "uv_build": "uv-build",
}
"""The distribution that a backend's first name is from, where both are not called the same."""

UNKNOWN = causes.Explained(cause="", cure="")


def tables(evidence: ReproEvidence, settings: ReproSettings) -> Mapping[str, Any]:
    """Artifacts with their differences, the factors, what was published, and the record."""
    version = version_of_backend(evidence)
    return {
        "artifacts": [_artifact(evidence, kind, version) for kind in sorted(set(evidence.kinds.items))],
        "factors": {
            "varied": [one.name for one in evidence.factors.items if one.varied],
            "not_varied": [
                {"name": one.name, "reason": one.reason} for one in evidence.factors.items if not one.varied
            ],
        },
        "excused": list(settings.excuse),
        "methods": {one.name: one.method for one in evidence.factors.items if one.varied},
        "values": {one.name: list(one.values.items) for one in evidence.factors.items if one.varied},
        "against": [_published(one) for one in evidence.published.items],
        "record": _record(evidence),
        "source_date_epoch": {"value": evidence.epoch, "from": evidence.epoch_from},
        "toolchain": _toolchain(evidence),
        "drifted": list(evidence.drifted.items),
        "singles": evidence.singles,
        "notes": list(evidence.notes.items),
    }


def version_of_backend(evidence: ReproEvidence) -> str:
    """The version of the distribution that the backend is from; "" where it cannot be told, as of one in the tree."""
    top = evidence.toolchain.backend.partition(":")[0].partition(".")[0]
    wanted = DISTRIBUTIONS.get(top, top.replace("_", "-").lower())
    names = (wanted, f"{wanted}-core")
    versions = {one.name.replace("_", "-").lower(): one.version for one in evidence.toolchain.packages.items}
    return next((versions[name] for name in names if name in versions), "")


def _artifact(evidence: ReproEvidence, kind: str, version: str) -> Mapping[str, Any]:
    builds = [one for one in evidence.builds.items if one.kind == kind]
    made = [one for one in builds if not one.problem]
    digests = list(dict.fromkeys(one.sha256 for one in made))
    names = list(dict.fromkeys(one.name for one in made))
    rows = [one for one in evidence.differences.items if one.kind == kind]
    broken = [one for one in evidence.broken.items if one.kind == kind]
    backend = evidence.toolchain.backend
    return {
        "kind": kind,
        "name": names[0] if names else "",
        "identical": len(digests) == len(names) == 1 and len(made) == len(builds) and not rows and not broken,
        "sha256": digests,
        "builds": len(builds),
        "differences": [_difference(one, causes.explained(one, backend, version)) for one in sorted(rows, key=_place)],
        "broken": [*_broken(broken)],
        "problems": [{"round": one.round, "message": one.problem} for one in builds if one.problem],
    }


def _place(row: Difference) -> tuple[str, str, str]:
    return (row.member, row.attribute, row.factor)


def _difference(row: Difference, said: causes.Explained) -> Mapping[str, Any]:
    return {
        "member": row.member,
        "attribute": row.attribute,
        "factor": row.factor,
        "cause": said.cause,
        "cure": said.cure,
        "before": row.before,
        "after": row.after,
        "excerpt": row.excerpt,
    }


def _broken(rows: list[Broken]) -> Iterator[Mapping[str, Any]]:
    for one in rows:
        yield {"factor": one.factor, "message": one.message}


def _published(one: Published) -> Mapping[str, Any]:
    """Without causes: nobody knows under which circumstances it was made."""
    return {
        "source": one.source,
        "kind": one.kind,
        "name": one.name,
        "verdict": one.verdict,
        "sha256": one.sha256,
        "rebuilt": one.rebuilt,
        "generator": one.generator,
        "source_date_epoch": one.epoch,
        "differences": [_difference(row, UNKNOWN) for row in sorted(one.differences.items, key=_place)],
    }


def _record(evidence: ReproEvidence) -> Mapping[str, Any] | None:
    """How today's hashes and tools are to the record: `as recorded`, `not compared`, `drifted` or `different`."""
    for recorded in evidence.record.items:
        drift, other = record.drift(evidence), record.incomparable(evidence)
        unexpected = record.unexpected(evidence)
        standing = "drifted" if drift else "not compared" if other else "different" if unexpected else "as recorded"
        return {
            "path": recorded.path,
            "standing": standing,
            "said": [*drift, *other, *(sentence for sentence, _ in unexpected)],
            "expected": [{"kind": one.kind, "name": one.name, "sha256": one.sha256} for one in recorded.expected.items],
        }
    return None


def _toolchain(evidence: ReproEvidence) -> Mapping[str, Any]:
    tools = evidence.toolchain
    return {
        "python": tools.python,
        "zlib": tools.zlib,
        "platform": tools.platform,
        "backend": tools.backend,
        "packages": [
            {"name": one.name, "version": one.version, "sha256": one.sha256}
            for one in sorted(tools.packages.items, key=lambda one: one.name)
        ],
    }
