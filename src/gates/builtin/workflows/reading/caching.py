"""Caching: the steps that keep caches of dependencies, and what their keys lack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gates.builtin.workflows.facts import Cached, Unknown
from gates.builtin.workflows.reading import systems
from gates.builtin.workflows.reading.place import Place
from gates.builtin.workflows.reading.runs import Run
from gates.model.evidence import counted
from gates.project.wiring import expression
from gates.project.wiring.workflow import Job, Step, Workflow

DEPENDENCIES = re.compile(
    r"\bpip\b|\buv\b|venv|virtualenv|site-packages|poetry|\bpdm\b|pipenv|hatch|\.tox|\.nox|pre-commit|conda|mamba|"
    r"pythonLocation|python-cache|deps|dependencies",
    re.IGNORECASE,
)
DOWNLOADS = re.compile(r"(?!.*(?:venv|virtualenv|site-packages)).*\b(?:pip|uv|npm|pnpm)\b.*", re.IGNORECASE)
"""Caches whose entries know themselves for which Python they are."""

_SYSTEM = re.compile(
    r"runner\.os|RUNNER_OS|ImageOS|pythonLocation|matrix\.[\w.-]*(?:os|platform|runner|image|system|target|arch)|"
    r"\.outputs\.[\w-]*(?:os|platform)",
    re.IGNORECASE,
)
_PYTHON = re.compile(r"pythonLocation|python|\bpy\b|matrix\.[\w.-]*py|interpreter", re.IGNORECASE)
_HASH = re.compile(r"hashFiles\((?P<globs>[^)]*)\)")
_GLOB = re.compile(r"'([^']*)'")
_OPAQUE = re.compile(r"\$\{\{\s*(?:steps|needs|inputs|vars|env)\.[^}]*\}\}")
SETUP_PYTHON = {
    "pip": ("**/requirements.txt", "**/pyproject.toml"),
    "pipenv": ("**/Pipfile.lock",),
    "poetry": ("**/poetry.lock",),
}
"""What setup-python makes its key of where it is not told."""


def of(place: Place, runs: Sequence[Run]) -> Iterator[Cached | Unknown]:
    """Each step with a cache of dependencies once, with what its key lacks or what cannot be known of it."""
    alone = {(run.path, run.job.name): run for run in runs}
    for name, one in place.workflows.items():
        for job, steps in [*((job, job.steps) for job in one.jobs), (None, one.steps)]:
            run = alone.get((name, job.name)) if job is not None else None
            for step in steps:
                found = _of_step(place, one, job, step, run)
                if found is not None:
                    yield found


def _of_step(place: Place, one: Workflow, job: Job | None, step: Step, run: Run | None) -> Cached | Unknown | None:
    if step.uses is None:
        return None
    action = step.uses.text.partition("@")[0]
    path, name = place.shown(one.path), "" if job is None else job.name
    if action in {"actions/cache", "actions/cache/restore", "actions/cache/save"}:
        return _of_key(place, one, job, step, run)
    lacking = _generated(place, action, step, job)
    if lacking is None:
        return None
    key = step.inputs.get("cache") or step.inputs.get("cache-dependency-glob") or step.uses
    return Cached(path=path, line=key.line, job=name, action=action, key=key.text, lacking=counted(lacking))


def _of_key(place: Place, one: Workflow, job: Job | None, step: Step, run: Run | None) -> Cached | Unknown | None:
    scope = {f"env.{key}": text for key, text in {**one.env, **({} if job is None else job.env), **step.env}.items()}
    node, kept = step.inputs.get("key"), step.inputs.get("path")
    key = expression.resolved("" if node is None else node.text, scope)
    paths = expression.resolved("" if kept is None else kept.text, scope)
    if not DEPENDENCIES.search(paths):
        return None
    lacking = []
    if not _SYSTEM.search(key) and not _is_on_one(run):
        lacking.append("the system (`runner.os`)")
    if not _PYTHON.search(key) and not all(DOWNLOADS.fullmatch(path) for path in paths.strip().splitlines()):
        lacking.append("the Python version")
    lacking += _unhashed(place, key, job)
    path, name = place.shown(one.path), "" if job is None else job.name
    line = step.line if node is None else node.line
    if lacking and _OPAQUE.search(re.sub(r"\$\{\{[^}]*python-version[^}]*\}\}", "", key)):
        why = f"the key of its cache has `{' '.join(key.split())}`, so that {' and '.join(lacking)} may be in it or not"
        return Unknown(path=path, line=line, job=name, about="cache", why=why)
    action = "" if step.uses is None else step.uses.text.partition("@")[0]
    return Cached(path=path, line=line, job=name, action=action, key=" ".join(key.split()), lacking=counted(lacking))


def _unhashed(place: Place, key: str, job: Job | None) -> list[str]:
    hashed = [match["globs"] for match in _HASH.finditer(key)]
    if not hashed and "hashFiles" not in key and "github.sha" not in key and "github.run_id" not in key:
        return ["a hash of the lock file (`hashFiles`)"]
    return [said for globs in hashed for said in _unmatched(place, _GLOB.findall(globs), job)]


def _generated(place: Place, action: str, step: Step, job: Job | None) -> list[str] | None:
    """What lacks a key that an action makes itself; None where it keeps no cache."""
    if action == "actions/setup-python" and "cache" in step.inputs:
        told = step.inputs.get("cache-dependency-path")
        globs = told.text.split("\n") if told is not None else SETUP_PYTHON.get(step.inputs["cache"].text.strip(), ())
        return _unmatched(place, globs, job)
    if action == "astral-sh/setup-uv":
        enabled, told = step.inputs.get("enable-cache"), step.inputs.get("cache-dependency-glob")
        if told is None or (enabled is not None and enabled.text.strip() == "false"):
            return None
        if not told.text.strip():
            return ["a hash of the lock file: `cache-dependency-glob` is empty"]
        return _unmatched(place, told.text.split("\n"), job)
    return None


def _unmatched(place: Place, globs: Sequence[str], job: Job | None) -> list[str]:
    """A clause where no file of the repository is what a key is made of, and no step of the job writes one."""
    plain = [glob.strip().strip("\"'").removeprefix("./") for glob in globs if glob.strip()]
    if not plain or any("${{" in glob or glob.startswith(("/", "~")) for glob in plain) or _is_moved(job):
        return []
    if place.tree.matching(plain):
        return []
    written = " ".join(step.run.text for step in (job.steps if job is not None else ()) if step.run is not None)
    if any(glob.rpartition("/")[2] in written for glob in plain):
        return []
    return [f"a hash of a file that is there: {', '.join(f'`{glob}`' for glob in plain)} matches none"]


def _is_moved(job: Job | None) -> bool:
    """Whether the job checks out somewhere below its workspace, so that patterns are not relative to the repository."""
    return any(
        step.uses is not None and step.uses.text.startswith("actions/checkout@") and "path" in step.inputs
        for step in (job.steps if job is not None else ())
    )


def _is_on_one(run: Run | None) -> bool:
    if run is None:
        return False
    found, unknown = systems.of(run)
    return len(found) == 1 and not unknown
