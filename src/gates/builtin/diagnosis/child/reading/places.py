"""Places: which frames are of the project, and which of its lines is meant by a read."""

# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import ast
import linecache
import os
import sys
from functools import cache
from types import CodeType, FrameType

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
FOREIGN = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages", ".venv", ".tox", ".nox"))
IMPORTING = "<frozen importlib"


class Project:
    """The files below a root that are its own."""

    def __init__(self, root: str) -> None:
        self._roots = tuple({os.path.join(one, "") for one in (root, os.path.realpath(root))})
        self._own: dict[str, str] = {}

    def path(self, code: CodeType) -> str:
        """The file of a code below the root; empty where it is none of the project's."""
        return self.below(code.co_filename)

    def below(self, name: str) -> str:
        """A file below the root, as the project calls it; empty where it is none of the project's."""
        if name not in self._own:
            self._own[name] = self._below(name)
        return self._own[name]

    def _below(self, name: str) -> str:
        root = next((one for one in self._roots if name.startswith(one)), None)
        prefix = os.path.join(sys.prefix, "")
        own_venv = bool(root) and prefix.startswith(root or "") and name.startswith(prefix)
        if root is None or name.startswith(HERE) or own_venv or any(one in name for one in FOREIGN):
            return ""
        return name[len(root) :].replace(os.sep, "/")

    def reader(self, frame: FrameType | None) -> tuple[str, int] | None:
        """The line that is meant by a read in a frame: the nearest of the project, or the call of a thin helper.

        None where an import of something else stands between them.
        """
        while frame is not None:
            if path := self.path(frame.f_code):
                if frame.f_code.co_name in helpers(frame.f_code.co_filename) and self._caller(frame) is not None:
                    frame = frame.f_back
                    continue
                return path, frame.f_lineno
            if frame.f_code.co_filename.startswith(IMPORTING):
                return None
            frame = frame.f_back
        return None

    def _caller(self, frame: FrameType) -> FrameType | None:
        back = frame.f_back
        return back if back is not None and self.path(back.f_code) else None


@cache
def helpers(file: str) -> frozenset[str]:
    """Functions of a file that do nothing but return a value to two or more other functions of it."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return frozenset()
    thin = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and _is_thin(one)}
    calls: dict[str, set[int]] = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("test"):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    calls.setdefault(node.func.id, set()).add(node.lineno)
    return frozenset(name for name in thin if len(calls.get(name, ())) > 1)


def _is_thin(function: ast.FunctionDef) -> bool:
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Return)
