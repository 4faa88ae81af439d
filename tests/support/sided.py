"""Sides of projects in real repositories, and what the judged Python makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from gates.builtin.bench.settings import BenchSettings
from gates.builtin.bench.sides import making as sides
from gates.builtin.bench.sides.making import Side, Sides
from gates.engine.context import GateContext
from gates.model.evidence import Refusal
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.process.interpreter import choose
from support.contexts import context
from support.repositories import commit_all, git, make_repository

ASK = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
        found[name] = [getattr(module, "VALUE", None), module.__file__]
    except ImportError as error:
        found[name] = [f"{type(error).__name__}: {error}", None]
print(json.dumps(found))
"""


class Asked(Gate[BenchSettings, Any]):
    """A gate with the settings of `bench`, and nothing else of it."""

    name: ClassVar[str] = "bench"
    Settings: ClassVar[type[Any]] = BenchSettings


def asking(
    root: Path,
    *,
    python: str = sys.executable,
    offline: bool = True,
    environ: Mapping[str, str] | None = None,
    **keys: Any,
) -> GateContext:
    """The context of a gate over the project at `root` with `python` as the judged interpreter."""
    chosen = choose(root, flag=python, configured=None, environ=os.environ, state=root / ".gates")
    made = context(root, Asked(), environ=environ, python=chosen, **keys)
    made.world = msgspec.structs.replace(made.world, offline=offline)
    return made


@contextmanager
def made(root: Path, base: str | None = "HEAD~1", **wished: Any) -> Iterator[Sides]:
    """The sides of the project at `root`, which must not be refused."""
    commit = None if base is None else git(root, "rev-parse", base)
    with sides.made(asking(root, **wished), commit) as answer:
        assert isinstance(answer, Sides), answer
        yield answer


def refused(root: Path, base: str | None = "HEAD~1", **wished: Any) -> Reason:
    """Why the sides of the project at `root` cannot be made."""
    commit = None if base is None else git(root, "rev-parse", base)
    with sides.made(asking(root, **wished), commit) as answer:
        assert isinstance(answer, Refusal), answer
        return answer.reason


def imported(side: Side, *names: str, python: str = sys.executable) -> dict[str, tuple[Any, str | None]]:
    """`VALUE` and file of each module as a process of the side has it, or the error."""
    env = {**os.environ, **side.env}
    done = subprocess.run(
        [python, "-P", "-c", ASK, *names], cwd=side.folder, env=env, capture_output=True, text=True, check=True
    )
    return {name: (value, file) for name, (value, file) in json.loads(done.stdout).items()}


def files(place: Path) -> list[str]:
    """The files below a folder, relative, without bytecode."""
    found = (path for path in place.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path.relative_to(place).as_posix() for path in found if "__pycache__" not in path.parts)


def changed(root: Path, before: Mapping[str, str | bytes], after: Mapping[str, str | bytes | None]) -> Path:
    """A repository whose last commit writes `after` over `before`; None removes a file."""
    make_repository(root, before)
    for name, text in after.items():
        path = root / name
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    commit_all(root)
    return root
