"""Pythons: the versions under which a job runs, as far as its workflow says them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.builtin.workflows.reading.runs import Run
from gates.project.wiring import expression
from gates.project.wiring.expression import Scope
from gates.project.wiring.workflow import Step

NEWEST = "newest"

_VERSION = re.compile(
    r"[~^=v]{0,2}\s*(?:cpython-?|python-?)?3\.(?P<minor>\d{1,2})(?:\.(?:\d+|x|\*))?(?:-dev|-0|-alpha\S*|-beta\S*)?"
)
_RANGE = re.compile(r"(?:3|3\.x|x|latest|3\.\*|>=?\s*3\.\d+\S*(?:\s.*)?)")
_TAG = re.compile(
    r"(?<![a-zA-Z])(?:py|cp)3(?P<minor>\d{1,2})(?![\dt])"
    r"|(?<![a-zA-Z])(?:py|python|pythons?[ =:-]+)3\.(?P<dotted>\d{1,2})(?![\dt])"
)
_OPTION = re.compile(r"(?:--python|-p|--with-python|-P|tests?|session|-)[-= ]?3\.(?P<minor>\d{1,2})(?![\dt.])")
_ENVIRONMENT = frozenset({
    "HATCH_PYTHON", "NOXSESSION", "PYTHON", "PYTHON_VERSION", "TOXENV", "TOX_ENV", "TOX_PARALLEL_ENV", "UV_PYTHON",
})  # fmt: skip


def of(run: Run) -> tuple[set[str], str]:
    """Minor versions (`3.12`, and `newest`), and the clause that says why they may not be all."""
    found: set[str] = set()
    unknown = run.unknown
    for scope in run.scopes:
        held, opened = _in(run, scope)
        found |= held
        unknown = unknown or opened
    if not found and not unknown:
        unknown = "it does not say under which Python"
    return found, unknown


def _in(run: Run, scope: Scope) -> tuple[set[str], str]:
    found = set(_of_scope(scope))
    opened = ""
    for step in run.job.steps:
        for text in _inputs(step):
            said = expression.resolved(text, scope)
            if expression.is_open(said):
                opened = opened or f"its Python is `{' '.join(said.split())}`"
            for line in re.split(r"[\n,]", said):
                found |= set(versions(line))
        if step.run is not None:
            said = expression.resolved(step.run.text, scope)
            found |= set(_tags(said)) | {f"3.{match['minor']}" for match in _OPTION.finditer(said)}
    container = run.job.node.get("container")
    for node in (container, container.get("image") if container is not None else None):
        if node is not None:
            found |= set(_image(expression.resolved(node.text, scope)))
    return found, opened


def _of_scope(scope: Scope) -> Iterator[str]:
    """What the values of a matrix and of the environment say."""
    for key, value in scope.items():
        is_chosen = key.startswith("env.") and key[4:] in _ENVIRONMENT
        if key.startswith("matrix.") or is_chosen:
            yield from _tags(value)
            if is_chosen or _is_about(key):
                yield from versions(value)


def versions(text: str) -> Iterator[str]:
    """The minor version that a text names, or `newest` where it names a range without an end."""
    held = text.strip().strip("\"'")
    exact = _VERSION.fullmatch(held)
    if exact is not None:
        yield f"3.{exact['minor']}"
    elif _RANGE.fullmatch(held):
        yield NEWEST


def _tags(text: str) -> Iterator[str]:
    for match in _TAG.finditer(text):
        yield f"3.{match['minor'] or match['dotted']}"


def _image(text: str) -> Iterator[str]:
    match = re.search(r"python:?3\.(\d{1,2})", text)
    if match is not None:
        yield f"3.{match[1]}"


def _is_about(key: str) -> bool:
    return re.search(r"py|version|interpreter|tox|env|session", key, re.IGNORECASE) is not None


def _inputs(step: Step) -> Iterator[str]:
    for key, node in step.inputs.items():
        if "python" in key.lower() and "file" not in key.lower() and "path" not in key.lower():
            yield node.text
