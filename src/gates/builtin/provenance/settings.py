"""Settings of the gate `provenance`: the table `[tool.gates.provenance]`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gates.builtin.attested.facts import GITHUB, Kind
from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class ProvenanceSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which files are released, who may have attested them, and what must have been said. No private key is here."""

    dist: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description="Artifacts: files, globs or folders of the project.", extra=stricter("free")),
    ] = ("dist",)
    attestations: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description="Files with attestations, as globs.", extra=stricter("free")),
    ] = ("dist/*.intoto.jsonl", "dist/*.sigstore.json", "dist/*.provenance")
    public_key: Annotated[
        str, Meta(description="The public key (ed25519, PEM) that is trusted.", extra=stricter("unknown"))
    ] = ""
    builder: Annotated[
        str, Meta(description="The builder that the key belongs to, as statements name it.", extra=stricter("unknown"))
    ] = ""
    repository: Annotated[
        str, Meta(description="The repository whose workflow is trusted: OWNER/NAME.", extra=stricter("unknown"))
    ] = ""
    workflow: Annotated[
        str, Meta(description="The workflow that is trusted, such as release.yml.", extra=stricter("unknown"))
    ] = ""
    ref: Annotated[
        str,
        Meta(
            description="The branch or tag it must have run for; {version} is that of the artifacts.",
            extra=stricter("unknown"),
        ),
    ] = ""
    issuer: Annotated[str, Meta(description="Who vouches for the workflow.", extra=stricter("unknown"))] = GITHUB
    commit: Annotated[
        str, Meta(description="The commit that is expected; without, HEAD.", extra=stricter("unknown"))
    ] = ""
    kind: Annotated[Kind, Meta(description="What there must be of each artifact.", extra=stricter("unknown"))] = (
        "provenance"
    )
    max_days: Annotated[
        float | None, Meta(description="The greatest age of an attestation in days.", extra=stricter("lower"))
    ] = 30.0
    gates: Annotated[
        tuple[str, ...],
        Meta(description="Gates that a signed statement must say to have passed.", extra=stricter("grow")),
    ] = ()
    report: Annotated[str, Meta(description="The report of which that statement is.", extra=stricter("free"))] = ""
    record: Annotated[
        str, Meta(min_length=1, description="The record of what is built with, by `repro`.", extra=stricter("free"))
    ] = "gates-baseline/repro.json"
    rehearse: Annotated[
        bool,
        Meta(
            description="Build, attest with a key that nobody keeps, and verify that, instead of what is in `dist`.",
            extra=stricter("off"),
        ),
    ] = False
    build_timeout: Annotated[
        float, Meta(gt=0, description="Seconds after which one build of a rehearsal is ended.", extra=stricter("free"))
    ] = 600.0

    def __post_init__(self) -> None:
        """Refuse a trust in two, and one that is open on a side.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        if any("PRIVATE KEY" in one or "\n" in one for one in (self.public_key, self.builder, self.record)):
            # Without the value: whatever is told of it would be told everywhere.
            raise ValueError(
                "a key stands in it; public-key is the name of a file, and a private key has no place here"
            )
        if self.max_days is not None and self.max_days < 0:
            raise ValueError(f"a greatest age of {self.max_days} days is less than nothing")
        keyed, keyless = (self.public_key, self.builder), (self.repository, self.workflow, self.ref)
        if any(keyed) and any(keyless):
            raise ValueError("trust either a key (public-key, builder) or a workflow (repository, workflow, ref)")
        if any(keyed) and not all(keyed):
            raise ValueError("a trusted key needs both public-key and builder")
        if any(keyless) and not all(keyless):
            raise ValueError("a trusted workflow needs repository, workflow and ref: each alone means too many")

    @property
    def trusting(self) -> bool:
        """Whether it says whom to trust."""
        return bool(self.public_key or self.repository)
