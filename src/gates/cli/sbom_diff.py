"""`gates sbom diff`: what changed between two bills of materials; the exit codes are those of `diff`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gates.cli import output
from gates.errors import FAILED, PASSED, UNDECIDED, UsageError
from gates.model.reason import Reason

FORMATS = ("text", "json", "markdown")


@click.command(short_help="Say what was added, removed or changed from one document to another.")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--output-format", type=click.Choice(FORMATS), default="text")
@click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write text, json or markdown here.")
def command(before: Path, after: Path, output_format: str, output_file: tuple[str, ...]) -> int:
    """Compare two CycloneDX documents in JSON, whoever made them; nothing is judged and no project is needed.

    Told are components that came and went, and other versions, licences and hashes of those that stayed.

    \b
    exit 0    there is no difference
    exit 1    there is one
    exit 2    a file is not there or cannot be read
    exit 3    one of them is no CycloneDX document, or has no component at all
    """
    files = output.files(output_file, FORMATS)
    found = _found(before, after)
    if isinstance(found, Reason):
        value: dict[str, Any] = {"schema_version": 1, "verdict": "undecided", "reason": found}
    else:
        verdict = "failed" if found["changes"] else "passed"
        value = {"schema_version": 1, "verdict": verdict, "reason": None, **found}
    for name, path in files.items():
        output.write(path, _rendered(value, name))
    if output_format == "json":
        output.value(value)
    else:
        output.rendered(_rendered(value, output_format))
    return {"passed": PASSED, "failed": FAILED}.get(value["verdict"], UNDECIDED)


def _found(before: Path, after: Path) -> Mapping[str, Any] | Reason:
    from gates.cli import options
    from gates.plugins import manager

    own = options.own(manager.registry(third_party=False).gates["sbom"])
    try:
        found: Mapping[str, Any] | Reason = own.difference(before, after)
    except OSError as error:
        raise UsageError(f"{error.filename or 'a document'} cannot be read: {error.strerror or error}") from error
    return found


def _rendered(value: Mapping[str, Any], form: str) -> str:
    if form == "json":
        return output.document(value) + "\n"
    if form == "markdown":
        from gates.render.sbom import markdown

        return markdown.difference(value)
    from gates.render.sbom import terminal

    return terminal.difference(value)
