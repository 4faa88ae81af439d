"""`gates schema`: JSON Schemas of what gates reads and writes."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.plugins.manager import Registry

DOCUMENTS = {
    "report": "gates.config.report_schema",
    "log": "gates.config.report_schema",
    "proof": "gates.config.proof_schema",
    "command-proof": "gates.config.command_proof_schema",
    "diagnosis": "gates.config.diagnosis_schema",
    "reproduction": "gates.config.diagnosis_schema",
    "answer": "gates.record.asked.schemas",
    "maintenance": "gates.record.asked.schemas",
    "event": "gates.record.asked.schemas",
    "heads": "gates.record.asked.schemas",
}
"""What gates writes, by the module with a function of that name which makes its schema."""
KINDS = ("config", "report", "evidence", *(name for name in DOCUMENTS if name != "report"))


@click.command(short_help="Print a JSON Schema: configuration, report, evidence or log.")
@click.argument("kind", type=click.Choice(KINDS), default="config")
@click.argument("gate", required=False)
@click.option("--project", "directory", default=".", metavar="DIR", help="Take the plugins of the project in DIR too.")
def command(kind: str, gate: str | None, directory: str) -> int:
    """Print a JSON Schema.

    \b
    gates schema                  of [tool.gates] in pyproject.toml, and of gates.toml (draft 7, for editors)
    gates schema report           of `gates check --output-format json`
    gates schema evidence lint    of the evidence that a gate collects
    gates schema log              of one line of `--log-format json`
    gates schema proof            of `gates prove --output-format json`
    gates schema command-proof    of `gates prove --output-format json -- COMMAND`
    gates schema diagnosis        of `gates diagnose --output-format json`
    gates schema reproduction     of `gates diagnose TEST --try FACTOR=VALUE --output-format json`
    gates schema answer           of `gates runs list` and `gates runs show` with `--output-format json`
    gates schema maintenance      of `gates runs verify`, `checkpoint`, `ingest`, `reconcile`, `backfill` and `retire`
    gates schema event            of one line of an event log, `.gates/events/RUN.jsonl`
    gates schema heads            of one line of `.gates/events/heads.jsonl`
    """
    if gate is not None and kind != "evidence":
        raise UsageError(f"`gates schema {kind}` takes no gate; `gates schema evidence {gate}` does")
    click.echo(json.dumps(_schema(kind, gate, directory), indent=2, ensure_ascii=True))
    return 0


def pyproject_schema(tool: str = "gates") -> dict[str, Any]:
    """The schema of `[tool.gates]` with the built-in gates: the entry point `validate_pyproject.tool_schema`.

    Raises:
        ValueError: another table than gates' own is asked for.
    """
    from gates.plugins.manager import registry

    if tool != "gates":
        raise ValueError(f"there is no schema for [tool.{tool}] here, only for [tool.gates]")
    made = _configuration(registry(third_party=False))
    # Which gates a project's own commands make is known only where the project is.
    made["properties"]["select"]["items"] = made["properties"]["ignore"]["items"] = {"type": "string"}
    return made


def _schema(kind: str, gate: str | None, directory: str) -> dict[str, Any]:
    from gates.config import schema

    if kind in DOCUMENTS:
        made: dict[str, Any] = getattr(importlib.import_module(DOCUMENTS[kind]), kind.replace("-", "_"))()
        return made
    registered = _registry(directory)
    if kind == "config":
        return _configuration(registered)
    if gate is None:
        raise UsageError(f"name a gate: gates schema evidence {next(iter(registered.gates))}")
    if gate not in registered.gates:
        from gates.config.fault import nearest

        raise UsageError(f"there is no gate {gate!r}; {nearest(gate, registered.gates)}")
    return schema.evidence(gate, registered.gates[gate].Evidence)


def _configuration(registered: Registry) -> dict[str, Any]:
    from gates.config import schema

    tables = {name: gate for name, gate in registered.gates.items() if name not in registered.commands}
    return schema.configuration(
        {name: gate.Settings for name, gate in tables.items()},
        {name: gate.title for name, gate in tables.items()},
        registered.commands,
    )


def _registry(directory: str) -> Registry:
    from gates.config import settings, source
    from gates.plugins.manager import registry
    from gates.project import facts

    start = Path(directory)
    if not start.is_dir():
        raise UsageError(f"there is no directory {directory!r}")
    root = facts.find(start).root
    read = source.read(root)
    return registry(settings.plugins(read), root, commands=settings.commands(read))
