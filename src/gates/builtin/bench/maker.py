"""Maker: writes the folders of all sides, and finds out that each imports its own product."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.bench import building, isolation, trees
from gates.builtin.bench.apart import Installer
from gates.builtin.bench.facts import Side as Name
from gates.builtin.bench.side import PLACES, Sides, Source
from gates.builtin.bench.trees import Trees
from gates.model.reason import Reason
from gates.project.facts import Project

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

BASE = "gates check bench --base REF"
HIDDEN = "none"


class Maker(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Writes below `place`; `notes` are sentences that are known already."""

    context: Context[Any]
    python: Interpreter
    both: Trees
    place: Path
    notes: tuple[str, ...]

    def sides(self) -> Sides | Reason:
        """All sides, or why there are none.

        Raises:
            GatesError: git failed, or a file of the project cannot be read.
            OSError: a file cannot be copied.
        """
        installer = Installer(context=self.context, python=self.python, both=self.both, place=self.place)
        built = installer.builds(self._projects)
        if isinstance(built, Reason):
            return built
        modules: dict[Name, tuple[str, ...]] = {}
        for name, project in self._projects.items():
            modules[name] = self._written(name, project, built.get(name))
        wrong = self._nothing(modules)
        if wrong is not None:
            return wrong
        more: dict[Name, tuple[Path, ...]] = {}
        for name in self._projects:
            answer = installer.requirements(name)
            if isinstance(answer, Reason):
                return answer
            more[name] = answer
        made = self._joined(modules, more, tuple(map(str, installer.differences)))
        return self._isolated(made) or made

    @cached_property
    def _projects(self) -> Mapping[Name, Project]:
        if self.both.original is self.both.head:
            return {"head": self.both.head}
        return {"base": self.both.original, "head": self.both.head}

    @property
    def _prefix(self) -> str:
        return "" if self.both.head.git is None else self.both.head.git.prefix

    def _written(self, name: Name, project: Project, built: Path | None) -> tuple[str, ...]:
        """Write one side; returns the names to import from it."""
        top = self.place / PLACES[name]
        folder = top / self._prefix
        folder.mkdir(parents=True)
        trees.configured(self.both.head.git, top)
        if name == "head":
            self.both.write_head(folder)
        else:
            self.both.write_base(folder)
            self.both.complete(project.root)
        found = set(self.both.modules(project))
        if built is not None:
            found.update(building.lay(built, folder, project))
            if name == "base":
                building.lay(built, project.root, project)
        return tuple(sorted(found))

    def _nothing(self, modules: Mapping[Name, tuple[str, ...]]) -> Reason | None:
        """Why there is nothing to compare, if so; without a base, benchmarks of anything are measured."""
        if "base" not in modules or set(modules["base"]).intersection(modules["head"]):
            return None
        before, now = (", ".join(modules[name]) or "none" for name in ("base", "head"))
        if before == now:
            message = "the project has no package or module that could be compared"
            return Reason(code="nothing_examined", message=message, fix="gates check bench --explain")
        message = f"base has no package of head ({now}); its packages: {before}"
        return Reason(code="no_base", message=message, fix=BASE)

    def _joined(
        self,
        modules: dict[Name, tuple[str, ...]],
        more: Mapping[Name, tuple[Path, ...]],
        differing: tuple[str, ...],
    ) -> Sides:
        root, environ = self.both.head.root, self.context.environ
        sources = {
            name: Source(root=root, roots=project.layout.import_roots, more=more[name], environ=environ)
            for name, project in self._projects.items()
        }
        names: tuple[Name, ...] = ("head",)
        original = None
        if "base" in sources:
            names = ("base", "head", "control")
            shutil.copytree(self.place / PLACES["base"], self.place / PLACES["control"], symlinks=True)
            hidden = self.place / HIDDEN
            hidden.mkdir()
            sources["base"] = msgspec.structs.replace(sources["base"], more=(hidden, *more["base"]))
            sources["control"] = sources["base"]
            modules["control"] = modules["base"]
            original = sources["base"].side("base", self.both.original.root)
        return Sides(
            names=names,
            original=original,
            modules=modules,
            differing=differing,
            notes=(*self.notes, *self.both.notes),
            place=self.place,
            prefix=self._prefix,
            sources=sources,
        )

    def _isolated(self, sides: Sides) -> Reason | None:
        """What is wrong with where the sides import from; what base would find of head's is hidden from it."""
        lacking = tuple(one for one in sides.modules["head"] if one not in sides.modules.get("base", (one,)))
        for name in self._projects:
            side = sides.side(name, swapped=False)
            asked = sides.modules[name] + (lacking if name == "base" else ())
            found = isolation.places(self.context, self.python.path, side.folder, side.env, asked)
            if isinstance(found, Reason):
                return found
            wrong = isolation.strays(name, (side.folder,), {one: found.get(one) for one in sides.modules[name]})
            if wrong is not None:
                return wrong
            if name == "base":
                theirs = [one for one in lacking if self._is_own(one, found.get(one))]
                isolation.hide(self.place / HIDDEN, theirs)
        return None

    def _is_own(self, module: str, file: str | None) -> bool:
        """Whether what base finds under the name of a package that only head has is head's, installed somehow."""
        if file is None:
            return False
        return isolation.is_of(file, self.both.head.root) or isolation.is_installed_by(
            self.both.head.name, module, self.python.site
        )
