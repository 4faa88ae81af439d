"""The source distributions of `repro_corpus.toml`: fetched once, checked against their digest, unpacked as a checkout.

Needs `unearth`, which finds and fetches a source distribution without building it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

EPOCH = 1600000000
"""The SOURCE_DATE_EPOCH of every build."""
STAMP = 1700000000
"""Modification time of every file of a tree, unless it is what differs."""
LIST = Path(__file__).with_name("repro_corpus.toml")
CACHE = Path(os.environ.get("REPRO_CACHE", Path.home() / ".cache" / "repro-corpus"))


class Project(NamedTuple):
    """A pinned source distribution, the backend that it is there for, and why it was chosen."""

    name: str
    version: str
    sha256: str
    backend: str
    why: str


def listed(only: list[str] | None = None) -> list[Project]:
    """The projects of the list, or those of the names in `only`."""
    with LIST.open("rb") as opened:
        found = [Project(**one) for one in tomllib.load(opened)["project"]]
    missing = set(only or ()) - {one.name for one in found}
    if missing:
        raise SystemExit(f"Not in {LIST.name}: {', '.join(sorted(missing))}.")
    return [one for one in found if not only or one.name in only]


def fetched(project: Project) -> Path:
    """The source distribution, from the cache or the package index, of the digest in the list."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{project.name}-{project.version}.tar.gz"
    if not path.exists():
        asked = [sys.executable, "-m", "unearth", f"{project.name}=={project.version}", "--no-binary", "--download"]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([*asked, folder], check=True, stdout=subprocess.DEVNULL)
            (found,) = Path(folder).glob("*.tar.gz")
            shutil.move(found, path)
    if hashlib.sha256(path.read_bytes()).hexdigest() != project.sha256:
        path.unlink()
        raise SystemExit(f"{project.name} {project.version} is not the file that the list names: its digest differs.")
    return path


def unpacked(sdist: Path, folder: Path) -> Path:
    """The tree of `sdist` in `folder`: modes 0644 and 0755, one modification time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    dressed(tree, file=0o644, executable=0o755, folder=0o755)
    stamped(tree)
    return tree


def below(tree: Path) -> Iterator[Path]:
    """Every file and folder of `tree` but symbolic links, deepest first, and the tree itself last."""
    for folder, _, files in os.walk(tree, topdown=False):
        for name in sorted(files):
            if not (Path(folder) / name).is_symlink():
                yield Path(folder) / name
        yield Path(folder)


def dressed(tree: Path, *, file: int, executable: int, folder: int) -> None:
    """Give every file and folder its mode; what is executable stays so."""
    for path in below(tree):
        mode = folder if path.is_dir() else executable if path.stat().st_mode & 0o100 else file
        path.chmod(mode)


def stamped(tree: Path, *, apart: int = 0) -> None:
    """Set modification times: the same everywhere, or each `apart` seconds from the next."""
    for number, path in enumerate(below(tree)):
        at = STAMP - apart * (number + 1)
        os.utime(path, (at, at))


def build_system(tree: Path) -> tuple[list[str], str, list[str] | None]:
    """Requirements, backend and backend path of a tree, with the defaults of PEP 517."""
    path = tree / "pyproject.toml"
    said = tomllib.loads(path.read_text("utf-8")).get("build-system") if path.exists() else None
    if said is None:
        return ["setuptools>=40.8.0"], "setuptools.build_meta:__legacy__", None
    backend = said.get("build-backend", "setuptools.build_meta:__legacy__")
    return list(said["requires"]), backend, said.get("backend-path")
