"""Tracing: what the commands of `gates trace` share: the documents that are named, the judgement, and the output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import options, output
from gates.errors import EXIT, UsageError, nearest

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.request import Request

FORMS = ("text", "json")
NAME = "trace"

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

    Where the suite tells nothing, the documents are read without it: the verdict stays, and nobody knows which tests
    exist.

    Raises:
        GatesError: a document is not there, or the project cannot be judged.
    """
    directory, names = _located(given["directory"], documents)
    prepared = options.prepare(directory, options.configurable(given))
    own = options.own(prepared.registry.gates[NAME])
    if names:
        found = [one.relative_to(prepared.project.root).as_posix() for one in names]
        prepared = _with(prepared, own.only(prepared.config.gates[NAME], found, prepared.project))
        if not prepared.project.layout.python:
            prepared = _with(prepared, own.without_tests(prepared.config.gates[NAME]))
    traced = _judged(prepared, own, given)
    settings: Any = prepared.config.gates[NAME]
    if traced.value["items"] or not settings.tests:
        return traced
    return _read_alone(traced, prepared, own, given)


def _judged(prepared: Prepared, own: Any, given: Mapping[str, Any]) -> Traced:
    from gates.cli import progress
    from gates.engine import session

    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=(NAME,), python=given["python"], use_cache=not given["no_cache"]
    )
    judgement = session.judge(request)
    (report,) = [one for one in judgement.report.gates if one.name == NAME]
    facts = judgement.evidence.get(NAME)
    now = datetime.fromisoformat(judgement.report.run.started)
    tables = {} if facts is None else own.tables(facts, prepared.config.gates[NAME], now)
    return Traced(value=own.document(tables, report), own=own, request=request)


def _read_alone(traced: Traced, prepared: Prepared, own: Any, given: Mapping[str, Any]) -> Traced:
    """What the documents say by themselves, under the verdict that there was."""
    found = _judged(_with(prepared, own.without_tests(prepared.config.gates[NAME])), own, given).value
    if not found["items"]:
        return traced
    reason = traced.value["reason"]
    tests = {**found["tests"], "reason": found["tests"]["reason"] if reason is None else reason.message}
    said = {name: traced.value[name] for name in ("verdict", "reason")}
    return msgspec.structs.replace(traced, value={**found, **said, "tests": tests})


def _with(prepared: Prepared, settings: Any) -> Prepared:
    config = msgspec.structs.replace(prepared.config, gates={**prepared.config.gates, NAME: settings})
    return msgspec.structs.replace(prepared, config=config)


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
