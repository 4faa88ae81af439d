"""State: lines that use what outlives a test, which is what tests share."""

from __future__ import annotations

import dis
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

LASTING = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL"})
CONSTANT = (str, bytes, int, float, complex, tuple, frozenset, type(None), type)
CALLED = (FunctionType, BuiltinFunctionType, MethodType, ModuleType)


def touches(frame: FrameType) -> str:
    """The name of a changeable value of the module that the line of a function uses; empty where it uses none."""
    if frame.f_code.co_name == "<module>":
        return ""
    for operation, name in _names(frame.f_code, frame.f_lineno):
        if operation in LASTING:
            return name
        if operation == "STORE_ATTR":
            return name
        if operation == "LOAD_GLOBAL" and _changeable(frame.f_globals.get(name), name):
            return name
    return ""


def _changeable(value: Any, name: str) -> bool:
    if name.startswith(("__", "@")) or isinstance(value, (*CONSTANT, *CALLED)):
        return False
    return type(value).__module__ not in ("re", "_pytest.mark.structures", "typing")


@lru_cache(maxsize=4096)
def _of_code(code: CodeType) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    line, before = code.co_firstlineno, None
    for one in dis.get_instructions(code):
        at = one.positions.lineno if one.positions is not None else None
        line = at or line
        own = one.opname == "STORE_ATTR" and before == "self"
        if not own and (one.opname in LASTING or one.opname in ("LOAD_GLOBAL", "STORE_ATTR")):
            found.setdefault(line, []).append((one.opname, str(one.argval)))
        before = one.argval if one.opname.startswith("LOAD_FAST") else None
    return found


def _names(code: CodeType, line: int) -> list[tuple[str, str]]:
    return _of_code(code).get(line, [])
