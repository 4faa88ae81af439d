"""Keyed: marks of tests that give their id by a keyword, which pytest passes on to nobody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gates.builtin.trace.facts import Remark

MARK = "requirement"
LIKELY = re.compile(rf"\b{MARK}\(\s*(?:\w+\s*=|\*\*)")
"""What few files have, so that the others are not parsed once more."""


def remarks(path: str, text: str) -> Iterator[Remark]:
    """Each mark of a file of tests that has keywords alone, and so names nothing."""
    if LIKELY.search(text) is None:
        return
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.keywords and not node.args and _is_mark(node.func):
            ids = [one.value for one in node.keywords]
            shown = ", ".join(map(ast.unparse, ids))
            message = (
                f"the mark {MARK}({', '.join(map(ast.unparse, node.keywords))}) names nothing, since an id is given "
                f"without a keyword: write {MARK}({shown})"
            )
            first = ids[0].value if isinstance(ids[0], ast.Constant) else path
            yield Remark(code="TRC002", path=path, line=node.lineno, message=message, subject=str(first))


def _is_mark(node: ast.expr) -> bool:
    """Whether it is `pytest.mark.requirement` or `mark.requirement`."""
    if not isinstance(node, ast.Attribute) or node.attr != MARK:
        return False
    mark = node.value
    return (mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "")) == "mark"
