"""Sabotage: faults made by hand in a gate's own code, each of which a proof must notice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support import commands, healthy, spelling

SOURCE = Path(__file__).parent.parent.parent / "src"


class Fault(NamedTuple):
    """What is changed in which module of a gate, and the rule or starving that must be missed for it.

    One is slow where another gate of every run has that fault, and the gate itself has others.
    """

    gate: str
    kind: str
    module: str
    before: str
    after: str
    slow: bool = False


FAULTS = (
    Fault(
        "lint",
        "returns too early",
        "decide",
        "    contradiction = _contradiction(evidence, wanted_format)\n",
        "    return Decision(denominator=denominator)\n    contradiction = _contradiction(evidence, wanted_format)\n",
    ),
    Fault(
        "lint",
        "swallows that ruff is missing",
        "collect",
        "    if isinstance(tool, Refusal):\n        return tool\n",
        "    if isinstance(tool, Refusal):\n"
        "        check = Check(code=0, examined=1, muted=0, diagnostics=counted(()), unread=counted(()))\n"
        "        return LintEvidence(ruff='', check=check, formatting=FormatNotAsked(because=''))\n",
        slow=True,
    ),
    Fault("lint", "compares wrongly", "decide", "if diagnostic.code == UNREAD:", "if diagnostic.code != UNREAD:"),
    Fault(
        "lint", "swallows what is unreadable", "decide", "    for item in unread.values():\n", "    for item in ():\n"
    ),
    Fault(
        "types",
        "returns too early",
        "decide",
        "    for run in runs:\n        if not _agrees(run):\n",
        "    return Decision(denominator=denominator)\n    for run in runs:\n        if not _agrees(run):\n",
        slow=True,
    ),
    Fault(
        "types",
        "swallows that mypy is missing",
        "collect",
        "    if isinstance(tool, Refusal):\n        return tool\n",
        "    if isinstance(tool, Refusal):\n"
        "        one = Run(what='', code=0, summary='success', errors=0, checked=1, judged=1, muted=0,"
        " problems=counted(()))\n"
        "        return TypesEvidence(mypy='', configuration='', tests='', runs=counted([one]), faults=counted(()))\n",
    ),
    Fault(
        "types",
        "compares wrongly",
        "decide",
        'run.summary == "blocked" else',
        'run.summary != "blocked" else',
        slow=True,
    ),
    Fault("types", "names the wrong place", "decide", "line=problem.line,", "line=(problem.line or 1) - 1,"),
    Fault(
        "tests",
        "returns too early",
        "decide",
        "    for result in evidence.results.items:\n        yield from _bad(result)\n",
        "    return\n    for result in evidence.results.items:\n        yield from _bad(result)\n",
        slow=True,
    ),
    Fault(
        "tests",
        "swallows that the plugin is missing",
        "collect",
        "    if isinstance(plugin, Refusal):\n",
        "    if False:\n",
        slow=True,
    ),
    Fault("tests", "compares wrongly", "decide", 'if failure.when == "call"', 'if failure.when != "call"'),
    Fault(
        "tests",
        "believes that all is accounted for",
        "decide",
        "    if not _explained(evidence):\n",
        "    if _explained(evidence):\n",
    ),
    Fault(
        "spelling",
        "returns too early",
        "generated",
        "    found = []\n    for name in",
        "    return []\n    for name in",
        slow=True,
    ),
    Fault(
        "spelling",
        "swallows what is reported",
        "pattern",
        "    return [_reported(",
        "    return [] and [_reported(",
    ),
    Fault(
        "spelling",
        "compares wrongly",
        "decide",
        "    if evidence.code not in settings.exit_codes:\n",
        "    if evidence.code < 0:\n",
        slow=True,
    ),
    Fault(
        "spelling",
        "runs what is hidden",
        "start",
        "    if concealed is not None:\n",
        "    if concealed is None and not table.argv:\n",
    ),
    Fault(
        "policy",
        "returns too early",
        "decide",
        "    if not evidence.changed.items:\n        return\n",
        "    return\n",
        slow=True,
    ),
    Fault("policy", "compares wrongly", "compare", 'if one.way == "higher"', 'if one.way != "higher"'),
    Fault("policy", "swallows what calls gates", "calls", "        if not call.defused:\n", "        if True:\n"),
)
FOLDERS = {"spelling": "command"}
"""Where the code of a gate is, if not in a folder of its name."""

COMMAND = f'\n[[tool.gates.command]]\nname = "spelling"\n{spelling.KEYS}'
LEAN = """
[tool.pytest.ini_options]
addopts = "-p no:benchmark -p no:anyio -p no:rerunfailures -p no:time_machine"
"""
"""The suite that is run for each fault loads no plugin that has no part in it."""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of gates that may be broken, and a healthy project of which its caches know that it is."""
    folder = tmp_path_factory.mktemp("workshop")
    shutil.copytree(SOURCE / "gates", folder / "src" / "gates")
    files: dict[str, str | None] = {**spelling.FILES, "pyproject.toml": healthy.PYPROJECT + LEAN + COMMAND}
    root = healthy.write(folder / "project", **files)
    assert commands.check(root, "lint", "types", "tests", "spelling", env=path(folder)).code == 0
    return folder


def path(workshop: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(workshop / "src")}


@pytest.fixture
def broken(workshop: Path, fault: Fault) -> Iterator[Path]:
    module = workshop / "src/gates/builtin" / FOLDERS.get(fault.gate, fault.gate) / f"{fault.module}.py"
    before = module.read_text("utf-8")
    assert before.count(fault.before) >= 1, "the code has moved on: sabotage what is there now"
    put(module, before.replace(fault.before, fault.after))
    yield workshop
    put(module, before)


def put(module: Path, text: str) -> None:
    """Write a module, and remove what was compiled of it: a text of the same length in the same second is not new."""
    module.write_text(text, "utf-8")
    for compiled in module.parent.glob(f"__pycache__/{module.stem}.*.pyc"):
        compiled.unlink()


@pytest.mark.parametrize("gate", ["lint", "types", "tests", "spelling", "policy"])
def test_a_gate_that_nobody_tampered_with_is_proved(workshop: Path, gate: str) -> None:
    found = commands.gates("prove", gate, cwd=workshop / "project", env=path(workshop))
    assert found.code == 0, found.out


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, id=f"{one.gate} {one.kind}", marks=[pytest.mark.slow] if one.slow else []) for one in FAULTS],
)
def test_a_gate_that_was_tampered_with_is_not_proved(broken: Path, fault: Fault) -> None:
    found = commands.gates("prove", fault.gate, "--output-format", "json", cwd=broken / "project", env=path(broken))
    assert (found.code, found.report["verdict"]) == (1, "failed"), found.out + found.err
