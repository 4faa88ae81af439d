"""Checkout: a copy of the template in which runs take place, mended before each of them."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from gates.builtin.diagnosis.laboratory.template import Template, below
from gates.project import workspace

Stamp = tuple[int, int, int, int, str]
"""Inode, size, mode and time of the last change of a file, and where a link leads; a folder has its mode only."""


class Checkout:
    """A copy of the template that runs may spoil: `fresh` mends what they changed, which is cheaper than a new copy.

    Nobody can set the time of a file's last change, so no change is overlooked.
    """

    def __init__(self, template: Template, place: Path) -> None:
        self.template = template
        self.place = place
        self.top = place / "tree"
        self.root = self.top
        self._stamps: dict[str, Stamp] = {}

    def fresh(self, name: str) -> Path:
        """The project's folder, as pristine as the template, under this name (with folders around it, if it has any).

        Raises:
            OSError: it cannot be made.
        """
        wanted = self._named(name)
        if self._stamps and self.root != wanted and self.root.exists():
            wanted.parent.mkdir(parents=True, exist_ok=True)
            self._renamed(wanted)
        if not self._stamps or not self.root.exists():
            self._made(wanted)
        else:
            self._mended()
        return self.root

    def _named(self, name: str) -> Path:
        above = Path(self.template.project).parent if self.template.project else Path()
        return self.top / above / name

    def _renamed(self, wanted: Path) -> None:
        try:
            self.root.rename(wanted)
            self.root = wanted
        except OSError:
            self._stamps = {}

    def _made(self, wanted: Path) -> None:
        workspace.remove(self.top)
        self.top.mkdir(parents=True)
        if self.template.project:
            self._surrounded()
        wanted.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.template.root, wanted, symlinks=True)
        self.root = wanted
        self._stamps = {path: _stamp(wanted, path, found) for path, found in below(wanted)}

    def _surrounded(self) -> None:
        """What is in the folders above the project."""
        for parent in (Path(), *reversed(Path(self.template.project).parents[:-1])):
            (self.top / parent).mkdir(exist_ok=True)
            for one in (self.template.place / parent).iterdir():
                if one.is_file():
                    shutil.copy2(one, self.top / parent / one.name)
        if (self.template.place / ".git").is_dir():
            shutil.copytree(self.template.place / ".git", self.top / ".git", symlinks=True)

    def _mended(self) -> None:
        """Put right what differs: take away what is new, copy again what was changed or is gone."""
        root = self.root
        root.chmod(root.stat().st_mode | stat.S_IRWXU)
        try:
            present = {path: _stamp(root, path, found) for path, found in below(root)}
        except OSError:
            self._made(root)
            return
        for path in present:
            if path not in self._stamps or present[path][2] != self._stamps[path][2]:
                _away(root / path)
        for path, stamp in self._stamps.items():
            if present.get(path) != stamp or not os.path.lexists(root / path):
                self._restored(path)
        self._history_mended()

    def _restored(self, path: str) -> None:
        old, new = self.template.root / path, self.root / path
        if old.is_dir() and not old.is_symlink():
            new.mkdir(exist_ok=True)
            shutil.copystat(old, new)
        else:
            _away(new)
            shutil.copy2(old, new, follow_symlinks=False)
        self._stamps[path] = _stamp(self.root, path, new.lstat())

    def _history_mended(self) -> None:
        """Git's data are small, for the objects are borrowed: those that a run wrote to are copied anew."""
        pristine, own = self.template.place / ".git", (self.top if self.template.project else self.root) / ".git"
        if _listed(pristine) != _listed(own):
            workspace.remove(own)
            if pristine.is_dir():
                shutil.copytree(pristine, own, symlinks=True)


def _listed(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of the files below a folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            with suppress(OSError):
                state = path.lstat()
                found[str(path.relative_to(folder))] = (state.st_size, state.st_mtime_ns)
    return found


def _stamp(root: Path, path: str, found: os.stat_result) -> Stamp:
    if stat.S_ISDIR(found.st_mode):
        return (0, 0, found.st_mode, 0, "")
    leads = os.fsdecode((root / path).readlink()) if stat.S_ISLNK(found.st_mode) else ""
    return (found.st_ino, found.st_size, found.st_mode, found.st_ctime_ns, leads)


def _away(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            path.unlink()
    else:
        workspace.remove(path)
