"""The whole contract of a plugin: what it may register, and the types that it registers.

A third party attaches by the entry point group `gates`, or a project names a module of its own in
`[tool.gates] plugins`. A hook only *registers*; the engine calls each judged gate itself and accounts for it, because
pluggy drops `None` results and skips a second entry point of one name without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pluggy

from gates.model.gate import Gate
from gates.model.report import Report

hookspec = pluggy.HookspecMarker("gates")
hookimpl = pluggy.HookimplMarker("gates")

Renderer = Callable[[Report, Any], str]


class Specs:
    """The hooks that a plugin may implement, each marked `gates.plugins.hookspecs.hookimpl`."""

    @hookspec
    def gates_register(self) -> Iterable[type[Gate[Any, Any]]]:
        """Classes of gates; two gates of one name are a configuration error."""
        raise NotImplementedError

    @hookspec
    def gates_renderers(self) -> Mapping[str, Renderer]:
        """Output formats by name; a renderer turns a report into text and touches nothing else."""
        raise NotImplementedError

    @hookspec
    def gates_trace_readers(self) -> Iterable[Any]:
        """Readers of documents with requirements, for the gate `trace`; each has a `name` and a method `read`.

        With `@hookimpl(tryfirst=True)` they are asked before those that are built in, and otherwise after them; of two
        that find an item on one line the first keeps it.
        """
        raise NotImplementedError
