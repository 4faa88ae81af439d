"""Matrix: the combinations for which a job of a workflow runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from gates.project.wiring import expression
from gates.project.wiring.document import Node
from gates.project.wiring.expression import Scope

LIMIT = 256
"""Jobs that GitHub makes of one matrix at most."""

Values = Mapping[str, str]


@dataclass(frozen=True)
class Combinations:
    """Each combination as a scope of `matrix.KEY`; `unknown` is the clause that says why they may not be all."""

    held: tuple[Values, ...]
    unknown: str = ""


ONE = Combinations(({},))


def of(strategy: Node | None, scope: Scope) -> Combinations:
    """The combinations of a job's `strategy`; a single empty one without a matrix.

    GitHub's rules: the product of all lists, less what matches an entry of `exclude`; an entry of `include` goes into
    every combination whose own values it does not change, or else is one of its own.
    """
    matrix = None if strategy is None else strategy.get("matrix")
    if matrix is None:
        return ONE
    if not matrix.is_container:
        return Combinations((), f"the matrix is `{_short(matrix.text)}`")
    axes, unknown = [], ""
    for key, node in matrix.items():
        if key not in {"include", "exclude"}:
            values = list(_values(key, node, scope))
            axes.append(values)
            unknown = unknown or _why(key, node, values)
    excluded, included = _entries(matrix.get("exclude"), scope), _entries(matrix.get("include"), scope)
    for key, entries in (("include", included), ("exclude", excluded)):
        if entries is None:
            unknown = unknown or f"`{key}` of the matrix is `{_short(_text(matrix.get(key)))}`"
    made = [_joined(parts) for parts in islice(product(*axes), LIMIT)] if axes else []
    made = [one for one in made if not any(_matches(one, gone) for gone in excluded or ())]
    return Combinations(tuple({"matrix": "", **one} for one in _with(made, included or [])), unknown)


def _with(made: list[Values], included: Iterable[Values]) -> list[Values]:
    """The combinations with those of `include`."""
    original = [dict(one) for one in made]
    found = [dict(one) for one in made]
    for entry in included:
        fits = [
            index
            for index, one in enumerate(original)
            if all(one.get(key, value) == value for key, value in entry.items())
        ]
        for index in fits:
            found[index].update(entry)
        if not fits:
            found.append(dict(entry))
    return list(found)


def _matches(one: Values, gone: Values) -> bool:
    return bool(gone) and all(one.get(key) == value for key, value in gone.items())


def _joined(parts: Iterable[Values]) -> Values:
    return {key: value for part in parts for key, value in part.items()}


def _values(key: str, node: Node, scope: Scope) -> Iterator[Values]:
    if not node.is_container:
        for value in expression.listed(expression.resolved(node.text, scope)) or ():
            yield dict(_flat(f"matrix.{key}", value))
        return
    for entry in node.entries():
        yield dict(_of_node(f"matrix.{key}", entry, scope))


def _of_node(name: str, node: Node, scope: Scope) -> Iterator[tuple[str, str]]:
    if not node.is_container:
        yield name, expression.resolved(node.text, scope)
    for key, child in node.items():
        yield from _of_node(f"{name}.{key}", child, scope)
    if node.entries():
        yield name, " ".join(child.text for child in node.entries())


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    else:
        yield name, str(value)


def _entries(node: Node | None, scope: Scope) -> list[Values] | None:
    """The entries of `include` or `exclude`; None where they come from elsewhere."""
    if node is None:
        return []
    if not node.is_container:
        held = expression.listed(expression.resolved(node.text, scope))
        return None if held is None else [dict(_flat("matrix", one)) for one in held]
    return [dict(_of_node("matrix", entry, scope)) for entry in node.entries()]


def _why(key: str, node: Node, values: list[Values]) -> str:
    if not values:
        return f"`{key}` of the matrix is `{_short(_text(node))}`"
    opened = next((text for one in values for text in one.values() if expression.is_open(text)), "")
    return f"`{key}` of the matrix has `{_short(opened)}`" if opened else ""


def _text(node: Node | None) -> str:
    return "" if node is None else node.text or "[]"


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= 80 else f"{said[:77]}..."
