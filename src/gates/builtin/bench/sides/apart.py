"""Apart: what one side needs and the judged environment does not have, in folders of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.bench.facts import Side as Name
from gates.builtin.bench.sides import building, installing, requirements
from gates.builtin.bench.sides.trees import Trees
from gates.model.reason import Reason
from gates.project import workspace
from gates.project.facts import Project
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

ASK = 'set install = "auto" in [tool.gates.bench]'


class Installer(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Installs for both sides into folders below `place`."""

    context: Context[Any]
    python: Interpreter
    both: Trees
    place: Path

    @cached_property
    def differences(self) -> tuple[requirements.Difference, ...]:
        """What the sides require differently, with the markers of the judged Python.

        Raises:
            ConfigError: a file of requirements cannot be read.
        """
        if requirements.declared(self.both.original) == requirements.declared(self.both.head):
            return ()
        environment = None
        if not self.python.own:
            ended = self.context.run([str(self.python.path), "-I", "-c", requirements.MARKERS], timeout=60.0)
            environment = requirements.marker_environment(ended.text)
        return requirements.differences(self.both.original, self.both.head, environment)

    def requirements(self, side: Name) -> tuple[Path, ...] | Reason:
        """The folder with what only `side` requires and is not installed, none where all is; or why there is none.

        Raises:
            ConfigError: a file of requirements cannot be read.
            OSError: the folder cannot be written.
        """
        installed = self.python.distributions if self.differences else {}
        wanted = [one for held in self.differences for one in (held.head if side == "head" else held.base)]
        missing = requirements.unmet(wanted, installed, by_name=side == "head")
        if not missing:
            return ()
        listed = ", ".join(map(str, missing))
        refused = self._forbidden(f"{side} requires {listed}, which is not installed")
        if refused is not None:
            return refused
        self.context.progress(f"installing for {side}: {listed}")
        target = self.place / f"{side}-requirements"
        named = {canonical(one.name) for one in missing}
        pins = self.place / f"{side}-installed.txt"
        kept = (f"{name}=={version}\n" for name, version in installed.items() if name not in named)
        pins.write_text("".join(kept), encoding="utf-8")
        words, what = [str(one) for one in missing], f"installing what {side} requires"
        # What they share stays what it is, unless the other version cannot do with it.
        pinned = [*words, "--constraint", str(pins)]
        if installing.install(self.context, self.python, target, pinned, what=what, again=words) is None:
            return (target,)
        workspace.remove(target)
        return installing.install(self.context, self.python, target, words, what=what, again=words) or (target,)

    def is_compiled(self, projects: Mapping[Name, Project]) -> bool:
        """Whether a copy of the sources alone is not what the product is.

        Raises:
            GitError: git failed.
        """
        if self.both.binaries or any(building.is_compiled(one) for one in projects.values()):
            return True
        head = self.both.head
        own = {one.rpartition("/")[2] for one in head.tree.files}
        return building.is_installed_compiled(self.both.modules(head), own, self.python.site)

    def builds(self, projects: Mapping[Name, Project]) -> Mapping[Name, Path] | Reason:
        """The folder into which each side was built, or why that cannot be done.

        Raises:
            OSError: a file cannot be copied.
            GitError: git failed.
        """
        refused = self._never("the product has compiled parts, which have to be built for each side")
        if refused is not None:
            return refused
        installed = self.python.distributions
        here = all(building.is_buildable_here(one, installed, self.python.version) for one in projects.values())
        if not here and self.context.offline:
            message = "the product has compiled parts, what builds them is not installed, and the network was forbidden"
            return Reason(code="network_unavailable", message=message, fix="gates check bench")
        found: dict[Name, Path] = {}
        for side, project in projects.items():
            self.context.progress(f"building {side}")
            tree = self.place / f"{side}-tree"
            self.both.write_source(project, tree)
            built = building.build(self.context, self.python, tree, isolated=not here, side=side)
            workspace.remove(tree)
            if isinstance(built, Reason):
                return built
            found[side] = built
        return found

    def _forbidden(self, what: str) -> Reason | None:
        refused = self._never(what)
        if refused is None and self.context.offline:
            message = f"{what}, and the network was forbidden"
            return Reason(code="network_unavailable", message=message, fix="gates check bench")
        return refused

    def _never(self, what: str) -> Reason | None:
        if self.context.settings.install == "never":
            return Reason(code="package_missing", message=f'{what}, and install = "never" forbids it', fix=ASK)
        return None
