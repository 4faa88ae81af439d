"""Log: the workflow commands in what a step printed, taken as the runner takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

KNOWN = frozenset(
    {
        *(
            "set-output",
            "save-state",
            "set-env",
            "add-path",
            "add-mask",
            "error",
            "warning",
            "notice",
            "debug",
            "group",
        ),
        *("endgroup", "echo", "add-matcher", "remove-matcher", "stop-commands"),
    }
)
SECOND = re.compile(r"\s*::(?P<name>[\w-]+)(?P<properties> [^\r\n]*?)?::(?P<data>.*)", re.DOTALL)
FIRST = re.compile(r"##\[(?P<name>[\w-]+)(?P<properties> [^\]]*)?\](?P<data>.*)", re.DOTALL)
PER_KIND = 10
ANNOTATIONS = ("error", "warning", "notice")


@dataclass(frozen=True)
class Command:
    """One workflow command."""

    name: str
    properties: Mapping[str, str]
    data: str


@dataclass
class Heard:
    """What the runner took from a step's output: every command but those that only stop and start listening."""

    commands: list[Command] = field(default_factory=list)

    @property
    def annotations(self) -> list[Command]:
        """The annotations that GitHub shows: ten of a kind."""
        return [one for kind in ANNOTATIONS for one in [two for two in self.commands if two.name == kind][:PER_KIND]]


def listen(text: str) -> Heard:
    """Take the commands of one step."""
    heard, silent_until = Heard(), ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if silent_until:
            if line.strip() == f"::{silent_until}::":
                silent_until = ""
            continue
        command = _command(line)
        if command is None:
            continue
        if command.name == "stop-commands":
            assert command.data not in {"", "pause-logging", *KNOWN}, "the runner refuses such a token"
            silent_until = command.data
        else:
            heard.commands.append(command)
    assert not silent_until, "the runner was never told to listen again"
    return heard


def _command(line: str) -> Command | None:
    second = SECOND.match(line)
    if second and second["name"].lower() in KNOWN:
        return _made(second, ",", (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")))
    first = FIRST.search(line)
    if first and first["name"].lower() in KNOWN:
        return _made(first, ";", (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")))
    return None


def _made(match: re.Match[str], between: str, marks: tuple[tuple[str, str], ...]) -> Command:
    properties = {}
    for pair in filter(None, (match["properties"] or "").strip().split(between)):
        name, _, value = pair.partition("=")
        properties[name] = _plain(value, marks)
    return Command(match["name"].lower(), properties, _plain(match["data"], marks))


def _plain(text: str, marks: tuple[tuple[str, str], ...]) -> str:
    for mark, character in marks:
        text = text.replace(mark, character)
    return text
