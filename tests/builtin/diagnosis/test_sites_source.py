"""Rewritten programs do what they did, line by line; only what walks a set asks first."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest

from gates.builtin.diagnosis.child.reading.source import HASH, POP, TEXT, WALK, Marked, give

PROGRAM = """
    from collections import deque

    def walk(values):
        yield from values

    def every():
        names = {"b", "a", "c"}
        found = [list(names), tuple(names), [one for one in names], {one: 1 for one in names}, ",".join(names)]
        found += [str(names), f"{names!r:>40}", repr(names), *names, next(iter(names)), dict.fromkeys(names)]
        found += [list(enumerate(names)), list(zip(names, names)), list(map(str.upper, names)), list(walk(names))]
        first, *rest = names
        found += [first, rest, hash("a"), sorted(names), len(names), type(names), deque(names), max(names, key=len)]
        taken = names.pop()
        found += [taken, [1, 2].pop(), {"a": 1}.pop("a"), names]
        for index, name in enumerate(frozenset(names)):
            found.append((index, name))
        return found
"""


@pytest.fixture
def asked() -> Iterator[list[object]]:
    walked: list[object] = []

    def walk(values: Any) -> Any:
        if type(values) in (set, frozenset):
            walked.append(values)
        return values

    give(walk, walk, hash, lambda values: values.pop())
    yield walked
    for name in (WALK, TEXT, HASH, POP):
        delattr(builtins, name)


def rewritten(program: str, *, dropped: frozenset[int] = frozenset(), hashes: bool = True, words: bool = False) -> Any:
    tree = ast.parse(dedent(program))
    lines = [(type(node).__name__, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    Marked(hashes, dropped, words, asserts=True).visit(tree)
    after = [(type(node).__name__, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    assert len(lines) == len(after)
    assert [line for _, line in lines] == [line for _, line in after]
    names: dict[str, Any] = {}
    exec(compile(tree, "program.py", "exec"), names)
    return names


def test_a_rewritten_program_gives_the_same(asked: list[object]) -> None:
    plain: dict[str, Any] = {}
    exec(compile(dedent(PROGRAM), "program.py", "exec"), plain)
    assert rewritten(PROGRAM)["every"]() == plain["every"]()
    assert len(asked) >= 18


def test_a_check_is_dropped_on_its_line_only() -> None:
    program = """
    def first():
        assert False

    def second():
        assert False
    """
    names = rewritten(program, dropped=frozenset({3}), hashes=False)
    names["first"]()
    with pytest.raises(AssertionError):
        names["second"]()


def test_a_constant_and_words_are_other_on_their_lines_only() -> None:
    program = """
    def told():
        "Words."
        return __debug__, told.__doc__

    def kept():
        return __debug__, told.__doc__
    """
    names = rewritten(program, dropped=frozenset({4}), hashes=False, words=True)
    assert names["told"]() == (False, None)
    assert names["kept"]() == (True, "Words.")
