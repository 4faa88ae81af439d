"""Tool: what cyclonedx-py makes of the source, or of a requirements file written from a lock that it cannot read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.supply.source import Supply
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.builtin.sbom.settings import SbomSettings
    from gates.builtin.supply.distribution import Distribution
    from gates.model.gate import Context
    from gates.process.tools import Tool

DISTRIBUTION = "cyclonedx-bom"
MODULE = "cyclonedx_py"


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """What the tool wrote: its components by canonical name, the whole, and whether it read the source itself."""

    components: Mapping[str, Mapping[str, Any]]
    whole: Mapping[str, Any]
    read: bool


def find(context: Context[SbomSettings]) -> Tool | Refusal:
    """cyclonedx-py of gates' own environment."""
    return context.tool(DISTRIBUTION, module=MODULE)


def draft(context: Context[SbomSettings], tool: Tool, supply: Supply) -> Drafted | Reason:
    """The tool's own document; its secrets and its paths of this machine are still in it."""
    from gates.process import failure

    output = context.scratch / "draft.json"
    output.unlink(missing_ok=True)
    words, read = _words(context, supply)
    # Our own validation is of what is written in the end.
    fixed = ("--no-validate", "--output-reproducible", "--sv", context.settings.spec_version, "--of", "JSON")
    argv = (*tool.argv, words[0], *fixed, "-o", str(output), *words[1:])
    ended = context.run(argv, cwd=context.scratch, env={"PYTHONPATH": ""})
    stopped = failure.stopped(ended, "cyclonedx-py", "sbom")
    if stopped is not None:
        return stopped
    if ended.status != "OK":
        said = context.redact((ended.errors.strip().splitlines() or ["it gave no reason"])[-1])
        message = f"cyclonedx-py ended with code {ended.code}: {said[:200]}"
        return Reason(code="tool_crashed", message=message, fix="gates sbom -v")
    try:
        whole = msgspec.json.decode(output.read_bytes(), type=dict[str, Any])
        listed = [one for one in whole.get("components", []) if isinstance(one["name"], str)]
    except (OSError, msgspec.MsgspecError, TypeError, KeyError, AttributeError):
        message = "cyclonedx-py came to its end and wrote no document that can be read"
        return Reason(code="unparsable_output", message=message, fix="gates sbom -v")
    return Drafted(components={canonical(one["name"]): one for one in listed}, whole=whole, read=read)


def _words(context: Context[SbomSettings], supply: Supply) -> tuple[Sequence[str], bool]:
    root = context.project.root
    python = context.python
    if supply.kind == "environment" and not isinstance(python, Refusal):
        return ("environment", str(python.path)), True
    if supply.kind == "poetry":
        return ("poetry", str(root)), True
    if supply.kind == "requirements":
        return ("requirements", str(root / supply.paths.items[0])), True
    return ("requirements", str(_written(context.scratch / "locked.txt", supply.distributions.items))), False


def _written(path: Path, distributions: Sequence[Distribution]) -> Path:
    """The lock as a requirements file, one line for each distribution that an index has."""
    pinned = (one for one in distributions if one.origin == "index" and one.version)
    path.write_text("".join(f"{one.name}=={one.version}\n" for one in pinned), "utf-8")
    return path
