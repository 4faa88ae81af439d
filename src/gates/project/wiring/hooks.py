"""Hooks: what pre-commit's configuration calls."""

from __future__ import annotations

from gates.project.wiring import tokens, tools
from gates.project.wiring.document import Node, NotYaml, nodes
from gates.project.wiring.wire import Unreadable, Wire, Wiring

USUAL = frozenset({"commit", "pre-commit", "pre-push", "push"})
SHOWN = ("files", "exclude", "types", "types_or", "stages", "args")
"""Keys that a hook's text shows, because they say what it looks at and when."""


def of(path: str, text: str) -> Wiring:
    """A wire for each hook whose id or entry is a tool."""
    try:
        documents = list(nodes(text))
    except NotYaml as error:
        return Wiring(unreadable=(Unreadable(path=path, line=error.line, why=str(error)),))
    found: list[Wire] = []
    for document in documents:
        stages = document.get("default_stages")
        repositories = document.get("repos")
        for repository in () if repositories is None else repositories.entries():
            hooks = repository.get("hooks")
            for hook in () if hooks is None else hooks.entries():
                found += _wires(path, hook, stages)
        for hook in document.entries():
            found += _wires(path, hook, None)
    return Wiring(wires=tuple(found))


def _wires(path: str, hook: Node, default: Node | None) -> list[Wire]:
    name, entry = hook.get("id"), hook.get("entry")
    if name is None:
        return []
    arguments = _texts(hook.get("args"))
    words = [tokens.unquoted(word) for word in (entry.text.split() if entry is not None else _words(name.text))]
    shown = [f"id: {name.text}", *(f"{key}: {' '.join(_texts(hook.get(key)))}" for key in SHOWN if hook.get(key))]
    return [
        Wire(
            path=path,
            line=name.line,
            tool=tool,
            text=" ".join(", ".join(shown).split()),
            defused=_clause(hook, default, tool, [*words, *arguments]),
            within=name.text,
            runner="pre-commit",
        )
        for tool in tools.tools_of(words)
    ]


def _clause(hook: Node, default: Node | None, tool: str, words: list[str]) -> str:
    stages = _texts(hook.get("stages") or default)
    if stages and USUAL.isdisjoint(stages):
        return f"`stages: [{', '.join(stages)}]` keeps it out of the usual run"
    # A hook that rewrites is red all the same: pre-commit asks git whether files changed.
    options = [option for option in tools.PASSING.get(tool, ()) if option in words and option != "--fix-only"]
    return f"`{options[0]}` makes {tool} return 0" if options else ""


def _words(name: str) -> list[str]:
    """The command that a hook's id stands for: `ruff-format`, `mypy-src`, `pytest-check`."""
    known = [name, *(name[:index] for index in range(len(name)) if name[index] in "-_")]
    return next(([one] for one in known if one in tools.TOOLS or one in tools.NAMES), [name])


def _texts(node: Node | None) -> list[str]:
    if node is None:
        return []
    return [one.text for one in node.entries()] if node.is_container else [node.text]
