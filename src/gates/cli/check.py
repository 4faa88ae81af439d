"""`gates check`: judge the project, render the report, exit with its code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, workspace
from gates.errors import GatesError, OutputError, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.joined import Joined
    from gates.engine.session import Judgement
    from gates.model.report import Report
    from gates.process.redact import Redactor
    from gates.project.facts import Project


REPORTING = (
    click.option("--output-format", metavar="FORMAT", help="full (default), concise, json, sarif, junit, github, …"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write the report here; repeatable."),
    click.option("--allow-undecided", type=options.Names(), metavar="GATES", help="Accept that these cannot decide."),
    click.option(
        "--approve",
        multiple=True,
        metavar="RULE:SUBJECT",
        help="Let a change of the judging through; repeatable. Counts while what calls gates is as on the base.",
    ),
    click.option("--as-of", type=options.Moment(), metavar="TIME", help="Decide as if it were this moment."),
)


@click.command(short_help="Judge the project: exit 0 only if every judged gate passed.")
@click.argument("gates", nargs=-1, metavar="[GATE]...")
@options.with_options(
    options.PROJECT,
    options.PACKAGE,
    *options.SELECTION,
    *options.RUNNING,
    *REPORTING,
    click.option("--plan", "plan_only", is_flag=True, help="Show what would run, and why, and run nothing."),
)
def command(**given: Any) -> int:
    """Judge the project you stand in; in the root of a workspace its members too.

    \b
    exit 0    every judged gate passed
    exit 1    at least one gate failed
    exit 2    usage or configuration error
    exit 3    no gate failed, at least one could not decide
    exit 4    internal error
    exit 5    nothing was judged
    """
    if given["plan_only"]:
        from gates.cli import plan

        prepared = _prepare(given)
        as_json = _format(given, prepared) == "json"
        whole = workspace.of(prepared, given["package"], options.configurable(given))
        if whole is None:
            return plan.show(prepared, given["gates"], as_json=as_json)
        from gates.cli import check_workspace

        return plan.show_workspace(check_workspace.asked(whole, given), as_json=as_json)
    return reporting("check", given, lambda prepared: _judge(prepared, given))


def reporting(command: str, given: dict[str, Any], judge: Callable[[Prepared], Judgement | Joined]) -> int:
    """Judge, write every report that was asked for, and return the exit code; an error is reported in them too."""
    from gates.cli import output, recording

    prepared = judgement = journal = None
    files: dict[str, Path] = {}
    with ExitStack() as recorded:
        try:
            files = output.paths(given["output_file"])
            output.emptied(files.values())
            _refuse_in_ci(given["allow_undecided"])
            prepared = _prepare(given)
            _known([_format(given, prepared), *files], prepared)
            _exist(given["allow_undecided"] or (), prepared)
            journal = recorded.enter_context(recording.journal(command, prepared, given.get("gates", ())))
            judgement = judge(prepared)
            report = judgement.report
        except GatesError as error:
            from gates.engine import failure

            report = failure.report(error, _hiding(prepared))
            if isinstance(error, OutputError):
                files = {}
        except Exception as error:  # noqa: BLE001 - what is written for a machine must not be an older run's verdict
            report = _crashed(error, given, _hiding(prepared))
        if journal is not None:
            journal.judged(report, judgement)
    _emit(report, prepared, files, given, judgement)
    return report.exit_code


def _hiding(prepared: Prepared | None) -> Redactor:
    """What hides secrets: as the project wishes, where its configuration could be read."""
    from gates.process.redact import redactor

    if prepared is None:
        return redactor(dict(os.environ))
    wished = prepared.config.redact
    return redactor(prepared.environ, profile=wished.profile, patterns=wished.patterns)


def _crashed(error: Exception, given: dict[str, Any], hiding: Redactor) -> Report:
    """The report of an internal error, with the crash log named."""
    from gates.engine import crash, failure
    from gates.errors import InternalError

    log = crash.log(error, Path(given["directory"]), hiding, where="gates")
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    return failure.report(InternalError(f"internal error: {what}; please report it with the log {log}"), hiding)


def _prepare(given: dict[str, Any]) -> Prepared:
    def in_workspace(project: Project) -> bool:
        return "plan_only" in given and bool(workspace.found(project))

    return options.prepare(given["directory"], options.configurable(given), in_workspace=in_workspace)


def _format(given: dict[str, Any], prepared: Prepared | None) -> str:
    configured = os.environ.get("GATES_OUTPUT_FORMAT") if prepared is None else prepared.config.output_format
    return given["output_format"] or configured or "full"


def _judge(prepared: Prepared, given: dict[str, Any]) -> Judgement | Joined:
    whole = workspace.of(prepared, given["package"], options.configurable(given))
    if whole is not None:
        from gates.cli import check_workspace

        return check_workspace.judge(whole, given)
    from gates.cli import progress
    from gates.engine import session

    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    moment: datetime | None = given["as_of"]
    request = options.request(
        prepared,
        watching,
        named=given["gates"],
        python=given["python"],
        use_cache=not given["no_cache"],
        as_of=moment,
        allow_undecided=given["allow_undecided"] or (),
        approve=options.approvals(prepared, given["approve"]),
    )
    return session.judge(request)


def _exist(names: tuple[str, ...], prepared: Prepared) -> None:
    from gates.engine.plan import nearest

    for name in names:
        if name not in prepared.registry.gates:
            raise UsageError(f"--allow-undecided: there is no gate {name!r}{nearest(name, prepared.registry.gates)}")


def _refuse_in_ci(allowed: tuple[str, ...] | None) -> None:
    if allowed and os.environ.get("CI"):
        raise UsageError("--allow-undecided is refused where CI is set: a gate that cannot decide is red there")


def _known(names: list[str], prepared: Prepared | None = None) -> None:
    from gates.render import formats

    for name in names:
        formats.check(name, {} if prepared is None else prepared.registry.renderers)


def _emit(
    report: Report,
    prepared: Prepared | None,
    files: dict[str, Path],
    given: dict[str, Any],
    judgement: Judgement | Joined | None,
) -> None:
    from gates.cli import output

    gates = [] if prepared is None else list(prepared.registry.gates.values())
    gates += [] if judgement is None else [one.gate for one in judgement.planned]
    writing = output.Writing(
        report=report,
        rules=tuple(rule for gate in gates for rule in gate.rules),
        renderers={} if prepared is None else prepared.registry.renderers,
        prefix=prefix(prepared),
        verbosity=-1 if given["quiet"] else given["verbose"],
        judged=judgement,
        root=None if prepared is None else prepared.project.root,
    )
    for name, path in files.items():
        writing.to_file(name, path)
    writing.to_stream(_shown(given, prepared), sys.stdout)


def prefix(prepared: Prepared | None) -> str:
    """The project's place in its repository, which annotations and SARIF need: `""` at the top or outside git."""
    if prepared is None or prepared.project.git is None:
        return ""
    return prepared.project.git.prefix


def _shown(given: dict[str, Any], prepared: Prepared | None) -> str:
    """The format on stdout; an error about the format itself is told in the terminal form."""
    wished = _format(given, prepared)
    try:
        _known([wished], prepared)
    except GatesError:
        return "full"
    return wished
