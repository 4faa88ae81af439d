"""Source: what no call reads, the order of sets, hashes checks that `-O` drops, becomes a call as it is imported."""

# ruff: noqa: PTH118

from __future__ import annotations

import ast
import builtins
import importlib.machinery
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

WALK, TEXT, HASH, POP = "__vltair_walk__", "__vltair_text__", "__vltair_hash__", "__vltair_pop__"
WALKERS = frozenset({"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "sum", "deque", "islice", "chain"})
KEYED = frozenset({"sorted", "max", "min"})
METHODS = frozenset({"join", "fromkeys", "extend", "writelines"})
TEXTS = frozenset({"str", "repr", "print", "format"})


class Marked(ast.NodeTransformer):
    """Has all that walks a set, or hashes, ask first; every line keeps its number."""

    def __init__(self, hashes: bool, dropped: frozenset[int], words: bool, asserts: bool) -> None:
        self._hashes, self._dropped, self._words, self._asserts = hashes, dropped, words, asserts

    def _asked(self, name: str, node: Any) -> Any:
        made = ast.Call(ast.Name(name, ast.Load()), [node], [])
        return ast.copy_location(ast.fix_missing_locations(ast.copy_location(made, node)), node)

    def _walked(self, node: Any) -> Any:
        plain = isinstance(
            node, (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Lambda, ast.Starred, ast.GeneratorExp)
        )
        return node if plain or not self._hashes else self._asked(WALK, node)

    def _loop(self, node: Any) -> Any:
        self.generic_visit(node)
        node.iter = self._walked(node.iter)
        return node

    visit_For = _loop  # noqa: N815 - the name is that of ast

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        """One that is asynchronous walks no set."""
        return self.generic_visit(node) if node.is_async else self._loop(node)

    def visit_Starred(self, node: ast.Starred) -> Any:
        """`*values`, where they are read."""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._walked(node.value)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> Any:
        """`yield from values`."""
        self.generic_visit(node)
        node.value = self._walked(node.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """`first, second = values`."""
        self.generic_visit(node)
        if any(isinstance(one, (ast.Tuple, ast.List)) for one in node.targets) and len(node.targets) == 1:
            node.value = self._walked(node.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        """`f"{values}"`."""
        self.generic_visit(node)
        if self._hashes and not isinstance(node.value, ast.Constant):
            node.value = self._asked(TEXT, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """`list(values)`, `", ".join(values)`, `hash(value)`, `values.pop()`."""
        self.generic_visit(node)
        if not self._hashes:
            return node
        function = node.func
        if isinstance(function, ast.Name):
            if function.id == "hash" and len(node.args) == 1 and not node.keywords:
                node.func = ast.copy_location(ast.Name(HASH, ast.Load()), function)
            elif function.id in WALKERS or (function.id in KEYED and node.keywords):
                node.args = [self._walked(one) for one in node.args]
            elif function.id in TEXTS:
                node.args = [
                    one if isinstance(one, (ast.Constant, ast.Starred)) else self._asked(TEXT, one) for one in node.args
                ]
        elif isinstance(function, ast.Attribute):
            if function.attr in METHODS:
                node.args = [self._walked(one) for one in node.args]
            elif function.attr == "pop" and not node.args and not node.keywords:
                called = ast.Call(ast.Name(POP, ast.Load()), [function.value], [])
                return ast.fix_missing_locations(ast.copy_location(called, node))
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:
        """A check on a line of which it is asked what comes without it."""
        self.generic_visit(node)
        return ast.copy_location(ast.Pass(), node) if self._asserts and node.lineno in self._dropped else node

    def visit_Name(self, node: ast.Name) -> Any:
        """`__debug__`."""
        if node.id == "__debug__" and node.lineno in self._dropped:
            return ast.copy_location(ast.Constant(False), node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        """`function.__doc__`."""
        self.generic_visit(node)
        if self._words and node.attr == "__doc__" and node.lineno in self._dropped and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(None), node)
        return node


class Rewriting:
    """How the project's files are compiled from here on."""

    def __init__(self, path: Callable[[str], str], hashes: bool, at: frozenset[tuple[str, int]], level: int) -> None:
        self._path, self._hashes, self._at, self._level = path, hashes, at, level

    def start(self) -> None:
        """Begin; what was compiled before is not taken from any cache."""
        sys.dont_write_bytecode = True
        sys.pycache_prefix = os.path.join(tempfile.gettempdir(), "vltair-no-cache")
        loader = importlib.machinery.SourceFileLoader
        compiled = loader.source_to_code

        def source_to_code(self: Any, data: Any, path: Any, *more: Any, **named: Any) -> Any:
            if isinstance(data, (bytes, str)) and (own := _text(path)) and rewriting.of(own):
                with suppress(SyntaxError, ValueError):
                    data = rewriting.tree(ast.parse(data), own, asserts=True)
            return compiled(self, data, path, *more, **named)

        rewriting = self
        loader.source_to_code = source_to_code  # type: ignore[method-assign]
        self._tests()

    def _tests(self) -> None:
        from _pytest.assertion import rewrite

        asserted = rewrite.rewrite_asserts

        def rewrite_asserts(mod: ast.Module, source: bytes, module_path: Any = None, config: Any = None) -> None:
            if module_path and self.of(_text(module_path)):
                self.tree(mod, _text(module_path), asserts=False)
            asserted(mod, source, module_path, config)

        rewrite.rewrite_asserts = rewrite_asserts

    def of(self, path: str) -> str:
        """The file below the root; empty where it is not the project's."""
        return self._path(path)

    def tree(self, tree: ast.Module, path: str, *, asserts: bool) -> ast.Module:
        """The tree of a file, changed in place."""
        lines = frozenset(line for file, line in self._at if file == self.of(path)) if self._level else frozenset()
        Marked(self._hashes, lines, self._level > 1, asserts).visit(tree)
        return tree


def _text(path: Any) -> str:
    return os.fsdecode(path)


def give(
    walk: Callable[[Any], Any], text: Callable[[Any], Any], code: Callable[[Any], Any], pop: Callable[[Any], Any]
) -> None:
    """Have rewritten modules find what they ask."""
    for name, made in ((WALK, walk), (TEXT, text), (HASH, code), (POP, pop)):
        setattr(builtins, name, made)
