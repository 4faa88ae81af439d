"""Trees: what lies in the folder of each side, out of the work tree and the base commit."""

from __future__ import annotations

import os
import shutil
import stat
from functools import cached_property
from pathlib import Path

import msgspec

from gates.builtin.bench.sides import linking, product
from gates.project import declared, documents, git, workspace
from gates.project.facts import PYPROJECT, Project, name_of
from gates.project.layout import TEST_FILES, Layout
from gates.project.tree import printable

UNCOPIED = (".dll", ".dylib", ".pyc", ".pyd", ".pyo", ".so")
"""Ends of names of what was made from the source of head, and is therefore not base's."""

BINARY = (".pyd", ".so")


class Trees(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Head, and base as it was committed (`original`; head too where there is none); `paths` have benchmarks."""

    head: Project
    original: Project
    paths: tuple[str, ...]

    @cached_property
    def tests(self) -> product.Tests:
        """What is a test or benchmark, and therefore head's on both sides."""
        settings = declared.pytest_settings(self.head.root, self.head.pyproject)
        patterns = documents.words(settings.get("python_files")) or TEST_FILES
        files = (*self.head.tree.files, *self.original.tree.files)
        return product.tests(files, self.head.layout, patterns, self.paths)

    @cached_property
    def ignored(self) -> tuple[str, ...]:
        """Files of head's product that git ignores, such as a generated `_version.py`, without what was compiled.

        Raises:
            GitError: git failed.
        """
        files = self._untracked("--ignored", "--exclude-standard")
        return tuple(one for one in files if not (one.endswith(UNCOPIED) or self.tests.hold(one)))

    @cached_property
    def binaries(self) -> frozenset[str]:
        """Compiled parts that lie in head's product and that git does not track: whoever made them, of which commit.

        Raises:
            GitError: git failed.
        """
        if not any(one.endswith(BINARY) for one in self.head.tree.files):
            return frozenset()
        return frozenset(one for one in self._untracked() if one.endswith(BINARY))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what base got from head, once it is written."""
        told = (
            ("base has these generated files from the work tree, which git ignores", self._completed),
            ("these large files are there once for all sides, and cannot be written", self._linked),
        )
        return tuple(f"{what}: {', '.join(sorted(map(printable, files)))}" for what, files in told if files)

    @property
    def _top(self) -> Path:
        """The top of the repository that base's folder is in."""
        depth = 0 if self.head.git is None else self.head.git.prefix.count("/")
        return self.original.root.parents[depth - 1] if depth else self.original.root

    @cached_property
    def _completed(self) -> set[str]:
        return set()

    @cached_property
    def _linked(self) -> list[str]:
        return []

    def _untracked(self, *flags: str) -> tuple[str, ...]:
        """Files in the folders of head's product that git does not track."""
        layout, repository = self.head.layout, self.head.git
        named = (f"{_below(root)}{name}" for root in layout.import_roots for name in layout.packages)
        found = (one + end for one in named for end in ("", ".py"))
        held = [one for one in found if os.path.lexists(self.head.root / one)]
        if repository is None or not held:
            return ()
        said = repository.run("ls-files", "-z", "--others", *flags, "--", *(f":(literal){one}" for one in held))
        files = (one for one in said.split("\0") if one and "__pycache__" not in one.split("/"))
        return tuple(sorted(one for one in files if (self.head.root / one).is_file()))

    def product_of(self, project: Project) -> tuple[str, ...]:
        """The files of a project's product and the scripts beside it, without tests."""
        return tuple(one for one in project.tree.files if self._is_measured(one, project.layout))

    def modules(self, project: Project) -> tuple[str, ...]:
        """The names to import from a project's product."""
        return product.modules(self.product_of(project), project.layout)

    def write_head(self, place: Path) -> None:
        """Write head into the folder `place`.

        Raises:
            OSError: a file cannot be copied.
            GitError: git failed.
        """
        workspace.copy_files(self.head.root, sorted({*self.head.tree.files, *self.ignored} - self.binaries), place)

    def write_base(self, place: Path, head: Path) -> None:
        """Write base's product among all else of head, which was written into `head`, into the folder `place`.

        Raises:
            OSError: a file cannot be copied.
            GitError: git failed.
        """
        own = self.product_of(self.original)
        shared = [one for one in self.head.tree.files if not self._is_product(one)]
        large = [one for one in shared if linking.is_large(self.head.root / one)]
        workspace.copy_files(self.head.root, sorted({*shared}.difference(large)), place)
        for one in large:
            # Nobody gets to write what the other sides read at the same time.
            (head / one).chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
            linking.link(head / one, place / one)
        self._linked.extend(large)
        links = {one for one in own if (self.original.root / one).is_symlink()}
        code = [one for one in own if one.endswith(".py") and one not in links]
        for one in own:
            linking.make_way(place, one)
        # Head has the files behind such a link as its own, since a copy has nothing that it could lead to.
        folders = [one for one in links if linking.leads_out(self.original.root, one, self._top)]
        for one in folders:
            shutil.copytree(self.original.root / one, place / one)
        workspace.copy_files(self.original.root, sorted({*own}.difference(code, folders)), place)
        for one in code:
            linking.link(self.original.root / one, place / one)
        self.complete(place)

    def write_source(self, project: Project, place: Path) -> None:
        """Write what one side is built from into `place`.

        Raises:
            OSError: a file cannot be copied.
            GitError: git failed.
        """
        if project is self.head:
            self.write_head(place)
            return
        workspace.copy_files(project.root, project.tree.files, place)
        self.complete(place)

    def complete(self, place: Path) -> None:
        """Copy the ignored files of head's product to where base in `place` lacks them.

        Raises:
            OSError: a file cannot be copied.
            GitError: git failed.
        """
        for file in self.ignored:
            target = _translated(file, self.head.layout, self.original.layout)
            if target is None or os.path.lexists(place / target):
                continue
            if not linking.is_inside((place / target).parent, place):
                continue
            workspace.copy_file(self.head.root, self.head.root / file, place / target)
            self._completed.add(target)

    def _is_product(self, file: str) -> bool:
        """Whether a file of head would be part of either side's product, unless it is a test."""
        return any(self._is_measured(file, one.layout) for one in (self.head, self.original))

    def _is_measured(self, file: str, layout: Layout) -> bool:
        return not self.tests.hold(file) if layout.packages_hold(file) else self.tests.leave(file)


def project_at(root: Path, head: Project) -> Project:
    """The project in the folder `root`, which has the name of `head` where it says none.

    Raises:
        ConfigError: its pyproject.toml cannot be read.
        ProjectError: it may not be read.
    """
    text = documents.text_of(root, PYPROJECT, shown=f"{PYPROJECT} of base")
    pyproject = {} if text is None else documents.toml(text, f"{PYPROJECT} of base")
    name = name_of(root, pyproject)
    return Project(root=root, name=head.name if name == root.name else name, pyproject=pyproject)


def configured(repository: git.Git | None, place: Path) -> None:
    """Copy the configuration of the folders above the project to above its copy in `place`.

    Raises:
        OSError: a file cannot be copied.
    """
    if repository is not None:
        workspace.copy_configuration(repository, place)


def _translated(file: str, old: Layout, new: Layout) -> str | None:
    """The path of a product's file in another layout, or None where that has no such package."""
    for root in old.import_roots:
        inner = file.removeprefix(_below(root))
        name = inner.partition("/")[0].removesuffix(".py")
        if file.startswith(_below(root)) and name in old.packages and name in new.packages:
            return _below(root if root in new.import_roots else new.import_roots[0]) + inner
    return None


def _below(root: str) -> str:
    return "" if root == "." else f"{root}/"
