"""The command group, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import click

from gates import __version__
from gates.errors import INTERNAL, INTERRUPTED, USAGE, GatesError, nearest
from gates.process import quiet
from gates.process.register import register

COMPLETION = "_GATES_COMPLETE"
"""Set by a shell that asks for completion; click derives the name from that of the program."""

COMMANDS = {
    "everyday": ("check", "explain", "init", "list"),
    "adopt": ("baseline", "waive", "schema"),
    "prove": ("prove", "diagnose"),
    "gate": ("bench", "coverage", "provenance", "release", "repro", "sbom", "trace"),
    "record": ("collect", "merge", "runs", "mcp"),
}
TOGETHER = {"gate": "what it shows", "record": "decide on what machines collected; look it up"}
"""Occasions whose commands share a line of the help, with what all of them are for."""

MODULES = {"list": "gates.cli.listing"}


class Ended(Exception):  # noqa: N818 - not always an error
    """What ended a command, told past click, which prints at ^C and takes a broken pipe for an exit of its own."""

    def __init__(self, origin: BaseException) -> None:
        super().__init__(str(origin))
        self.origin = origin


@contextmanager
def past_click() -> Iterator[None]:
    """Inside, what click would change is raised as `Ended`."""
    try:
        yield
    except (KeyboardInterrupt, EOFError, OSError) as error:
        raise Ended(error) from error


class LazyGroup(click.Group):
    """A group that imports a command when it is called, so that `--version` and `--help` import none."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of a call."""
        with past_click():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """What the command returns."""
        with past_click():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the manual."""
        del ctx
        return [name for names in COMMANDS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(MODULES.get(cmd_name, f"gates.cli.{cmd_name}"))
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, under the name that it had before too, or a usage error that names the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            args = _renamed(args)
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            close = nearest(args[0], self.list_commands(ctx))
            hint = f", did you mean {close!r}?" if close else "; `gates --help` shows them all"
            raise click.UsageError(f"there is no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands by occasion, a line each, some in one, and no empty lines: they are to fit one screen."""
        formatter.write_paragraph()
        for occasion, names in COMMANDS.items():
            formatter.write(f"{occasion.capitalize()}:\n")
            found = ((name, self.get_command(ctx, name)) for name in names)
            with formatter.indentation():
                if occasion in TOGETHER:
                    formatter.write_text(f"{', '.join(names)}: {TOGETHER[occasion]}")
                else:
                    formatter.write_dl([(name, one.get_short_help_str(65)) for name, one in found if one is not None])


def _renamed(args: list[str]) -> list[str]:
    """The arguments with the successor of a command that has another name now, which is said."""
    from gates.config import renames

    found = renames.successor(args[0], renames.COMMANDS)
    if found is None:
        return args
    say(f"gates: {renames.note(found.old, found.new, found.until)}")
    return [found.new, *args[1:]]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="gates", message="%(prog)s %(version)s")
def gates() -> None:
    """Judge a Python project: a gate that cannot decide is red, and says why."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its code: the codes are listed in the reference under `gates check`."""
    with_interrupts()
    register.open()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if COMPLETION in os.environ:
        # click answers the shell and exits by itself; nothing is judged.
        gates.main(arguments, prog_name="gates")
    try:
        code = gates.main(arguments, prog_name="gates", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        shown.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = USAGE
    except GatesError as error:
        say(f"gates: {_redacted(str(error))}")
        code = USAGE
    except BaseException as error:  # noqa: BLE001 - the last resort: a crash log and a code of its own
        code = unexpected(error.origin if isinstance(error, Ended) else error, arguments)
    finish(code if isinstance(code, int) else 0)


def finish(code: int) -> NoReturn:
    """Flush and exit; a stream that cannot be flushed does not turn red into a traceback."""
    lost = False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            lost = True
    # A gate's thread that hangs in Python code must not keep the process from ending, and what cannot be flushed
    # must not change the code.
    if lost or _hanging():
        os._exit(code or (INTERNAL if lost else 0))
    sys.exit(code)


def interrupted() -> int:
    """End every child for good, say so, and return the code of an interruption."""
    quiet.handle(quiet.deaf)
    from gates.process.child import end_all
    from gates.project import git

    git.end()
    gone = end_all(closing=True)
    # Nothing is left that a second ^C could orphan: from here on it ends this process at once.
    quiet.handle(signal.SIG_DFL)
    if gone:
        say("gates: interrupted; every process that was started has been ended")
    else:
        say("gates: interrupted; a process that was started could not be ended and may still run")
    return INTERRUPTED


def unheard() -> int:
    """The code for when whoever read the output has gone: nothing can be told, and nothing may be claimed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return INTERNAL


def unexpected(error: BaseException, arguments: Sequence[str]) -> int:
    """The code for what no command raises on purpose: a request to end, a reader that is gone, or a bug."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return interrupted()
    if isinstance(error, BrokenPipeError):
        return unheard()
    return crashed(error, arguments)


def crashed(error: BaseException, arguments: Sequence[str]) -> int:
    """Write a crash log, say where it is, and return the code of an internal error."""
    from gates.cli import crash

    what = _redacted(f"{type(error).__name__}: {error}")
    try:
        say(f"gates: internal error: {what}; please report it with the log {crash.log(error, arguments)}")
    except OSError as full:
        say(f"gates: internal error: {what}; no log could be written: {full.strerror or full}")
    return INTERNAL


def _redacted(text: str) -> str:
    from gates.process.redact import redactor

    return redactor(dict(os.environ)).text(text)


def with_interrupts() -> None:
    """Make every request to end, a closed terminal's too, end the children as ^C does."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    quiet.handle(interrupt)
    if hasattr(signal, "SIGCHLD"):
        # Where a parent ignores it, the exit code of every child would be lost.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def say(text: str) -> None:
    """One line on standard error in which nothing acts on a terminal or on a CI, if it can still be written."""
    from gates.render import escape

    shown = escape.commands(escape.line(text))
    with suppress(OSError, ValueError):
        click.echo(escape.encodable(shown, sys.stderr.encoding or "utf-8"), err=True)


def _hanging() -> bool:
    import threading

    return any(thread.daemon and thread.name.startswith("gate ") for thread in threading.enumerate())


if __name__ == "__main__":
    main()
