"""Document: YAML as nodes that know their line, for files that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

DEPTH, NODES = 60, 200_000
"""No pipeline is deeper or larger; a few aliases can make a document that is."""


class NotYaml(Exception):  # noqa: N818 - a verdict about the text
    """The text is not YAML, or more than can be looked at; says so in a clause, with the line."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class Node:
    """A mapping, a sequence or a text (`text`, "" for the others) that begins in line `line`, from 1.

    `parent_key` is the key under which it stands, in line `key_line`; None as `parent` marks the top.
    """

    line: int
    text: str = ""
    pairs: tuple[tuple[str, Node], ...] = ()
    listed: tuple[Node, ...] = ()
    is_container: bool = False
    parent_key: str = ""
    parent: str | None = None
    key_line: int = 0

    def get(self, key: str) -> Node | None:
        """The value under a key of a mapping; the last one where it is written twice."""
        return next((value for name, value in reversed(self.pairs) if name == key), None)

    def items(self) -> tuple[tuple[str, Node], ...]:
        """Keys and values of a mapping, none for the others."""
        return self.pairs

    def entries(self) -> tuple[Node, ...]:
        """Members of a sequence, none for the others."""
        return self.listed


def nodes(text: str) -> Iterator[Node]:
    """The documents of a YAML text.

    Raises:
        NotYaml: it cannot be read.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for document in yaml.compose_all(text, Loader=loader):
            if document is not None:
                yield _Reading().node(document, "", None, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise NotYaml(
            f"it is not YAML: {error.problem or error.context or 'it ends too early'}",
            None if mark is None else mark.line + 1,
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise NotYaml("it is not YAML: it has characters that YAML does not") from error


class _Reading:
    def __init__(self) -> None:
        self.left = NODES

    def node(self, found: Any, key: str, parent: str | None, depth: int) -> Node:
        """A composed node and all below it."""
        self.left -= 1
        if depth > DEPTH or self.left < 0:
            raise NotYaml("it nests or repeats too much to be read", found.start_mark.line + 1)
        line = found.start_mark.line + 1
        if found.id == "scalar":
            # The text of a block begins on the line below its mark.
            return Node(line + (found.style in ("|", ">")), found.value, parent_key=key, parent=parent)
        if found.id == "sequence":
            listed = tuple(self.node(one, key, key, depth + 1) for one in found.value)
            return Node(line, listed=listed, is_container=True, parent_key=key, parent=parent)
        pairs = []
        for name, value in found.value:
            word = str(name.value) if name.id == "scalar" else ""
            below = self.node(value, word, key, depth + 1)
            pairs.append((word, replace(below, key_line=name.start_mark.line + 1)))
        return Node(line, pairs=tuple(self._merged(pairs)), is_container=True, parent_key=key, parent=parent)

    @staticmethod
    def _merged(pairs: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
        """Pairs with those of `<<` before them, so that what is written here wins."""
        inherited = [
            pair for word, value in pairs if word == "<<" for one in (value, *value.listed) for pair in one.pairs
        ]
        return [*inherited, *(pair for pair in pairs if pair[0] != "<<")]
