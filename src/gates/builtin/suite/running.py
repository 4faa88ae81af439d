"""Running: how pytest is started with a recording, and what to say where it left none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.suite import by_hand, record
from gates.builtin.suite.record import RecordedRun
from gates.model.evidence import Refusal, refuse
from gates.model.reason import ReasonCode
from gates.process import apart
from gates.process.installation import install_command

if TYPE_CHECKING:
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter

LONGEST = 0.95
"""The share of a gate's time that pytest gets; the rest is for saying which tests hung."""

USAGE_ERROR = 4
HASH_SEED = "PYTHONHASHSEED"
CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<path>[^']+)'\.$", re.MULTILINE)
RAISED = re.compile(r"[\w.]+(Error|Exception|Warning|Exit|Interrupt)\b")
"""The last line of a traceback; warnings that were only shown begin with a path."""
PLUGINS: Mapping[str, str] = {
    "-n": "pytest-xdist",
    "--asyncio-": "pytest-asyncio",
    "--benchmark-": "pytest-benchmark",
    "--cov": "pytest-cov",
    "--dist": "pytest-xdist",
    "--numprocesses": "pytest-xdist",
    "--reruns": "pytest-rerunfailures",
    "--timeout": "pytest-timeout",
}
"""Where options come from that projects write into their configuration most, by how they begin."""

BADLY: Mapping[str, tuple[ReasonCode, str]] = {
    "TIMEOUT": ("timeout", "was not done in time and was ended"),
    "MEM_LIMIT": ("memory_limit", "took more memory than it may"),
    "KILLED": ("tool_killed", "was killed"),
    "SANDBOX_DENIED": ("limit_not_applied", "could not be started under its limits"),
    "NOT_INSTALLED": ("tool_missing", "could not be started"),
    "INTERNAL_ERROR": ("limit_not_applied", "could not be started under its limits"),
}


def arguments(args: Sequence[str], recording: str) -> tuple[str, ...]:
    """What pytest is given after its name, so that it records."""
    return (*args, "-p", "vltair", f"--vltair-record={recording}")


def variables(env: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that pytest gets over those of the caller: `env` as the settings have it, and a hash seed.

    Only a process that is started with its hash seed has it. That of the caller is not taken: who checks on another
    machine, or on the same one tomorrow, must come to the same evidence.
    """
    return {**seeded(env), "VLTAIR_SETTINGS_ENV": ",".join(sorted(env))}


def seeded(env: Mapping[str, str]) -> Mapping[str, str]:
    """`env` with the hash seed that pytest is started with."""
    return {HASH_SEED: "0", **env}


def recorded(
    completed: Completed, recording: Path, python: Interpreter, root: Path, gate: str
) -> RecordedRun | Refusal:
    """The run that a pytest of `gate` recorded, or why there is none."""
    shown = by_hand.shown(python, root)
    if completed.status in BADLY:
        code, what = BADLY[completed.status]
        under_way = record.in_flight(recording.read_bytes()) if recording.is_file() else ()
        said = f"; running were: {record.named(under_way)}" if under_way else ""
        if code == "timeout":
            said += f"; `timeout` of [tool.gates.{gate}] is the limit"
        fix = by_hand.pytest(shown, *under_way[:1]) if under_way or code == "timeout" else record.AGAIN
        return refuse(code, f"pytest {what} ({completed.reason}){said}", fix)
    if not recording.is_file():
        said = _last_words(completed)
        conftest = CONFTEST.search(f"{completed.text}\n{completed.errors}")
        if conftest is not None:
            message = f"pytest could not load {_relative(conftest['path'], root)}: {said}"
            return refuse("tool_config_invalid", message, apart.elsewhere(root, python) or by_hand.pytest(shown))
        if completed.code == USAGE_ERROR:
            message = f"pytest refused its options or configuration: {said}"
            plugins = _plugins(said)
            if not plugins:
                return refuse("tool_config_invalid", message, by_hand.pytest(shown))
            message += f"; {', '.join(plugins)} {'brings' if len(plugins) == 1 else 'bring'} such options"
            return refuse("tool_config_invalid", message, install_command(root, python, *plugins))
        message = f"pytest ended with exit status {completed.code} and recorded nothing: {said}"
        again = by_hand.pytest(shown, "-p", "vltair", "--vltair-record", ".gates/record.jsonl")
        return refuse("evidence_missing", message, again)
    run = record.read(recording, recording.name, again=record.AGAIN, match=by_hand.matching(python, root), python=shown)
    return run if isinstance(run, RecordedRun) else Refusal(run)


def _plugins(said: str) -> tuple[str, ...]:
    """The plugins that options come from of which pytest said that it does not know them."""
    head, _, options = said.partition("unrecognized arguments: ")
    found = {plugin for word in options.split() for option, plugin in PLUGINS.items() if word.startswith(option)}
    return () if head else tuple(sorted(found))


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _last_words(completed: Completed) -> str:
    """The line of pytest's output that says what was wrong."""
    lines = [line.strip() for line in f"{completed.text}\n{completed.errors}".splitlines() if line.strip()]
    usage = [line.partition(": error: ")[2] for line in lines if ": error: " in line]
    errors = [line for line in lines if line.startswith(("ERROR", "E ", "INTERNALERROR> E", "Error"))]
    raised = [line for line in completed.errors.splitlines() if RAISED.match(line)]
    said = (usage[:1] or errors[:1] or raised[-1:] or lines[-1:] or ["it printed nothing"])[0]
    return said.removeprefix("E ").strip()
