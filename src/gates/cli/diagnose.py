"""`gates diagnose`: which factor, which culprit and which line make a test flaky, and the command that shows it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import diagnosing, options, output
from gates.errors import EXIT, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.model.diagnosis import DiagnosisReport, Reproduction

FORMATS = ("text", "json")


@click.command(short_help="Name what makes tests flaky: factor, culprit and line.")
@click.argument("tests", nargs=-1, metavar="[TEST]...")
@options.with_options(
    options.PROJECT,
    options.PYTHON,
    click.option("--time-budget", type=diagnosing.Span(), metavar="TIME", help="Stop after this: 90s, 10m, 1h30m."),
    click.option("--jobs", "-j", type=click.IntRange(min=1), help="Runs of pytest side by side."),
    click.option("--shard", type=options.ShardType(), help="Diagnose one part of the tests; --merge joins them."),
    click.option("--factor", multiple=True, metavar="NAME", help="Vary only this; may be given several times."),
    click.option("--no-sites", is_flag=True, help="Do not look for the lines that read a factor."),
    click.option(
        "--try",
        "tried",
        multiple=True,
        metavar="FACTOR=VALUE",
        help="Run TEST with and without this, and search nothing.",
    ),
    click.option(
        "--after", multiple=True, metavar="NODEID", help="Run TEST after this test and alone, and search nothing."
    ),
    click.option("--write-test", metavar="PATH", help="Write a test file that fails until the tests are mended."),
    click.option("--dry-run", is_flag=True, help="Print what --write-test would write, and write nothing."),
    click.option("--merge", is_flag=True, help="TEST are JSON documents of all shards: join them."),
    *options.LOGGING,
    click.option("--output-format", type=click.Choice(FORMATS), default="text"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write text or json here."),
)
def command(**given: Any) -> int:
    """Find out which factor, which culprit and which line make tests flaky.

    TEST is a node id, a file, a folder, or how node ids begin; without one all tests are screened, green or red. Tests
    run in throwaway copies of the project, whose environment needs nothing but pytest. With --try and --after nothing
    is searched: TEST runs three times as it is and three times in those circumstances.

    \b
    exit 0    nothing moved in these runs (or: TEST passes in those circumstances as without them)
    exit 1    at least one test is unstable
    exit 2    usage error: no such test, factor or value
    exit 3    no test is unstable and at least one is undecided, or nothing could be run
    """
    from gates.cli import recording

    _check(given)
    files = output.files(given["output_file"], FORMATS)
    prepared = options.prepare(given["directory"], {"python": given["python"]})
    own = options.own(prepared.registry.gates["determinism"])
    found: DiagnosisReport | Reproduction
    with recording.journal("diagnose", prepared, given["tests"]) as journal:
        if given["merge"]:
            found = own.merged(_documents(given["tests"]))
        elif given["tried"] or given["after"]:
            found = _tried(prepared, own, given)
        else:
            own.factors(given["factor"])
            found = _searched(prepared, own, given)
        journal.diagnosed(found, EXIT[found.verdict])
    for name, path in files.items():
        output.write(path, _rendered(found, name))
    _written(prepared, own, found, given)
    if given["output_format"] == "json":
        output.value(found)
    elif not given["dry_run"]:
        output.rendered(_rendered(found, "text"))
    return EXIT[found.verdict]


def _check(given: Mapping[str, Any]) -> None:
    """Refuse options that contradict each other, and a file that --write-test would replace."""
    trying = given["tried"] or given["after"]
    if given["dry_run"] and not given["write_test"]:
        raise UsageError("--dry-run is for --write-test: nothing else is written")
    if given["merge"]:
        _barred(given, "--merge", ("tried", "after", "factor", "shard", "time_budget"))
        if not given["tests"]:
            raise UsageError("--merge needs the JSON documents of all shards: gates diagnose --merge part-*.json")
    elif trying:
        _barred(given, "--try and --after", ("factor", "shard", "write_test"))
        if len(given["tests"]) != 1:
            raise UsageError(
                "--try and --after take one TEST: gates diagnose test_a.py::test_b --try timezone=Asia/Tokyo"
            )
    if given["write_test"] is not None:
        _free(given["write_test"])


def _barred(given: Mapping[str, Any], mode: str, names: tuple[str, ...]) -> None:
    for name in names:
        if given[name]:
            shown = {"tried": "try"}.get(name, name).replace("_", "-")
            raise UsageError(f"--{shown} has no meaning with {mode}")


def _free(path: str) -> None:
    """Refuse a path at which no test file can be written, or at which something is."""
    if not path.endswith(".py"):
        raise UsageError(f"--write-test {path}: write it into a Python file, such as tests/test_stable.py")
    if os.path.lexists(path):
        raise UsageError(f"--write-test {path}: there is such a file, and none is replaced")
    if not Path(path).parent.is_dir():
        raise UsageError(f"--write-test {path}: there is no directory {Path(path).parent}")


def _documents(names: tuple[str, ...]) -> dict[str, bytes]:
    found = {}
    for name in names:
        try:
            found[name] = Path(name).read_bytes()
        except OSError as error:
            raise UsageError(f"{name} cannot be read: {error.strerror or error}") from error
    return found


def _tried(prepared: Prepared, own: Any, given: Mapping[str, Any]) -> Reproduction:
    settings = own.settings(given["tried"])
    (nodeid,) = given["tests"]
    with _running(prepared, own, given) as means:
        found: Reproduction = own.tried(means, nodeid, settings, given["after"])
    return found


def _searched(prepared: Prepared, own: Any, given: Mapping[str, Any]) -> DiagnosisReport:
    asked = own.Asked(
        tests=given["tests"],
        factors=own.factors(given["factor"]),
        sites=not given["no_sites"],
        shard=given["shard"],
    )
    with _running(prepared, own, given) as means:
        found: DiagnosisReport = own.diagnose(means, asked)
    return found


def _written(prepared: Prepared, own: Any, found: Any, given: Mapping[str, Any]) -> None:
    """Write the test file, or print it; where no test is unstable there is nothing to write, which is said."""
    if given["write_test"] is None:
        return
    path = Path(given["write_test"]).absolute()
    try:
        below = path.parent.resolve().relative_to(prepared.project.root)
    except ValueError:
        raise UsageError(f"--write-test {given['write_test']}: it is outside of the project") from None
    if found.verdict != "failed":
        click.echo("gates: no test is written: none is unstable", err=True)
        return
    text = own.written(found, len(below.parts))
    if given["dry_run"]:
        click.echo(text, nl=False, err=given["output_format"] == "json")
        return
    output.write(path, text)
    click.echo(f"gates: wrote {given['write_test']}; to undo it, remove that file", err=True)


def _rendered(found: Any, form: str) -> str:
    if form == "json":
        return output.document(found) + "\n"
    from gates.model.diagnosis import Reproduction
    from gates.render.diagnosis import terminal, tried

    return tried.render(found) if isinstance(found, Reproduction) else terminal.render(found)


@contextmanager
def _running(prepared: Prepared, own: Any, given: Mapping[str, Any]) -> Iterator[Any]:
    said = diagnosing.telling(given["log_format"], quiet=given["quiet"], environ=prepared.environ)
    with said as told, diagnosing.means(prepared, given, told, own) as means:
        yield means
