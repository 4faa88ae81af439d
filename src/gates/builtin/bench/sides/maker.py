"""Maker: writes the folders of all sides, and finds out that each imports its own product."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.bench.facts import Side as Name
from gates.builtin.bench.sides import building, isolation, linking, requirements, trees
from gates.builtin.bench.sides.apart import Installer
from gates.builtin.bench.sides.side import PLACES, Sides, Source
from gates.builtin.bench.sides.trees import Trees
from gates.model.reason import Reason
from gates.project.facts import Project

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

BASE = "gates check bench --base REF"
HIDDEN = "none"
"""The folder of stand-ins for what base must not find."""


class Maker(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Writes below `place`; `notes` are sentences that are known already, `modules` the names to import per side."""

    context: Context[Any]
    python: Interpreter
    both: Trees
    place: Path
    notes: tuple[str, ...]
    modules: dict[Name, tuple[str, ...]] = msgspec.field(default_factory=dict)

    def sides(self) -> Sides | Reason:
        """All sides, or why there are none.

        Raises:
            GatesError: git failed, or a file of the project cannot be read.
            OSError: a file cannot be copied.
        """
        for name, project in self._projects.items():
            self._write(name)
            self.modules[name] = self.both.modules(project)
        installer = Installer(context=self.context, python=self.python, both=self.both, place=self.place)
        compiled = installer.is_compiled(self._projects)
        # An editable installation that goes before any copy is seen before the product is built for nothing.
        wrong = self._isolated() or (self._built(installer) if compiled else None) or self._nothing()
        if wrong is not None:
            return wrong
        more: dict[Name, tuple[Path, ...]] = {}
        for name in self._projects:
            answer = installer.requirements(name)
            if isinstance(answer, Reason):
                return answer
            more[name] = answer
        return self._joined(more, tuple(map(str, installer.differences)) if "base" in more else ())

    @cached_property
    def _projects(self) -> Mapping[Name, Project]:
        if self.both.original is self.both.head:
            return {"head": self.both.head}
        # Base is written out of head.
        return {"head": self.both.head, "base": self.both.original}

    @property
    def _prefix(self) -> str:
        return "" if self.both.head.git is None else self.both.head.git.prefix

    def _folder(self, name: Name) -> Path:
        return self.place / PLACES[name] / self._prefix

    def _write(self, name: Name) -> None:
        folder = self._folder(name)
        folder.mkdir(parents=True)
        trees.configured(self.both.head.git, self.place / PLACES[name])
        if name == "head":
            self.both.write_head(folder)
        else:
            self.both.write_base(folder, self._folder("head"))
            self.both.complete(self.both.original.root)

    def _built(self, installer: Installer) -> Reason | None:
        """Lay what a build makes into each side; returns why that cannot be done, or what is wrong with it."""
        built = installer.builds(self._projects)
        if isinstance(built, Reason):
            return built
        for name, project in self._projects.items():
            brought = building.lay(built[name], self._folder(name), project)
            self.modules[name] = tuple(sorted({*self.modules[name], *brought}))
            if name == "base":
                building.lay(built[name], project.root, project)
        return self._isolated()

    def _nothing(self) -> Reason | None:
        """Why there is nothing to compare, if so; without a base, benchmarks of anything are measured."""
        head = self.modules["head"]
        before = self.modules.get("base", head)
        if "base" not in self.modules or set(before).intersection(head):
            return None
        if not (before or head):
            message = "the project has no package or module that could be compared"
            return Reason(code="nothing_examined", message=message, fix='set mode = "stored" in [tool.gates.bench]')
        now, then = (", ".join(one) or "none" for one in (head, before))
        return Reason(code="no_base", message=f"base has no package of head ({now}); its packages: {then}", fix=BASE)

    def _isolated(self) -> Reason | None:
        """What is wrong with where the sides import from; what base would find of head's is hidden from it."""
        lacking = tuple(one for one in self.modules["head"] if one not in self.modules.get("base", (one,)))
        for name in self._projects:
            side = self._source(name, ()).side(name, self._folder(name))
            names = self.modules[name] + (lacking if name == "base" else ())
            found = isolation.places(self.context, self.python.path, side.folder, side.env, names)
            if isinstance(found, Reason):
                return found
            mine = {one: found.get(one) for one in self.modules[name]}
            wrong = isolation.strays(name, (side.folder,), mine)
            if wrong is not None:
                return wrong
            if name == "base":
                isolation.hide(self.place / HIDDEN, [one for one in lacking if self._is_own(one, found.get(one))])
        return None

    def _is_own(self, module: str, file: str | None) -> bool:
        """Whether what base finds under the name of a package that only head has is head's, installed somehow."""
        if file is None:
            return False
        head = self.both.head
        return isolation.is_of(file, head.root) or isolation.is_installed_by(head.name, module, self.python.site)

    def _source(self, name: Name, more: tuple[Path, ...]) -> Source:
        hidden = self.place / HIDDEN
        return Source(
            root=self.both.head.root,
            roots=self._projects[name].layout.import_roots,
            more=(hidden, *more) if name == "base" and hidden.is_dir() else more,
            environ=self.context.environ,
        )

    def _joined(self, more: Mapping[Name, tuple[Path, ...]], differing: tuple[str, ...]) -> Sides:
        sources = {name: self._source(name, more[name]) for name in self._projects}
        modules = {**self.modules}
        original = None
        if "base" in sources:
            linking.twin(self.place / PLACES["base"], self.place / PLACES["control"])
            sources["control"], modules["control"] = sources["base"], modules["base"]
            original = sources["base"].side("base", self.both.original.root)
        return Sides(
            names=tuple(one for one in PLACES if one in sources),
            original=original,
            modules=modules,
            differing=differing,
            notes=(*self.notes, *self.both.notes, *self._hints()),
            place=self.place,
            prefix=self._prefix,
            sources=sources,
        )

    def _hints(self) -> tuple[str, ...]:
        if not requirements.is_hidden(self.both.original, self.both.head):
            return ()
        return ("setup.py differs, and what it requires is not compared: both sides have what is installed",)
