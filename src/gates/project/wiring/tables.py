"""Tables: the tasks of hatch, poe, pdm, taskipy and tox in TOML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gates.errors import ConfigError
from gates.project import documents
from gates.project.documents import table
from gates.project.wiring import script, sections
from gates.project.wiring.script import Mode
from gates.project.wiring.wire import Unreadable, Wiring, joined

Task = tuple[str, Any, bool]
"""Name, command (text, list or table), and whether a shell reads its text."""


def of(path: str, text: str) -> Wiring:
    """The wires of a file's tasks."""
    try:
        held = documents.toml(text, path)
    except ConfigError as error:
        return Wiring(unreadable=(Unreadable(path=path, line=error.line, why=error.message),))
    places = _Places(text)
    return joined([wires for task in _tasks(path, held) for wires in _wires(path, places, task)])


def _tasks(path: str, held: Mapping[str, Any]) -> Iterator[Task]:
    name = path.rpartition("/")[2]
    tool = table(held, "tool")
    hatch = held if name == "hatch.toml" else table(tool, "hatch")
    for environment in table(hatch, "envs").values():
        for key, value in table(environment, "scripts").items():
            yield (key, value, False)
    yield from (
        (key, value, False)
        for key, value in table(held if name == "poe_tasks.toml" else tool, *_POE[name == "poe_tasks.toml"]).items()
    )
    yield from ((key, value, False) for key, value in table(tool, "pdm", "scripts").items())
    yield from ((key, value, True) for key, value in table(tool, "taskipy", "tasks").items())
    tox = held if name == "tox.toml" else table(tool, "tox")
    bases = {"env_run_base": tox.get("env_run_base"), **table(tox, "env")}
    for key, value in bases.items():
        for commands in sections.KEYS:
            for line in table(value).get(commands) or () if isinstance(table(value).get(commands), list) else ():
                yield (key, {"cmd": line, "ignore_fail": bool(table(value).get("ignore_outcome"))}, False)


_POE = {False: ("poe", "tasks"), True: ("tasks",)}


def _wires(path: str, places: _Places, task: Task, clause: str = "") -> Iterator[Wiring]:
    name, value, is_shell = task
    if isinstance(value, str):
        line = places.line(value)
        if is_shell:
            yield script.wires(path, value, first=line, mode=Mode(errexit=True), clause=clause, within=name)
            return
        for one in value.strip().split("\n"):
            yield Wiring(wires=sections.command(path, one, line, name, clause, runner="hatch"))
    elif isinstance(value, list):
        for one in value:
            yield from _wires(path, places, (name, one, is_shell), clause)
    elif isinstance(value, Mapping):
        yield from _of_table(path, places, name, value, clause)


def _of_table(path: str, places: _Places, name: str, value: Mapping[str, Any], clause: str) -> Iterator[Wiring]:
    for key in ("ignore_fail", "keep_going"):
        if value.get(key) and value.get(key) != "return_non_zero":
            clause = clause or f"`{key}` takes its failure away"
    for key in ("cmd", "shell", "sequence", "composite", "parallel"):
        one = value.get(key)
        if isinstance(one, list) and key == "cmd":
            text = " ".join(word for word in one if isinstance(word, str))
            first = next((word for word in one if isinstance(word, str)), "")
            yield Wiring(wires=sections.command(path, text, places.line(first), name, clause))
        elif one is not None:
            yield from _wires(path, places, (name, one, key == "shell"), clause)


class _Places:
    """Where in the text a value stands: the first line that has its first words, each line given once."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.given: set[int] = set()

    def line(self, value: str) -> int:
        """The number of the line, 1 where it is written so that it cannot be found."""
        stripped = value.strip()
        start = stripped.split("\n")[0][:60].replace('"', '\\"')
        for wanted in dict.fromkeys((start, stripped.split("\n")[0][:60], (stripped.split() or [""])[0])):
            for number, line in enumerate(self.lines, start=1):
                if wanted and wanted in line and number not in self.given and not line.lstrip().startswith("#"):
                    self.given.add(number)
                    return number
        return 1
