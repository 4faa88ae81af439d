"""Form: whether a document is valid, says what it is of, leads somewhere, and has no secret."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.sbom.facts import SbomEvidence
from gates.builtin.sbom.rules import DANGLING, INVALID, ROOT_MISSING, SECRET
from gates.model.finding import Finding, finding


def findings(evidence: SbomEvidence, name: str, version: str) -> Iterator[Finding]:
    """What is wrong with the document itself; `name` and `version` are those that its root has to have."""
    path = evidence.given or None
    for sentence in evidence.invalid.items:
        yield finding(INVALID, f"the document is not valid: {sentence}", path=path, subject=sentence.partition(":")[0])
    root = evidence.bom.root
    if root is None:
        yield finding(ROOT_MISSING, "the document has no root component (`metadata.component`)", path=path)
    elif evidence.given and (root.name != name or (version and root.version != version)):
        shown = f"{root.name} {root.version}".strip()
        message = f"the document is of {shown}, and the project is {name} {version}".strip()
        yield finding(ROOT_MISSING, message, path=path, subject=shown)
    for one in evidence.bom.dangling.items:
        ref, _, leads = one.partition(" -> ")
        message = f"{ref} leads to {leads}" if leads else f"the dependency graph has {ref}"
        yield finding(DANGLING, f"{message}, which is no component of the document", path=path, subject=one)
    for one in evidence.bom.doubled.items:
        yield finding(DANGLING, f"two components of the document have the reference {one}", path=path, subject=one)
    if root is not None and not root.related and evidence.bom.components.count:
        message = "the dependency graph does not say what the root depends on"
        yield finding(DANGLING, message, path=path, subject=root.name)
    for one in evidence.bom.secrets.items:
        yield finding(SECRET, f"the address at {one} has a secret in it", path=path, subject=one)
