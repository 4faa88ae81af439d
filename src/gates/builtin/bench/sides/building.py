"""Building: whether a product has compiled parts, and those laid into its folder as its own backend builds them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.bench.sides import installing, requirements
from gates.model.reason import Reason
from gates.project import documents
from gates.project.facts import Project

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

BINARY = (".so", ".pyd")
BACKENDS = ("maturin", "mesonpy", "scikit_build_core", "skbuild", "sipbuild", "enscons")
"""Build backends that nobody uses for Python alone."""

COMPILERS = frozenset({
    "cffi", "cmake", "cython", "hatch-cython", "hatch-mypyc", "mypy", "mypyc", "nanobind", "pybind11", "scikit-build",
    "setuptools-golang", "setuptools-rust",
})  # fmt: skip
"""Distributions that a build requires only in order to compile."""

SETUP = re.compile(r"\bext_modules\b|\bExtension\(|\bcythonize\b|\bmypycify\b|\brust_extensions\b|\bcffi_modules\b")
WHEELED = "70.1"
"""The first setuptools that makes a wheel without the distribution `wheel`."""

AGAIN = ("--no-deps", "--target", "build/vltair", ".")
"""What shows the error of a build to whoever pastes it."""

METADATA = (".dist-info", ".data", ".egg-info")


def is_compiled(project: Project) -> bool:
    """Whether what builds the project compiles something."""
    system = documents.table(project.pyproject, "build-system")
    backend = system.get("build-backend")
    if isinstance(backend, str) and backend.partition(".")[0] in BACKENDS:
        return True
    if COMPILERS.intersection(one.name.lower().replace("_", "-") for one in _required(project)):
        return True
    tools = documents.table(project.pyproject, "tool")
    if documents.table(tools, "setuptools").get("ext-modules") or documents.table(tools, "poetry").get("build"):
        return True
    path = project.root / "setup.py"
    return path.is_file() and SETUP.search(path.read_text("utf-8", "replace")) is not None


def is_installed_compiled(modules: Iterable[str], own: Container[str], site: Iterable[Path]) -> bool:
    """Whether one of `modules` is installed in `site` with compiled parts, other than files called as one of `own`."""
    places = [folder.joinpath(*name.split(".")) for folder in site for name in modules]
    inside = (name for place in places for _, _, names in os.walk(place) for name in names)
    beside = (path.name for place in places for path in place.parent.glob(f"{place.name}.*"))
    return any(name.endswith(BINARY) and name not in own for name in (*inside, *beside))


def build(context: Context[Any], python: Interpreter, tree: Path, *, isolated: bool, side: str) -> Reason | Path:
    """The folder into which the project in `tree`, a copy to spoil, is installed; or why it cannot be built.

    `isolated` lets pip make an environment with what the build requires.
    """
    target = tree.with_name(f"{tree.name}-built")
    flags = () if isolated else ("--no-build-isolation",)
    what = f"building {side}, which has compiled parts,"
    wrong = installing.install(context, python, target, ("--no-deps", *flags, str(tree)), what=what, again=AGAIN)
    return target if wrong is None else wrong


def is_buildable_here(project: Project, installed: Mapping[str, str], version: str) -> bool:
    """Whether the judged environment, of Python `version`, has all that the build requires, so that none is made."""
    release = {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}
    required = (one for one in _required(project) if one.marker is None or one.marker.evaluate(release))
    wanted = list(required) or list(requirements.parsed(("setuptools",)))
    if requirements.unmet(wanted, installed, by_name=False):
        return False
    if any(one.name.lower() == "setuptools" for one in wanted) and "wheel" not in installed:
        newer = requirements.parsed((f"setuptools>={WHEELED}",))
        return not requirements.unmet(list(newer), installed, by_name=False)
    return True


def lay(built: Path, place: Path, project: Project) -> tuple[str, ...]:
    """Copy what only the build made into the tree at `place`; returns the names to import that it brought along.

    Raises:
        OSError: a file cannot be copied.
    """
    layout = project.layout
    brought = set()
    for path in _files(built):
        relative = path.relative_to(built)
        name = relative.parts[0].partition(".")[0]
        holding = (root for root in layout.import_roots if (place / root / name).is_dir())
        target = place / next(holding, layout.import_roots[0]) / relative
        if path.name.endswith(BINARY) or not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        if len(relative.parts) == 1 or (len(relative.parts) == 2 and path.name == "__init__.py"):
            brought.add(name)
    return tuple(sorted(one for one in brought if one.isidentifier()))


def _files(built: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(built):
        top = Path(folder) == built
        folders[:] = [one for one in folders if one != "__pycache__" and not (top and _is_aside(one))]
        yield from (Path(folder, name) for name in names)


def _is_aside(folder: str) -> bool:
    return folder in {"bin", "include", "share", "etc"} or folder.endswith(METADATA)


def _required(project: Project) -> Iterator[Any]:
    system = documents.table(project.pyproject, "build-system")
    return requirements.parsed(documents.words(system.get("requires")))
