"""Environments to build in: each is made once, and the index is asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gates.builtin.built import environment, source, system
from gates.builtin.built.environment import Environment
from gates.builtin.built.system import System
from gates.model.evidence import Refusal
from support.building import BACKENDS, VERSIONED, in_tree, real, site, versioned
from support.repositories import make_repository

Made = Callable[[str], tuple[System, Environment]]


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """What builds projects of a backend, by its name; skips where the index cannot be reached."""
    held: dict[str, tuple[System, Environment] | str] = {}
    with ExitStack() as stack:

        def made(name: str) -> tuple[System, Environment]:
            if name not in held:
                place = tmp_path_factory.mktemp(name)
                root = _project(place / "p", name)
                context = site(root)
                of = system.of(context.project)
                assert isinstance(of, System)
                assert not isinstance(context.python, Refusal)
                asked = source.write(context.project, place / "asked")
                filled = stack.enter_context(
                    environment.made(context, context.python, of, asked, kinds=("sdist", "wheel"))
                )
                unreachable = isinstance(filled, Refusal) and filled.reason.code == "network_unavailable"
                held[name] = f"needs a package index: {filled}" if unreachable else (of, filled)  # type: ignore[assignment]
            found = held[name]
            if isinstance(found, str):
                pytest.skip(found)
            assert not isinstance(found[1], Refusal), found[1]
            return found

        yield made


def _project(root: Path, name: str) -> Path:
    if name in VERSIONED:
        return make_repository(root, versioned(name))
    return real(root, name) if name in BACKENDS else in_tree(root)
