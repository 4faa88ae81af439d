"""Installation: the command that puts something into an environment as the project itself would."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gates.process import apart, locks

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter


def install_command(root: Path, interpreter: Interpreter | None, *requirements: str) -> str:
    """The command that installs `requirements` where they are missing, to be pasted in `root`.

    With None that is gates' own environment. Where gates' own is judged for want of another, the command leads to the
    project's. A lock file here or above decides over the environment that it describes, because what is installed past
    it is gone after the next sync; elsewhere the environment's own pip does it. A session of nox is made anew each
    time, so that only an edit lasts.
    """
    if interpreter is None:
        return apart.install_command(root, requirements)
    seen = apart.elsewhere(root, interpreter)
    if seen is not None:
        return seen
    words = locks.adding(root, interpreter.prefix, interpreter, requirements)
    if words is None and interpreter.unnamed:
        return apart.install_command(root, requirements)
    if words is None and interpreter.prefix.parent.name == ".nox":
        named = " ".join(requirements)
        return f"add {named} to session.install(...) of the session {interpreter.prefix.name} in noxfile.py"
    return apart.joined(words or _pip(root, interpreter, *requirements))


def editable_command(root: Path, interpreter: Interpreter) -> str:
    """The command that has an environment import the project from its tree, to be pasted in `root`.

    nox and tox install the project again with every run, so that only an edit lasts.
    """
    seen = apart.elsewhere(root, interpreter)
    if seen is not None:
        return seen
    folder, name = interpreter.prefix.parent.name, interpreter.prefix.name
    if folder == ".nox":
        return f'install the project by session.install("-e", ".") in the session {name} in noxfile.py'
    if folder == ".tox":
        return f"set `package = editable` for the environment {name} in the configuration of tox"
    words = locks.installing(root, interpreter)
    return apart.joined(words or _pip(root, interpreter, "--editable", "."))


def _pip(root: Path, interpreter: Interpreter, *arguments: str) -> tuple[str, ...]:
    return apart.pip(str(interpreter.path), root, arguments, installed="pip" in interpreter.distributions)
