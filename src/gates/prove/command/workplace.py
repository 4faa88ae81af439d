"""Workplace: a copy of the project that a command takes for the project itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gates.errors import GitError, ProjectError
from gates.process.child import environment
from gates.project import git
from gates.project.facts import Project
from gates.prove import copy
from gates.prove.copy import Copy
from gates.prove.repository import Repository
from pytest_vltair.worktree import REDIRECTING

PYVENV = "pyvenv.cfg"
LARGEST = 1_000_000
"""Bytes of a file of an environment in which the project's own path may stand: start scripts and path files."""
STARTING = ("bin/*", "Scripts/*", PYVENV)
POINTING = ("*.pth", "*.egg-link", "__editable__*", "*.dist-info/direct_url.json")


@dataclass(frozen=True)
class Workplace:
    """The copy, the folder in it to run in, and the environment that makes it the project."""

    copy: Copy
    folder: Path
    environ: Mapping[str, str]
    has_git: bool

    def staged(self) -> None:
        """Tell the copy's own index what its files are now: a hook runner sees no others."""
        if self.has_git:
            git.call(self.copy.root, "add", "--all", ".")


@contextmanager
def made(
    project: Project, folder: Path, environ: Mapping[str, str], tell: Callable[[str], None]
) -> Iterator[Workplace]:
    """A workplace for a command that would run in `folder` of the project; gone when the block ends.

    Raises:
        ProjectError: a file cannot be copied.
        GitError: the project is in a repository and git failed.
    """
    with copy.made(project) as made_copy:
        has_git = _committed(project, made_copy)
        _copy_environments(project, made_copy, tell)
        yield Workplace(
            copy=made_copy,
            folder=made_copy.root / folder.relative_to(project.root),
            environ=_environment(project, made_copy, environ),
            has_git=has_git,
        )


def polluted(place: Workplace, prefix: Path) -> bool:
    """Whether the environment at `prefix` now leads to the copy: the command has installed the project into it."""
    if prefix.is_relative_to(place.copy.home):
        return False
    wanted = os.fsencode(place.copy.home)
    return any(wanted in _data(path) for path in _installed(prefix))


def _committed(project: Project, made_copy: Copy) -> bool:
    try:
        commits = Repository(made_copy)
    except GitError:
        if project.git is not None:
            raise
        return False
    git.call(made_copy.root, "update-ref", "HEAD", commits.first)
    return True


def _environment(project: Project, made_copy: Copy, environ: Mapping[str, str]) -> dict[str, str]:
    """The user's environment with the copy wherever it names the project, and its import roots before all else."""
    old, new = str(project.root), str(made_copy.root)
    kept = {
        name: os.pathsep.join(_moved(part, old, new) for part in value.split(os.pathsep))
        for name, value in environment(environ).items()
        if name not in REDIRECTING
    }
    roots = [str(made_copy.root / root) for root in project.layout.import_roots]
    kept["PYTHONPATH"] = os.pathsep.join([*roots, *filter(None, [kept.get("PYTHONPATH")])])
    kept["TMPDIR"] = kept["TEMP"] = kept["TMP"] = str(made_copy.temporary)
    # Where hatch keeps environments by the path of their project: those of the copy go with it.
    kept["HATCH_DATA_DIR"] = str(made_copy.home / "hatch")
    kept.pop("PWD", None)
    kept.pop("OLDPWD", None)
    return kept


def _moved(value: str, old: str, new: str) -> str:
    return new + value[len(old) :] if value == old or value.startswith((f"{old}/", f"{old}{os.sep}")) else value


def _copy_environments(project: Project, made_copy: Copy, tell: Callable[[str], None]) -> None:
    """Copy the environments in the project's root, which no list of its source has, and let them lead to the copy."""
    for config in sorted(project.root.glob(f"*/{PYVENV}")) + sorted(project.root.glob(f".*/{PYVENV}")):
        source = config.parent
        target = made_copy.root / source.name
        if target.exists():
            continue
        size = sum(path.lstat().st_size for path in source.rglob("*") if not path.is_dir())
        tell(f"copying {source.name} ({size / 1e6:,.0f} MB)")
        try:
            shutil.copytree(source, target, symlinks=True)
        except (OSError, shutil.Error) as error:
            raise ProjectError(f"it cannot be copied: {error}", path=source.name) from error
        _relocate(target, project.root, made_copy.root)


def _relocate(prefix: Path, old: Path, new: Path) -> None:
    """Let a copied environment, links first, lead to `new` wherever it led to `old`."""
    for folder, folders, files in os.walk(prefix):
        for link in (Path(folder, name) for name in (*folders, *files)):
            if link.is_symlink() and (led := link.readlink()).is_absolute() and led.is_relative_to(old):
                link.unlink()
                link.symlink_to(new / led.relative_to(old))
    before, after = os.fsencode(old), os.fsencode(new)
    for path in _pointing(prefix):
        data = _data(path)
        # A link may lead to what is not the copy's own.
        if before in data and b"\0" not in data and path.resolve().is_relative_to(prefix):
            with suppress(OSError):
                path.write_bytes(data.replace(before, after))


def _pointing(prefix: Path) -> Iterator[Path]:
    """The files of an environment that name places."""
    for pattern in STARTING:
        yield from sorted(prefix.glob(pattern))
    yield from _installed(prefix)


def _installed(prefix: Path) -> Iterator[Path]:
    """What an environment has of editable installs."""
    for packages in (*prefix.glob("lib*/python*/site-packages"), *prefix.glob("Lib/site-packages")):
        for pattern in POINTING:
            yield from sorted(packages.glob(pattern))


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size < LARGEST else b""
    except OSError:
        return b""
