"""Circumstances and real backends: the same bytes under the same, and what is known of each backend otherwise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.built.environment import Environment
from gates.builtin.built.system import System
from gates.builtin.repro.circumstances.workshop import Made as Build
from gates.builtin.repro.circumstances.workshop import Workshop
from gates.builtin.repro.facts import FACTORS, FactorName
from gates.engine.context import GateContext
from gates.project import workspace
from support import circumstances
from support.building import real, site
from support.environments import Made

pytestmark = pytest.mark.xdist_group("circumstances")

DATA = {"sample/data.txt": "text\n", "setup.cfg": "[options.package_data]\nsample = *.txt\n"}

Installed = Callable[[str], tuple[GateContext, System, Environment]]


@pytest.fixture(scope="module")
def installed(environments: Made, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A project of a backend and what builds it; skips where the index cannot be reached."""

    @cache
    def find(name: str) -> tuple[GateContext, System, Environment]:
        of, filled = environments(name)
        return site(real(tmp_path_factory.mktemp(name) / "project", name, DATA)), of, filled

    return find


@contextmanager
def opened(found: tuple[GateContext, System, Environment]) -> Iterator[Workshop]:
    asked, of, filled = found
    with workspace.folder(asked.scratch) as place:
        yield Workshop(asked, filled, of, circumstances.EPOCH, place)


def hashed(made: Build) -> str:
    assert isinstance(made.outcome, Artifact), made.outcome
    assert made.outside == ()
    return made.outcome.sha256


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
@pytest.mark.parametrize("name", ["setuptools", "flit", "hatchling", "poetry", "pdm"])
def test_the_same_circumstances_give_the_same_bytes(installed: Installed, name: str, kind: Kind) -> None:
    with opened(installed(name)) as workshop:
        assert hashed(workshop.build(kind, {})) == hashed(workshop.build(kind, {}))


KNOWN: dict[tuple[str, Kind], set[FactorName]] = {
    ("setuptools", "wheel"): {"umask", "modes"},
    ("setuptools", "sdist"): {"umask", "modes", "owner", "mtimes", "clock"},
    ("flit", "wheel"): set(),
    ("flit", "sdist"): set(),
    ("hatchling", "wheel"): set(),
    ("hatchling", "sdist"): set(),
    ("pdm", "wheel"): set(),
    ("pdm", "sdist"): {"clock"},
}
"""What 55 published projects were found to react to under one SOURCE_DATE_EPOCH."""


STEADY = {("flit", "sdist"), ("hatchling", "wheel"), ("hatchling", "sdist"), ("pdm", "wheel")}
"""Those that react to nothing, but for one that is in every run."""


@pytest.mark.parametrize(
    ("name", "kind"), [pytest.param(*one, marks=[pytest.mark.slow] if one in STEADY else []) for one in KNOWN]
)
def test_factors_that_are_known_to_matter_do_and_no_others(installed: Installed, name: str, kind: Kind) -> None:
    with opened(installed(name)) as workshop:
        reference = hashed(workshop.build(kind, {}))
        found = {one for one in FACTORS if hashed(workshop.build(kind, {one: 1})) != reference}
    assert found == KNOWN[name, kind]
