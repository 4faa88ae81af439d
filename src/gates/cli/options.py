"""Options that several commands share, and the request that they make together."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.engine.observer import Observer
    from gates.engine.request import Request
    from gates.model.gate import Gate, Shard
    from gates.plugins.manager import Registry
    from gates.project.facts import Project

    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # generic only from click 8.4 on

F = TypeVar("F", bound=Callable[..., Any])


class Names(ParamType):
    """Gate or rule names separated by commas."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The names without blanks."""
        del param, ctx
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in str(value).split(",") if part.strip())


class ShardType(ParamType):
    """`2/4`: the second of four parts."""

    name = "i/n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        """The shard, or a usage error."""
        from gates.model.gate import Shard

        index, _, count = str(value).partition("/")
        if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
            self.fail(f"{value!r} is not a shard: write it as 2/4, the second of four", param, ctx)
        return Shard(index=int(index), count=int(count))


class LaneType(ParamType):
    """`linux`: a name that can be part of a file's."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, or a usage error."""
        from gates.config.checks import lane_problem

        problem = lane_problem(str(value))
        if problem is not None:
            self.fail(problem, param, ctx)
        return str(value)


class Moment(ParamType):
    """A moment in ISO 8601; without an offset it is UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment with its offset, or a usage error."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a moment: write it as 2026-12-31 or 2026-12-31T12:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


PROJECT = click.option(
    "--project", "directory", default=".", metavar="DIR", help="Judge the project in DIR instead of this folder."
)
PACKAGE = click.option(
    "--package",
    "-p",
    multiple=True,
    metavar="NAME",
    help="Of a workspace only the project of this name or folder; `.` is its root; repeatable.",
)
ALONE = click.option("--package", "-p", type=click.Choice(["."]), help="In the root of a workspace: of the root alone.")
SELECTION = (
    click.option("--select", type=Names(), metavar="GATES", help="Judge only these gates (comma separated)."),
    click.option("--ignore", type=Names(), metavar="GATES", help="Judge all but these."),
)
PYTHON = click.option("--python", metavar="EXE", help="The interpreter of the judged environment.")
LOGGING = (
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), default="text", help="Progress on stderr as this."
    ),
    click.option("--quiet", "-q", is_flag=True, help="Only what is red."),
)
TELLING = (
    click.option("--no-cache", is_flag=True, help="Collect all evidence anew."),
    click.option("--offline", is_flag=True, help="Make no network call; a gate that needs one is undecided."),
    *LOGGING,
    click.option("--verbose", "-v", count=True, help="Say more; twice for all."),
)
RUNNING = (
    PYTHON,
    click.option("--base", metavar="REF", help="Compare with this commit instead of the target branch."),
    click.option("--jobs", "-j", type=click.IntRange(min=1), help="Gates to run side by side."),
    *TELLING,
)


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """A decorator that adds options in the order in which they are written."""

    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A project with its gates and its configuration."""

    project: Project
    registry: Registry
    config: Config
    environ: Mapping[str, str]


def prepare(
    directory: str, flags: Mapping[str, Any], *, in_workspace: Callable[[Project], bool] = lambda _: False
) -> Prepared:
    """Find the project, its gates and its configuration; `flags` win over environment and file.

    Where the project is `in_workspace`, gates that `select` and `ignore` name and it does not have are left out:
    another project of the workspace may have them, which is for `gates.cli.workspace` to say.

    Raises:
        GatesError: the directory is no project, a plugin does not load, or the configuration is wrong.
    """
    from gates.config import settings, source
    from gates.plugins import manager
    from gates.project import facts

    start = Path(directory)
    if not start.is_dir():
        raise UsageError(f"there is no directory {directory!r}")
    environ = dict(os.environ)
    project = facts.find(start)
    read = source.read(project.root)
    registry = manager.registry(settings.plugins(read), project.root, commands=settings.commands(read))
    if any(flags.get(key) for key in ("select", "ignore")) and in_workspace(project):
        flags = {**flags, **{key: _known(flags.get(key), registry) for key in ("select", "ignore")}}
    config = settings.resolve(
        read,
        {name: gate.Settings for name, gate in registry.gates.items()},
        environ=environ,
        flags={name: value for name, value in flags.items() if value is not None},
        rules=tuple(registry.rules),
        unwaivable=registry.unwaivable,
        former=registry.former,
    )
    if config.members:
        from gates.cli import workspace

        # Looked up so that a name that matches nothing is refused, and not passed over.
        workspace.found(project)
    return Prepared(project=project, registry=registry, config=config, environ=environ)


def _known(names: tuple[str, ...] | None, registry: Registry) -> tuple[str, ...] | None:
    return None if names is None else tuple(name for name in names if name in registry.gates)


def configurable(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flags that the environment or the file may set too; a switch that was not given is None."""
    names = ("select", "ignore", "python", "jobs", "base", "offline", "output_format")
    return {name: None if given.get(name) is False else given.get(name) for name in names}


def approvals(prepared: Prepared, given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Rule and subject of each `--approve`.

    Raises:
        UsageError: one of them is not `RULE:SUBJECT`, or names no rule that can be approved.
    """
    if not given:
        return ()
    from gates.engine import approving

    return approving.parse(given, prepared.registry.rules)


def request(prepared: Prepared, observer: Observer, **wished: Any) -> Request:
    """The request for a run of the prepared project."""
    from gates.engine.request import Request

    return Request(
        project=prepared.project,
        gates=prepared.registry.gates,
        revisions=prepared.registry.revisions,
        config=prepared.config,
        environ=prepared.environ,
        observer=observer,
        base=prepared.config.base,
        offline=prepared.config.offline,
        **wished,
    )


def own(gate: Gate[Any, Any]) -> Any:
    """The module with what a gate's own commands ask of it, imported now."""
    (name,) = gate.commands
    return importlib.import_module(name)
