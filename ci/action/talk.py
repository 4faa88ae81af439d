"""Talk: how the action speaks to the runner, so that nothing which others wrote can speak to it too."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from refusal import Refused

SUMMARY_LIMIT = 1_000_000
"""Bytes; GitHub drops a summary above 1 MiB whole."""

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_OURS = re.compile(r"::(?:error|warning|notice)(?: [^\r\n]*?)?::")


def shown(text: str) -> str:
    """`text` as one line in which nothing acts on a terminal."""
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say(text: str) -> None:
    """Print one line that is no workflow command, whatever it holds."""
    line = re.sub(r"^(\s*):(?=:)", r"\1\\x3a", shown(text)).replace("##[", "##\\x5b")
    _write(line + "\n")


def annotate(kind: str, title: str, message: str) -> None:
    """Print an annotation."""
    _write(f"::{kind} title={_property(shown(title))}::{_data(shown(message))}\n")


def relay(text: str) -> None:
    """Print the annotations among the lines of a report that gates rendered for GitHub, and no other command."""
    for line in text.split("\n"):
        if _OURS.match(line) and "##[" not in line and "\r" not in line:
            _write(line + "\n")


def mask(secret: str) -> None:
    """Have the runner hide a secret in all that is printed from here on."""
    _write(f"::add-mask::{secret}\n")


@contextmanager
def deaf() -> Iterator[None]:
    """Inside, the runner takes nothing for a command: tools, builds and tests of the judged change print here."""
    token = f"gates-{secrets.token_hex(16)}"
    _write(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        _write(f"\n::{token}::\n")


def outputs(environ: Mapping[str, str], values: Mapping[str, str], to: str = "GITHUB_OUTPUT") -> None:
    """Append values to one of the runner's files, each between marks that nobody could foresee.

    Raises:
        Refused: there is no such file, so that what later steps go by would be lost without a word.
    """
    place = environ.get(to)
    if not place:
        raise Refused(f"the runner has no file for {to}", "run the action as a step of a workflow")
    with Path(place).open("a", encoding="utf-8", newline="\n") as file:
        for name, value in values.items():
            mark = f"gates_{secrets.token_hex(16)}"
            file.write(f"{name}<<{mark}\n{value}\n{mark}\n")


def summary(environ: Mapping[str, str], text: str) -> None:
    """Append Markdown to the step's summary, cut at a line where it would not fit."""
    place = environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    data = text.encode("utf-8", "backslashreplace")
    if len(data) > SUMMARY_LIMIT:
        kept = data[: SUMMARY_LIMIT - 200].rpartition(b"\n")[0]
        data = kept + b"\n\n**Cut:** the rest did not fit into the summary. The report has it all.\n"
    with Path(place).open("ab") as file:
        file.write(data)


def markdown(text: str) -> str:
    """One line of plain text for Markdown, without Markdown or HTML in it."""
    plain = shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*_{}\[\]#|~!]", r"\\\g<0>", plain).replace("$", "&#36;")


def _data(text: str) -> str:
    return text.replace("##[", "##\\x5b").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _write(text: str) -> None:
    stream = sys.stdout.buffer
    stream.write(text.encode("utf-8", "backslashreplace"))
    stream.flush()
