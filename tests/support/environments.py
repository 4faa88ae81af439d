"""Environments to build in: each is made once, and the index is asked once for all backends together."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from gates.builtin.built import environment, source, system
from gates.builtin.built.environment import Environment
from gates.builtin.built.system import System
from gates.model.evidence import Refusal
from support.building import BACKENDS, VERSIONED, in_tree, real, site, versioned
from support.repositories import make_repository

ALL = tuple(package for package, _ in BACKENDS.values())
ONE_RETRY = {"PIP_RETRIES": "1"}
"""Five of them for each package take minutes where there is no network."""


class Made:
    """What builds projects of a backend, by its name; skips where the index cannot be reached."""

    def __init__(self, factory: pytest.TempPathFactory, stack: ExitStack) -> None:
        """The environments go when `stack` is closed."""
        self._factory, self._stack = factory, stack
        self._held: dict[tuple[str, ...], Environment | Refusal] = {}

    def __call__(self, name: str) -> tuple[System, Environment]:
        """The backend, with all others beside it where the index has them all and it is one of `BACKENDS`."""
        if name in BACKENDS:
            of, found = self._made(name, ALL)
            if not isinstance(found, Refusal):
                return of, found
        return self.alone(name)

    def alone(self, name: str) -> tuple[System, Environment]:
        """The backend with what its project requires, and nothing else."""
        of, found = self._made(name, None)
        return of, _or_skip(found)

    def all(self) -> Environment:
        """All of `BACKENDS` together."""
        return _or_skip(self._made("setuptools", ALL)[1])

    def _made(self, name: str, requires: tuple[str, ...] | None) -> tuple[System, Environment | Refusal]:
        place = self._factory.mktemp(name)
        context = site(_project(place / "p", name), ONE_RETRY)
        of = system.of(context.project)
        assert isinstance(of, System)
        wanted = of if requires is None else msgspec.structs.replace(of, requires=requires)
        key = wanted.requires
        if key not in self._held:
            assert not isinstance(context.python, Refusal)
            asked = source.write(context.project, place / "asked")
            made = environment.made(context, context.python, wanted, asked, kinds=("sdist", "wheel"))
            self._held[key] = self._stack.enter_context(made)
        return of, self._held[key]


def _or_skip(found: Environment | Refusal) -> Environment:
    if isinstance(found, Refusal):
        assert found.reason.code == "network_unavailable", found
        pytest.skip(f"needs a package index: {found.reason.message}")
    return found


def _project(root: Path, name: str) -> Path:
    if name in VERSIONED:
        return make_repository(root, versioned(name))
    return real(root, name) if name in BACKENDS else in_tree(root)
