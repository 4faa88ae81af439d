"""Events: what a process of a trial says of itself, a JSON object a line, and how the lines of a trial are read."""

# ruff: noqa: PTH103, PTH110, PTH120, PTH123, PTH207

from __future__ import annotations

import glob
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from .stacks import hung

LINES, STACK = ".jsonl", ".stack"


class Writer:
    """Writes each event as it happens, by this process only: what was forked from it stays silent.

    What it calls is bound here: tests replace functions of modules, and feigned file systems have no descriptors.
    """

    def __init__(self, prefix: str) -> None:
        os.makedirs(os.path.dirname(prefix) or os.curdir, exist_ok=True)
        self.name = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.stack_path = f"{prefix}.{self.name}{STACK}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(f"{prefix}.{self.name}{LINES}", flags, 0o600)
        self._write, self._getpid, self._dumps = os.write, os.getpid, json.dumps
        self._pid = os.getpid()
        self.monotonic: Callable[[], float] = time.monotonic
        self.nodeid = ""
        self.turn = 0

    def write(self, event: str, **fields: object) -> None:
        """Write one event."""
        if self._getpid() != self._pid:
            return
        line = self._dumps({"e": event, **fields}, default=str)
        left = line.encode("ascii", "backslashreplace") + b"\n"
        try:
            while left:
                left = left[self._write(self._file, left) :]
        except OSError:  # the test has closed what it did not open
            pass

    def note(self, event: str | Mapping[str, Any], **fields: object) -> None:
        """Write an event of the test that runs; it is a name and fields, or an object with its name as `e`."""
        said = {"e": event, **fields} if isinstance(event, str) else {**event, **fields}
        said.setdefault("id", self.nodeid)
        self.write(str(said.pop("e")), **said)


def read(prefix: str, root: str) -> list[dict[str, Any]]:
    """Every event of a trial, of one process after the other, each with the `worker` that said it.

    A process that was stopped while it held the interpreter's lock has left a stack, which is its event `hung`. A line
    that was cut off is none.
    """
    found: list[dict[str, Any]] = []
    for path in sorted(glob.glob(glob.escape(prefix) + ".*" + LINES)):
        said = _lines(path)
        if not any(one["e"] == "hung" for one in said):
            said += _stopped(path.removesuffix(LINES) + STACK, root, said)
        worker = path.removesuffix(LINES).rpartition(".")[2]
        found += [{**one, "worker": worker} for one in said]
    return found


def _lines(path: str) -> list[dict[str, Any]]:
    found = []
    with open(path, encoding="ascii", errors="replace") as stream:
        for line in stream:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and isinstance(event.get("e"), str):
                found.append(event)
    return found


def _stopped(path: str, root: str, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The event of a process that had no time to write it."""
    ran = [one for one in said if one["e"] in {"begun", "ended"}]
    if not ran or ran[-1]["e"] != "begun" or not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    if "File " not in text:
        return []
    return [{"e": "hung", "id": ran[-1]["id"], "turn": ran[-1]["turn"], **hung(text, root)}]
