"""`gates bench compare`: every benchmark's change, its interval and its verdict; the exit code is the gate's."""

from __future__ import annotations

from typing import Any

import click

from gates.cli import options, output
from gates.errors import EXIT

FORMATS = ("text", "json", "markdown", "svg")


@click.command(short_help="Show each benchmark's change since base, with its interval and verdict.")
@options.with_options(
    options.PROJECT,
    *options.RUNNING,
    click.option("--output-format", type=click.Choice(FORMATS[:3]), default="text"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write json, markdown or svg here."),
)
def command(**given: Any) -> int:
    """Measure base and head side by side and show every benchmark.

    It judges the gate `bench` too, and exits with its code as `gates check bench` does.
    """
    from gates.cli import progress
    from gates.engine import session

    files = output.files(given["output_file"], FORMATS)
    prepared = options.prepare(given["directory"], options.configurable(given))
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=("bench",), python=given["python"], use_cache=not given["no_cache"]
    )
    judgement = session.judge(request)
    (report,) = [one for one in judgement.report.gates if one.name == "bench"]
    facts = judgement.evidence.get("bench")
    gate = prepared.registry.gates["bench"]
    tables = {} if facts is None else gate.tables(facts, prepared.config.gates["bench"])
    value = {"schema_version": 1, "verdict": report.verdict, "reason": report.reason, **tables}

    def rendered(form: str) -> str:
        if form == "json":
            return output.document(value) + "\n"
        if form == "svg":
            from gates.render.bench import picture

            return picture.render(tables)
        if form == "markdown":
            from gates.render.bench import markdown

            return markdown.render(tables, report.verdict, report.reason)
        from gates.render.bench import terminal

        return terminal.render(tables, report.verdict, report.reason)

    for name, path in files.items():
        output.write(path, rendered(name))
    if given["output_format"] == "json":
        output.value(value)
    else:
        for line in rendered(given["output_format"]).splitlines():
            output.line(line)
    return EXIT[report.verdict]
