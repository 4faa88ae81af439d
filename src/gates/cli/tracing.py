"""Tracing: what the commands of `gates trace` share: the documents that are named, the judgement, and the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import options, output
from gates.errors import FAILED, PASSED, UNDECIDED, UsageError, nearest

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.request import Request

EXIT = {"passed": PASSED, "failed": FAILED, "undecided": UNDECIDED}
FORMS = ("text", "json")

Value = Mapping[str, Any]


class Traced(msgspec.Struct, frozen=True):
    """What JSON has of the whole matrix, and what it was asked with."""

    value: Value
    own: Any
    request: Request

    @property
    def code(self) -> int:
        """The gate's exit code."""
        return EXIT[self.value["verdict"]]


def output_options(*forms: str) -> tuple[Callable[[Any], Any], ...]:
    """The two options that say in which form, and where to."""
    return (
        click.option("--output-format", type=click.Choice(forms), default=forms[0]),
        click.option(
            "--output-file", multiple=True, metavar="FORMAT=PATH", help=f"Also write {', '.join(forms)} here."
        ),
    )


def judged(given: Mapping[str, Any], documents: Sequence[str] = ()) -> Traced:
    """The matrix of a project, or of these documents alone.

    Raises:
        GatesError: a document is not there, or the project cannot be judged.
    """
    from gates.cli import progress
    from gates.engine import session

    directory, names = _located(given["directory"], documents)
    prepared = options.prepare(directory, options.configurable(given))
    own = options.own(prepared.registry.gates["trace"])
    if names:
        prepared = _narrowed(prepared, own, names)
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=("trace",), python=given["python"], use_cache=not given["no_cache"]
    )
    judgement = session.judge(request)
    (report,) = [one for one in judgement.report.gates if one.name == "trace"]
    facts = judgement.evidence.get("trace")
    gate, settings = prepared.registry.gates["trace"], prepared.config.gates["trace"]
    tables = {} if facts is None else gate.tables(facts, settings)
    return Traced(value=own.document(tables, report), own=own, request=request)


def shown(given: Mapping[str, Any], value: Value, render: Callable[[str], str], forms: Sequence[str]) -> None:
    """Write a value to the files that were asked for, and print it.

    Raises:
        OutputError: a file cannot be written.
    """
    files = output.files(given["output_file"], forms)

    def rendered(form: str) -> str:
        return output.document(value) + "\n" if form == "json" else render(form)

    for form, path in files.items():
        output.write(path, rendered(form))
    if given["output_format"] == "json":
        output.value(value)
    else:
        output.rendered(rendered(given["output_format"]))


def _located(directory: str, documents: Sequence[str]) -> tuple[str, list[Path]]:
    """The folder whose project is judged, and the documents in full.

    Documents that are not in the project of `directory` are read as those of their own folder.
    """
    if not documents:
        return directory, []
    start = Path(directory)
    found = [_existing(start, one) for one in documents]
    from gates.project import facts

    if start.is_dir() and all(one.is_relative_to(facts.find(start).root) for one in found):
        return directory, found
    return str(_above(found)), found


def _above(found: Sequence[Path]) -> Path:
    """The nearest folder that all of them are in."""
    return next(folder for folder in found[0].parents if all(one.is_relative_to(folder) for one in found))


def _existing(start: Path, name: str) -> Path:
    from gates.cli.trace import COMMANDS

    place = (start / name).resolve()
    if place.is_file():
        return place
    if name in COMMANDS:
        raise UsageError(f"options stand behind the command: gates trace {name} …; a document is named ./{name}")
    close = nearest(name, COMMANDS)
    hint = f"; did you mean the command {close!r}?" if close else ""
    what = "is a folder; name the documents in it" if place.is_dir() else "is not there"
    raise UsageError(f"the document {name!r} {what}{hint}")


def _narrowed(prepared: Prepared, own: Any, documents: Sequence[Path]) -> Prepared:
    root = prepared.project.root
    names = tuple(one.relative_to(root).as_posix() for one in documents)
    held = prepared.config.gates
    config = msgspec.structs.replace(prepared.config, gates={**held, "trace": own.only(held["trace"], names)})
    return msgspec.structs.replace(prepared, config=config)
