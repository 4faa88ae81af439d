"""Job: runs the steps of a workflow's job, or of a composite action, in processes of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from support.steps import expressions, files, log

SHELLS = {"bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"), None: ("bash", "-e", "{0}")}
STEP_KEYS = {"name", "id", "if", "shell", "env", "run", "uses", "with", "working-directory", "continue-on-error"}
TIMEOUT = 600


@dataclass
class Ended:
    """One step that ran: how it ended, what it set and printed."""

    name: str
    outcome: str
    code: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    text: str = ""
    heard: log.Heard = field(default_factory=log.Heard)


@dataclass(frozen=True)
class Used:
    """An action of others that a stand-in took the place of."""

    action: str
    given: Mapping[str, str]


StandIn = Callable[["Job", Mapping[str, str]], Mapping[str, str]]


@dataclass
class Job:
    """A job on a runner: a workspace, variables and what came of its steps."""

    workspace: Path
    temporary: Path
    env: dict[str, str]
    github: Mapping[str, Any] = field(default_factory=dict)
    matrix: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, Any] = field(default_factory=dict)
    actions: Mapping[str, Path] = field(default_factory=dict)
    stand_ins: Mapping[str, StandIn] = field(default_factory=dict)
    status: str = "success"
    ended: list[Ended] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    exported: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What all steps printed."""
        return "".join(one.text for one in self.ended)

    @property
    def summary(self) -> str:
        """All summaries."""
        return "".join(one.summary for one in self.ended)

    @property
    def commands(self) -> list[log.Command]:
        """All commands that the runner took."""
        return [one for step in self.ended for one in step.heard.commands]

    @property
    def annotations(self) -> list[log.Command]:
        """All annotations that GitHub shows."""
        return [one for step in self.ended for one in step.heard.annotations]

    def workflow(self, text: str, name: str | None = None) -> dict[str, dict[str, Any]]:
        """Run a job of a workflow; the contexts of its steps by id."""
        jobs = yaml.safe_load(text)["jobs"]
        job = jobs[name] if name else next(iter(jobs.values()))
        more = {"matrix": self.matrix, "needs": self.needs}
        if any(one["result"] != "success" for one in self.needs.values()):
            self.status = "failure"
        contexts = self._contexts({}, more)
        if not expressions.condition(job.get("if"), contexts):
            self.status = "skipped"
            return {}
        # Within the job only its own steps can fail.
        self.status = "success"
        # Below what a step writes to GITHUB_ENV; the variables of a step are above it.
        self.env |= {key: expressions.filled(value, contexts) for key, value in job.get("env", {}).items()}
        return self._steps(job["steps"], more, {}, None)

    def action(self, folder: Path, given: Mapping[str, str], env: Mapping[str, str] | None = None) -> dict[str, str]:
        """Run a composite action; its outputs."""
        described = yaml.safe_load((folder / "action.yml").read_text("utf-8"))
        assert described["runs"]["using"] == "composite"
        unknown = set(given) - set(described["inputs"])
        assert not unknown, f"the action has no input {unknown}"
        inputs = {key: str(one.get("default", "")) for key, one in described["inputs"].items()} | dict(given)
        outer, self.status = self.status, "success"
        steps = self._steps(described["runs"]["steps"], {"inputs": inputs}, dict(env or {}), folder)
        contexts = self._contexts(steps, {"inputs": inputs})
        self.status = "failure" if "failure" in {outer, self.status} else "success"
        return {key: expressions.filled(one["value"], contexts) for key, one in described["outputs"].items()}

    def _contexts(self, steps: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
        runner = {"os": "Linux", "arch": "X64", "temp": str(self.temporary)}
        return {"status": self.status, "github": self.github, "runner": runner, "steps": steps, **more}

    def _steps(
        self, steps: list[Mapping[str, Any]], more: Mapping[str, Any], env: Mapping[str, str], action: Path | None
    ) -> dict[str, dict[str, Any]]:
        contexts: dict[str, dict[str, Any]] = {}
        for step in steps:
            assert set(step) <= STEP_KEYS, f"the step runner does not know {set(step) - STEP_KEYS}"
            held = self._contexts(contexts, more) | {"env": {**env, **self.exported}}
            if not expressions.condition(step.get("if"), held):
                ended = Ended(str(step.get("name", "")), "skipped")
            elif "uses" in step:
                ended = self._uses(step, held, env)
            else:
                ended = self._run(step, held, env, action)
            kept = expressions.value(str(step.get("continue-on-error", "false")).lower(), held)
            forgiven = ended.outcome == "failure" and expressions.truth(kept) and kept != "false"
            if ended.outcome == "failure" and not forgiven:
                self.status = "failure"
            self.ended.append(ended)
            if "id" in step:
                conclusion = "success" if forgiven else ended.outcome
                contexts[step["id"]] = {
                    "outputs": ended.outputs,
                    "outcome": ended.outcome,
                    "conclusion": conclusion,
                }
        return contexts

    def _uses(self, step: Mapping[str, Any], contexts: Mapping[str, Any], env: Mapping[str, str]) -> Ended:
        given = {key: expressions.filled(value, contexts) for key, value in step.get("with", {}).items()}
        name, _, commit = step["uses"].partition("@")
        if name in self.actions:
            own = {key: expressions.filled(value, contexts) for key, value in step.get("env", {}).items()}
            outer, self.status = self.status, "success"
            outputs = self.action(self.actions[name], given, {**env, **own})
            ended = Ended(str(step.get("name", name)), self.status, outputs=outputs)
            self.status = outer
            return ended
        assert name in self.stand_ins, f"nothing stands in for {step['uses']}"
        assert len(commit) == 40 or "inputs" not in contexts, f"{step['uses']} is not pinned to a commit"
        self.used.append(Used(step["uses"], given))
        return Ended(str(step.get("name", name)), "success", outputs=dict(self.stand_ins[name](self, given)))

    def _run(
        self, step: Mapping[str, Any], contexts: Mapping[str, Any], env: Mapping[str, str], action: Path | None
    ) -> Ended:
        assert "${{" not in step["run"] or action is None, "an expression inside a script is an injection"
        assert "shell" in step or action is None, "a composite action names its shell"
        number = len(self.ended)
        folder = self.temporary / "_runner_file_commands" / str(number)
        folder.mkdir(parents=True)
        places = {name: folder / name.lower() for name in files.NAMES}
        for place in places.values():
            place.touch()
        script = folder / "script.sh"
        script.write_text(expressions.filled(step["run"], contexts), "utf-8")
        given = {key: expressions.filled(value, contexts) for key, value in step.get("env", {}).items()}
        own = {**self.env, **self.exported, **env, **given}
        own["PATH"] = os.pathsep.join((*self.path, own.get("PATH", "")))
        own |= {name: str(place) for name, place in places.items()} | self._told()
        if action is not None:
            own["GITHUB_ACTION_PATH"] = str(action)
        where = self.workspace / expressions.filled(step.get("working-directory", "."), contexts)
        done = subprocess.run(
            [word.format(script) for word in SHELLS[step.get("shell")]],
            cwd=where,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
        text = done.stdout.decode("utf-8", "replace")
        self.exported |= files.environment(places["GITHUB_ENV"])
        self.path = [*files.paths(places["GITHUB_PATH"]), *self.path]
        return Ended(
            name=str(step.get("name", "")),
            outcome="success" if done.returncode == 0 else "failure",
            code=done.returncode,
            outputs=files.pairs(places["GITHUB_OUTPUT"]),
            summary=files.summary(places["GITHUB_STEP_SUMMARY"]),
            text=text,
            heard=log.listen(text),
        )

    def _told(self) -> dict[str, str]:
        told = {f"GITHUB_{name.upper()}": str(value) for name, value in self.github.items() if name != "token"}
        return {
            **told,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
            "RUNNER_OS": "Linux",
        }
