"""Runs the steps of a composite action as a runner does: inputs to `env`, the command files, shell flags, outputs.

What it knows is what our action uses: `run` steps in bash, `env` with `${{ inputs.NAME }}`, `id`, and outputs out of
`${{ steps.ID.outputs.NAME }}`. Anything else in the file is refused, so that an action that would behave otherwise on a
real runner cannot pass here.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
STEP_KEYS = {"name", "id", "shell", "env", "run"}


@dataclass
class Outcome:
    """How the action ended: exit code of the last step that ran, outputs, summary and log."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str
    steps: dict[str, dict[str, str]] = field(default_factory=dict)


def run(action: Path, workspace: Path, temporary: Path, inputs: Mapping[str, str], env: Mapping[str, str]) -> Outcome:
    """Run the action at `action` (the folder with action.yml) in `workspace`."""
    described = yaml.safe_load((action / "action.yml").read_text("utf-8"))
    assert described["runs"]["using"] == "composite"
    unknown = set(inputs) - set(described["inputs"])
    assert not unknown, f"the action has no input {unknown}"
    values = {name: str(one.get("default", "")) for name, one in described["inputs"].items()} | dict(inputs)
    steps: dict[str, dict[str, str]] = {}
    summary, log, code = "", "", 0
    for number, step in enumerate(described["runs"]["steps"]):
        folder = temporary / f"step-{number}"
        done, outputs, written = _step(step, action, workspace, folder, values, env)
        log += done.stdout
        summary += written
        if "id" in step:
            steps[step["id"]] = outputs
        code = done.returncode
        if code:
            break
    context = {f"steps.{name}.outputs.{key}": value for name, one in steps.items() for key, value in one.items()}
    outputs = {name: _filled(one["value"], context) for name, one in described["outputs"].items()}
    return Outcome(code=code, outputs=outputs, summary=summary, log=log, steps=steps)


def _step(
    step: Mapping[str, Any],
    action: Path,
    workspace: Path,
    folder: Path,
    inputs: Mapping[str, str],
    env: Mapping[str, str],
) -> tuple[subprocess.CompletedProcess[str], dict[str, str], str]:
    assert set(step) <= STEP_KEYS, f"the step runner does not know {set(step) - STEP_KEYS}"
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "an expression inside a script is an injection"
    folder.mkdir(parents=True)
    files = {
        name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
    }
    for file in files.values():
        file.touch()
    script = folder / "script.sh"
    script.write_text(step["run"], "utf-8")
    context = {f"inputs.{name}": value for name, value in inputs.items()}
    given = {name: _filled(str(value), context) for name, value in step.get("env", {}).items()}
    done = subprocess.run(
        [*SHELL, str(script)],
        cwd=workspace,
        env={
            **env,
            **given,
            **{name: str(file) for name, file in files.items()},
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(workspace),
            "RUNNER_TEMP": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done, _read_outputs(files["GITHUB_OUTPUT"]), files["GITHUB_STEP_SUMMARY"].read_text("utf-8")


def _filled(text: str, context: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda match: context.get(match[1], ""), text)


def _read_outputs(file: Path) -> dict[str, str]:
    """`name=value` lines, and `name<<DELIMITER` blocks."""
    outputs: dict[str, str] = {}
    lines = iter(file.read_text("utf-8").splitlines())
    for line in lines:
        name, separator, value = line.partition("=")
        if "<<" in name:
            name, _, delimiter = line.partition("<<")
            block = []
            for inner in lines:
                if inner == delimiter:
                    break
                block.append(inner)
            outputs[name] = "\n".join(block)
        else:
            assert separator, f"not an output: {line!r}"
            outputs[name] = value
    return outputs
