"""`gates mcp`: the record, asked by programs over the Model Context Protocol."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from gates.cli import app, explain, options
from gates.errors import PASSED, UNDECIDED
from gates.process import quiet

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.record.mcp.tools import Desk

LIBRARIES = ("mcp", "mcp_types", "anyio")
INSTALL = "pip install 'pytest-vltair[mcp]'"


@click.command(short_help="Let programs ask the record (MCP).")
@options.with_options(options.PROJECT)
def command(directory: str) -> int:
    """Serve the record to programs that speak the Model Context Protocol, such as coding assistants.

    It is started by the program that asks, and ends when that closes standard input. Its tools look up recorded runs
    and explain rules: they run no gate, and change no file but the store in `.gates`, which is made from the logs.
    """
    try:
        from gates.record.mcp import server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in LIBRARIES:
            raise
        app.say(f"gates: undecided: the library that speaks the protocol is missing or too old: {INSTALL}")
        return UNDECIDED
    from gates.process import child

    desk = _desk(directory, options.prepare(directory, {}))
    if sys.stdin.isatty():
        app.say("gates: the Model Context Protocol is spoken here: a client starts this, ^C ends it")
    # The thread that reads standard input cannot be woken, and a normal exit would wait for it.
    quiet.handle(lambda _number, _frame: os._exit(app.interrupted()))
    try:
        server.serve(desk, lambda error: _crashed(error, directory))
    finally:
        child.end_all(closing=True)
    return PASSED


def _desk(directory: str, prepared: Prepared) -> Desk:
    from gates.engine.observer import Silent
    from gates.record.mcp.logs import Logs
    from gates.record.mcp.tools import Desk
    from gates.render import escape
    from pytest_vltair import personal

    redactor = options.request(prepared, Silent()).redactor
    strict = prepared.config.record.profile == "strict"

    def safe(text: str) -> str:
        return escape.line(personal.scrub(redactor.text(text), strict=strict))

    def explained(code: str) -> Mapping[str, Any]:
        # Anew each time: the settings and the plugins may have changed since the server started.
        return explain.explained(options.prepare(directory, {}), code)

    return Desk(logs=Logs(prepared.project.root), safe=safe, explain=explained)


def _crashed(error: BaseException, directory: str) -> str:
    app.crashed(error, ("mcp", "--project", directory))
    return f"internal error: {type(error).__name__}: {error}; the server's standard error names a log of it"
