"""Tables: the tasks of hatch, poe, pdm, taskipy and tox in TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from gates.errors import ConfigError
from gates.project import documents
from gates.project.documents import table
from gates.project.wiring import script, sections
from gates.project.wiring.script import Mode
from gates.project.wiring.wire import Unreadable, Wiring, joined

POE = {False: ("poe", "tasks"), True: ("tasks",)}
"""Where the tasks of poe are in pyproject.toml, and in a file of its own."""


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task: whose it is, its name, its command (text, list or table), and what is known of it."""

    owner: str
    name: str
    value: Any
    is_shell: bool = False
    clause: str = ""


def of(path: str, text: str) -> Wiring:
    """The wires of a file's tasks."""
    try:
        held = documents.toml(text, path)
    except ConfigError as error:
        return Wiring(unreadable=(Unreadable(path=path, line=error.line, why=error.message),))
    places = _Places(text)
    return joined([wires for task in _tasks(path, held) for wires in _wires(path, places, task)])


def _tasks(path: str, held: Mapping[str, Any]) -> Iterator[_Task]:
    name = path.rpartition("/")[2]
    tool = table(held, "tool")
    hatch = held if name == "hatch.toml" else table(tool, "hatch")
    tox = held if name == "tox.toml" else table(tool, "tox")
    own_poe = name == "poe_tasks.toml"
    scripts = [("hatch", _of_environment(one, table(hatch, "envs", one, "scripts"))) for one in table(hatch, "envs")]
    scripts.append(("poe", table(held if own_poe else tool, *POE[own_poe])))
    scripts.append(("pdm", table(tool, "pdm", "scripts")))
    scripts.append(("taskipy", table(tool, "taskipy", "tasks")))
    for owner, tasks in scripts:
        for key, value in tasks.items():
            yield _Task(owner=owner, name=key, value=value, is_shell=owner == "taskipy")
    for key, environment in {"env_run_base": tox.get("env_run_base"), **table(tox, "env")}.items():
        for one in sections.KEYS:
            commands = table(environment).get(one)
            for words in commands if isinstance(commands, list) else ():
                value = {"cmd": words, "ignore_fail": bool(table(environment).get("ignore_outcome"))}
                yield _Task(owner="tox", name=key, value=value)


def _of_environment(environment: str, scripts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The scripts of one of hatch's environments by the names under which they are called: `lint:check`."""
    return scripts if environment == "default" else {f"{environment}:{name}": one for name, one in scripts.items()}


def _wires(path: str, places: _Places, task: _Task) -> Iterator[Wiring]:
    value = task.value
    if isinstance(value, str):
        line = places.line(value, task.owner)
        if task.is_shell:
            mode = Mode(errexit=True)
            yield script.wires(
                path, value, first=line, mode=mode, clause=task.clause, within=task.name, runner=task.owner
            )
            return
        for number, one in enumerate(value.strip().split("\n")):
            found = sections.command(path, one, line + number, task.name, task.clause, runner=task.owner)
            yield Wiring(wires=found)
    elif isinstance(value, list):
        for one in value:
            yield from _wires(path, places, replace(task, value=one))
    elif isinstance(value, Mapping):
        yield from _of_table(path, places, task)


def _of_table(path: str, places: _Places, task: _Task) -> Iterator[Wiring]:
    value, clause = task.value, task.clause
    for key in ("ignore_fail", "keep_going"):
        if value.get(key) and value.get(key) != "return_non_zero":
            clause = clause or f"`{key}` takes its failure away"
    for key in ("cmd", "shell", "sequence", "composite", "parallel"):
        one = value.get(key)
        if isinstance(one, list) and key == "cmd":
            one = " ".join(word for word in one if isinstance(word, str))
        if one is not None:
            yield from _wires(path, places, replace(task, value=one, is_shell=key == "shell", clause=clause))


class _Places:
    """Where in the text a value stands: the first place that has its first words, each place given once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.given: set[int] = set()

    def line(self, value: str, owner: str) -> int:
        """The number of the line, 1 where it is written so that it cannot be found."""
        header = re.search(rf"(?m)^\s*\[+[^\]\n]*{owner}", self.text)
        start = header.end() if header is not None else 0
        first = value.strip().split("\n")[0][:60]
        for wanted in dict.fromkeys((first.replace('"', '\\"'), first, (first.split() or [""])[0])):
            pattern = re.compile(rf"(?<![\w.-]){re.escape(wanted)}")
            for match in pattern.finditer(self.text, start) if wanted else ():
                begin = self.text.rfind("\n", 0, match.start()) + 1
                if match.start() not in self.given and not self.text[begin:].lstrip().startswith("#"):
                    self.given.add(match.start())
                    return self.text.count("\n", 0, match.start()) + 1
        return 1
