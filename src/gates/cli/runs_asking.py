"""Asking: a question is put to the record of a project, and the answer printed with its exit code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import app, output
from gates.cli.options import ParamType
from gates.errors import NOTHING_JUDGED, PASSED, UNDECIDED, UsageError

if TYPE_CHECKING:
    from gates.record.asked.documents import AnyAnswer

FORM = click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
TRACE = r"[0-9a-f]{32}"


class Since(ParamType):
    """`2h`, `3d`, `2026-11-01` or a moment in ISO 8601, as the stamps in the record are written."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The moment in UTC, or a usage error."""
        from gates.record.asked import since

        try:
            return since.moment(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class TraceType(ParamType):
    """The 32 hexadecimal digits of a trace."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The trace, or a usage error."""
        if re.fullmatch(TRACE, str(value)) is None:
            self.fail(f"{value!r} is no trace: it is 32 hexadecimal digits, as `gates runs show` has it", param, ctx)
        return str(value)


def asked(given: dict[str, Any], question: str, **wishes: Any) -> int:
    """Put a question to the record, print the answer in the form that was asked for, and return the exit code.

    Raises:
        UsageError: there is no such folder, or the question names what is not in the record.
    """
    answer, text, code = _answered(_root(given["directory"]), question, wishes)
    if given["output_format"] == "json":
        output.value(answer)
    else:
        output.rendered(text)
    return code


def _answered(root: Path, question: str, wishes: dict[str, Any]) -> tuple[AnyAnswer, str, int]:
    """The answer, the same as text, and the exit code."""
    from gates.cli import runs_questions
    from gates.model.reason import Reason
    from gates.record.asked import opening
    from gates.record.stored.errors import StoreError
    from gates.render.runs import words

    ask, form = runs_questions.QUESTIONS[question]
    try:
        store, notes = opening.opened(root)
        with store:
            reply = ask(store, runs_questions.Wished(**wishes, width=output.width(sys.stdout)))
    except StoreError as error:
        reason = Reason(code="unreadable", message=error.message, fix="gates runs ingest --rebuild")
        return form(reason=reason), words.sentence(f"undecided: {error.message}"), UNDECIDED
    for note in notes:
        app.say(f"gates: {note}")
    answer = msgspec.structs.replace(reply.answer, notes=notes)
    if reply.nothing:
        reason = Reason(code="nothing_examined", message=reply.nothing, fix="gates check")
        empty = msgspec.structs.replace(answer, reason=reason)
        return empty, words.sentence(reply.nothing), NOTHING_JUDGED
    return msgspec.structs.replace(answer, verdict="passed"), reply.text, PASSED


def _root(directory: str) -> Path:
    """The root of the project in a folder, where its record is."""
    from gates.project import facts

    start = Path(directory)
    if not start.is_dir():
        raise UsageError(f"there is no directory {directory!r}")
    return facts.find(start).root
