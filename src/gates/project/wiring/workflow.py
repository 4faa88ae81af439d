"""Workflow: the jobs and steps of a workflow or composite action, each with its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gates.project.wiring.document import Node, nodes


@dataclass(frozen=True)
class Step:
    """One step: what it uses with which inputs, or the shell that it runs; `env` is its own."""

    line: int
    uses: Node | None
    run: Node | None
    inputs: Mapping[str, Node]
    env: Mapping[str, str]
    node: Node


@dataclass(frozen=True)
class Job:
    """One job; `calls` is the workflow that it calls in place of steps, `strategy` holds its matrix."""

    name: str
    line: int
    node: Node
    needs: tuple[str, ...]
    condition: str
    runs_on: Node | None
    strategy: Node | None
    env: Mapping[str, str]
    steps: tuple[Step, ...]
    calls: Node | None
    inputs: Mapping[str, Node]


@dataclass(frozen=True)
class Workflow:
    """A workflow, or with `steps` a composite action; `inputs` are the defaults of what it is called with.

    `callable` says that it runs when another one calls it, `alone` that something else starts it too.
    """

    path: str
    env: Mapping[str, str]
    jobs: tuple[Job, ...]
    steps: tuple[Step, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    callable: bool = False
    alone: bool = True


def read(path: str, text: str) -> Workflow:
    """The workflow or composite action of a text; without jobs and steps where it is neither.

    Raises:
        NotYaml: it cannot be read.
    """
    top = next(nodes(text), None)
    if top is None:
        return Workflow(path, {}, ())
    runs = top.get("runs")
    if runs is not None:
        return Workflow(path, {}, (), tuple(_steps(runs.get("steps"))), _defaults(top.get("inputs")))
    events = _events(top.get("on") or top.get("true"))
    called = events.get("workflow_call")
    jobs = top.get("jobs")
    return Workflow(
        path=path,
        env=_texts(top.get("env")),
        jobs=tuple(_job(name, node) for name, node in (jobs.items() if jobs is not None else ())),
        inputs={} if called is None else _defaults(called.get("inputs")),
        callable=called is not None,
        alone=set(events) != {"workflow_call"},
    )


def _events(node: Node | None) -> dict[str, Node]:
    if node is None:
        return {}
    if not node.is_container:
        return {node.text: node}
    return {**{one.text: one for one in node.entries()}, **dict(node.items())}


def _defaults(node: Node | None) -> dict[str, str]:
    found = {}
    for name, one in node.items() if node is not None else ():
        default = one.get("default")
        if default is not None and not default.is_container:
            found[name] = default.text
    return found


def _job(name: str, node: Node) -> Job:
    condition = node.get("if")
    return Job(
        name=name,
        line=node.key_line or node.line,
        node=node,
        needs=tuple(_words(node.get("needs"))),
        condition="" if condition is None else condition.text,
        runs_on=node.get("runs-on"),
        strategy=node.get("strategy"),
        env=_texts(node.get("env")),
        steps=tuple(_steps(node.get("steps"))),
        calls=node.get("uses"),
        inputs=_children(node.get("with")),
    )


def _steps(node: Node | None) -> Iterator[Step]:
    for one in node.entries() if node is not None else ():
        yield Step(
            line=one.line,
            uses=one.get("uses"),
            run=one.get("run"),
            inputs=_children(one.get("with")),
            env=_texts(one.get("env")),
            node=one,
        )


def texts(node: Node) -> Iterator[str]:
    """Every text below a node."""
    if not node.is_container:
        yield node.text
    for child in (*(one for _, one in node.items()), *node.entries()):
        yield from texts(child)


def _children(node: Node | None) -> dict[str, Node]:
    return {} if node is None else dict(node.items())


def _texts(node: Node | None) -> dict[str, str]:
    return {key: one.text for key, one in _children(node).items() if not one.is_container}


def _words(node: Node | None) -> Iterator[str]:
    if node is not None:
        yield from (one.text for one in (node, *node.entries()) if not one.is_container and one.text)
