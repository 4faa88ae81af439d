"""What a start imports: the budget of a cached run, of `--version` and of pytest's own start, held without a clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support import healthy, repositories
from support.commands import environment, gates

TOLD = """
import atexit, sys
before = set(sys.modules)
import runpy
_, place, module, *arguments = sys.argv
atexit.register(lambda: open(place, "w").write(" ".join(sorted(set(sys.modules) - before))))
sys.argv = [module, *arguments]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""

HEAVY = (
    "asyncio", "configparser", "dataclasses", "difflib", "email", "importlib.metadata", "json", "jsonschema",
    "packaging", "pluggy", "psutil", "pytest", "random", "rich", "shutil", "tempfile", "tomlkit",
)  # fmt: skip
"""What costs milliseconds to import and what a run without work has no use for."""

UNCACHED = (
    "gates.builtin.bench.canaries",
    "gates.builtin.bench.collect",
    "gates.builtin.bench.stored.keeping",
    "gates.builtin.bench.paired",
    "gates.builtin.bench.stored.readers",
    "gates.builtin.bench.judging.ruling",
    "gates.builtin.bench.stored.data",
    "gates.builtin.determinism.canaries",
    "gates.builtin.determinism.collect",
    "gates.builtin.determinism.merge",
    "gates.builtin.determinism.screen",
    "gates.builtin.lint.canaries",
    "gates.builtin.lint.collect",
    "gates.builtin.policy.calls",
    "gates.builtin.policy.canaries",
    "gates.builtin.policy.collect",
    "gates.builtin.policy.compare",
    "gates.builtin.tests.canaries",
    "gates.builtin.tests.collect",
    "gates.builtin.tests.merge",
    "gates.builtin.suite.options",
    "gates.builtin.types.canaries",
    "gates.builtin.types.collect",
    "gates.config.dependencies",
    "gates.config.edit",
    "gates.config.effective",
    "gates.config.positions",
    "gates.engine.crash",
    "gates.process.child",
    "gates.process.tools",
    "gates.project.snapshot",
    "gates.project.wiring",
    "gates.project.workspace",
    "gates.render.junit",
    "gates.render.sarif",
)
"""What only a run that collects, fails or reports elsewhere needs."""


def imported(folder: Path, module: str, *arguments: str) -> set[str]:
    """What `python -m MODULE ARGUMENTS`, called in `folder`, imports beyond what the interpreter itself does."""
    place = folder.with_name(f"{folder.name}.modules")
    done = subprocess.run(
        [sys.executable, "-c", TOLD, str(place), module, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(place.read_text().split())


def below(name: str, modules: set[str]) -> set[str]:
    """The package `name` itself and what is in it."""
    return {one for one in modules if one == name or one.startswith(f"{name}.")}


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose gates have all been judged, and found again in the cache."""
    root = healthy.write(tmp_path_factory.mktemp("cached") / "sample")
    repositories.git(root, "init", "--quiet")
    repositories.commit_all(root)
    first = gates("check", cwd=root)
    assert first.code == 0, first.out + first.err
    again = gates("check", cwd=root)
    assert again.out.count("cached") == 4, again.out + again.err
    return root


def test_a_cached_check_imports_nothing_for_the_uncached_one(cached: Path) -> None:
    modules = imported(cached, "gates", "check")
    assert "gates.engine.session" in modules, "the list of modules is not one"
    assert {name: found for name in (*HEAVY, *UNCACHED) if (found := below(name, modules))} == {}


def test_a_cached_check_imports_no_judging_of_gates_that_are_not_judged(cached: Path) -> None:
    modules = {one for one in imported(cached, "gates", "check") if one.startswith("gates.builtin.")}
    judging = {one.split(".")[2] for one in modules if one.endswith(".decide")}
    assert judging == {"lint", "types", "tests", "policy"}


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_judges_nothing_imports_no_gate(tmp_path: Path, option: str) -> None:
    modules = imported(tmp_path, "gates", option)
    assert "gates.cli.app" in modules
    assert not below("gates.builtin", modules) | below("gates.engine", modules) | below("gates.config", modules)
    if option == "--version":
        assert not below("msgspec", modules) | below("gates.model", modules) | {"gates.cli.check"} & modules


@pytest.mark.requirement("PYT-1")
def test_pytest_starts_with_few_modules_of_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    modules = imported(tmp_path, "pytest", "-q", "-p", "no:cacheprovider")
    always = ("", ".fixtures", ".hooks", ".hookspecs", ".options", ".plugin", ".unused")
    assert below("pytest_vltair", modules) == {f"pytest_vltair{name}" for name in always}
    assert not below("gates", modules) | below("msgspec", modules)
