"""Sessions: what a noxfile, or the tasks of invoke, run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from gates.project.wiring import script, tools
from gates.project.wiring.wire import Unreadable, Wire, Wiring

RUNNING = frozenset({"run", "run_always", "run_install", "sudo"})
LEAVING = frozenset({"error", "exit", "fail"})


def of(path: str, text: str) -> Wiring:
    """The wires of a file of sessions: each `session.run(...)` whose words can be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        return Wiring(unreadable=(Unreadable(path=path, line=line, why="it is not Python"),))
    return Wiring(wires=tuple(_wires(path, tree.body, text.split("\n"), "", "")))


def _wires(path: str, body: Sequence[ast.AST], lines: list[str], within: str, clause: str) -> Iterator[Wire]:
    for node in body:
        name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not within else within
        if isinstance(node, ast.Call):
            yield from _called(path, node, lines, name, clause)
        if isinstance(node, ast.Try) and any(_swallows(handler) for handler in node.handlers):
            yield from _wires(path, node.body, lines, name, clause or "`except` takes its failure away")
            rest = [*node.handlers, *node.orelse, *node.finalbody]
            yield from _wires(path, rest, lines, name, clause)
        elif isinstance(node, ast.With) and any("suppress" in ast.dump(item.context_expr) for item in node.items):
            yield from _wires(path, node.body, lines, name, clause or "`suppress` takes its failure away")
        else:
            yield from _wires(path, list(ast.iter_child_nodes(node)), lines, name, clause)


def _called(path: str, call: ast.Call, lines: list[str], within: str, clause: str) -> Iterator[Wire]:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in RUNNING):
        return
    words = [word for argument in call.args for word in _words(argument)]
    if len(words) == 1:
        # invoke gives a line to a shell.
        found = [(one.words, one.clause) for one in script.read(words[0])] if " " in words[0] else [(tuple(words), "")]
    else:
        found = script.called(words)
    own = clause or _forgiven(call)
    text = " ".join(" ".join(lines[call.lineno - 1 : call.end_lineno]).split())
    for command, inner in found:
        for tool in tools.tools_of(command):
            defused = own or inner or tools.own_clause(tool, command)
            yield Wire(
                path=path,
                line=call.lineno,
                tool=tool,
                text=text,
                defused=defused,
                within=within,
                runner="invoke" if path.endswith("tasks.py") else "nox",
            )


def _words(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.List | ast.Tuple):
        return [word for one in node.elts for word in _words(one)]
    if isinstance(node, ast.Starred):
        return _words(node.value)
    return ["$" + ast.unparse(node)] if isinstance(node, ast.Name | ast.Attribute) else []


def _forgiven(call: ast.Call) -> str:
    for keyword in call.keywords:
        value = keyword.value
        if keyword.arg == "success_codes" and any(
            not (isinstance(one, ast.Constant) and one.value == 0) for one in getattr(value, "elts", [value])
        ):
            return f"`success_codes={ast.unparse(value)}` takes a failure for success"
        if keyword.arg == "warn" and isinstance(value, ast.Constant) and value.value:
            return "`warn=True` takes its failure away"
    return ""


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a handler goes on as if nothing had happened."""
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise | ast.Assign | ast.AugAssign):
            return False
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LEAVING | {"append"}
        ):
            return False
    return True
