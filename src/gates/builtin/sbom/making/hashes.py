"""Hashes: which digest is the component's own, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gates.builtin.supply.distribution import Artifact, Distribution

ALGORITHMS: Mapping[str, str] = {
    "md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512",
    "sha3_256": "SHA3-256", "sha3_384": "SHA3-384", "sha3_512": "SHA3-512", "blake2b": "BLAKE2b-512",
}  # fmt: skip
"""CycloneDX's names of what hashlib calls so."""
LENGTHS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SHA3-256": 64, "SHA3-384": 96,
           "SHA3-512": 128, "BLAKE2b-512": 128}  # fmt: skip


class Hashed(msgspec.Struct, frozen=True, kw_only=True):
    """Digests as `sha256:…`, and what they are of: the name of a file, `RECORD`, or `files`; `source` knows it."""

    hashes: tuple[str, ...]
    of: str
    source: str


def own(one: Distribution, source: str) -> Hashed | None:
    """The digests of the very file that is installed, as a lock or direct_url.json has them; else of what is installed.

    Of several files that a lock names, the one that is installed is told by the tags of the installed wheel. Where
    nothing is installed only a lone file, or a lone wheel for every system, is beyond doubt; the others stand beside
    their addresses.
    """
    held = [artifact for artifact in one.artifacts.items if artifact.hashes.count]
    chosen = _chosen(held, one)
    if chosen is not None and chosen.name:
        return Hashed(hashes=chosen.hashes.items, of=chosen.name, source=source or "direct_url.json")
    if one.record:
        return Hashed(hashes=(f"sha256:{one.record}",), of=one.hashed, source="environment")
    return None


def written(hashes: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    """The hashes as CycloneDX writes them; those of algorithms that it has no name for are left out."""
    for one in sorted(hashes):
        name, _, digest = one.partition(":")
        algorithm = ALGORITHMS.get(name)
        if algorithm is not None and len(digest) == LENGTHS[algorithm]:
            yield {"alg": algorithm, "content": digest.lower()}


def _chosen(held: list[Artifact], one: Distribution) -> Artifact | None:
    if len(held) == 1:
        return held[0]
    wheels = [artifact for artifact in held if artifact.name.endswith(".whl")]
    if one.tags.count:
        fitting = [artifact for artifact in wheels if _tags(artifact.name) == frozenset(one.tags.items)]
        return fitting[0] if len(fitting) == 1 else None
    if len(wheels) == 1 and wheels[0].name.endswith("-none-any.whl"):
        return wheels[0]
    return None


def _tags(name: str) -> frozenset[str]:
    """The tags in the name of a wheel, one by one (the specification of the binary distribution format)."""
    parts = name.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return frozenset()
    pythons, abis, platforms = (part.split(".") for part in parts[-3:])
    return frozenset(f"{python}-{abi}-{system}" for python in pythons for abi in abis for system in platforms)
