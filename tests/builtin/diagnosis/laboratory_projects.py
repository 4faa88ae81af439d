"""Small projects in a laboratory: what its trials say of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from gates.builtin.diagnosis.laboratory import Local, opened
from gates.builtin.diagnosis.trial import Ran
from gates.process import interpreter
from gates.process.interpreter import Interpreter
from gates.project import facts


def project(root: Path, files: Mapping[str, str]) -> Path:
    """The folder with these files."""
    for name, text in {"pytest.ini": "[pytest]\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


@contextmanager
def laboratory(root: Path, **options: Any) -> Iterator[Local]:
    """A laboratory for the project in a folder, whose state and scratch are beside it; no plugin is loaded unasked."""
    options.setdefault("environ", {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    options.setdefault("state", root.parent / "state")
    scratch = root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    own = interpreter.choose(root, flag=None, configured=None, environ=options["environ"], state=options["state"])
    assert isinstance(own, Interpreter)
    with opened(facts.find(root), own, scratch=scratch, **options) as local:
        yield local
    assert list(scratch.iterdir()) == []


def ends(ran: Ran) -> dict[str, str]:
    """How each test ended, by the name of its function."""
    return {one.nodeid.rpartition("::")[2]: ran.of(one.nodeid).ended for one in ran.results}
