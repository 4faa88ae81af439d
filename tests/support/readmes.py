"""READMEs: the commands of their blocks, what is shown of their output, and what a run prints of the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from support.commands import environment

BLOCK = re.compile(r"(?ms)^(?:<!-- run by (?P<test>\S+) -->\n)?```(?P<language>sh|console)\n(?P<text>.*?)^```$")
VARYING = (
    (r"(?m)^(\S+)(?: @ [0-9a-f]{7})?( \(dirty\))?  \S*python\S* 3\.\d+$", r"\1\2"),
    (r"(?:\d+ min )?\d+(?:\.\d+)? s\b|\bcached\b", "TIME"),
    (r"\b\d+ settings\b", "SETTINGS"),
    (r"\S*/python3? (?=-P -m)", "python "),
    (r"(?m)^index [0-9a-f]+\.\.[0-9a-f]+", "index"),
    (r"(?m)[ \t]{2,}(?=TIME|SETTINGS|\d+ \w+  )", " "),
    (r"(?m)(?<=\S) {2,}", " "),
    (r"(?m)\s+$", ""),
)


class Command(NamedTuple):
    """A command and what the page shows of its output; None where it shows nothing."""

    words: str
    shown: str | None


class Block(NamedTuple):
    """A block of commands, and the test that runs it where the block says so."""

    line: int
    test: str | None
    commands: tuple[Command, ...]


def blocks(page: Path) -> Iterator[Block]:
    """Every block of commands of a page; what follows a command of one for the console is its output."""
    text = page.read_text("utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text"))
        yield Block(line, found["test"], tuple(_commands(found["language"], found["text"])))


def _commands(language: str, text: str) -> Iterator[Command]:
    if language == "sh":
        yield from (Command(line, None) for line in text.splitlines() if line)
        return
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        words, _, shown = part.partition("\n")
        yield Command(words, shown or None)


def run(words: str, root: Path) -> subprocess.CompletedProcess[str]:
    """A line of a shell in `root`, where `python` and `gates` are those that run the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-c", words],
        cwd=root,
        env=environment({"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def alike(text: str) -> str:
    """The text without what differs from run to run: times, commits, interpreters, how wide columns are."""
    for pattern, put in VARYING:
        text = re.sub(pattern, put, text)
    return text.strip()
