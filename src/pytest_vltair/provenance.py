"""Provenance: what a run was made from, as digests and as facts of its command line."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_vltair import options, tree
from pytest_vltair.lines import escape

SETTINGS_ENV = "VLTAIR_SETTINGS_ENV"


def source(root: Path, recording: Path) -> list[str]:
    """The files of the project's source, without the one that is being written.

    Raises:
        UnreadableTree: a directory cannot be listed.
    """
    own, base = os.path.realpath(recording), os.path.realpath(root)
    last = os.path.split(own)[1]

    def is_own(name: str) -> bool:
        place = f"{base}/{name}"
        # Only a link leads to it under another name; resolving each of thousands of files costs too much.
        return (name.endswith(last) or os.path.islink(place)) and os.path.realpath(place) == own  # noqa: PTH114

    return [name for name in tree.files(root) if not is_own(name)]


def environment_digest() -> str:
    """The digest of the installed distributions and of this Python's version."""
    return tree.environment_digest(map(Path, _site()), platform.python_version())


def _site() -> list[str]:
    """Where distributions are installed: what `sysconfig` says, without its reading of all build variables."""
    schemes = sysconfig.get_paths(expand=False)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    known = {"base": sys.prefix, "platbase": sys.exec_prefix, "platlibdir": sys.platlibdir, "py_version_short": version}
    try:
        return [os.path.normpath(schemes[name].format_map(known)) for name in ("purelib", "platlib")]
    except KeyError:
        return [sysconfig.get_path(name) for name in ("purelib", "platlib")]


def settings_digest(args: list[str]) -> str:
    """The digest of the arguments and of the variables that `VLTAIR_SETTINGS_ENV` names, separated by commas."""
    names = (name.strip() for name in os.environ.get(SETTINGS_ENV, "").split(","))
    return tree.settings_digest(args, {name: os.environ[name] for name in names if name in os.environ})


def addopts(config: pytest.Config) -> list[str]:
    """The options that the configuration and `PYTEST_ADDOPTS` put before the command line, without this plugin's."""
    environment = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    return options.foreign([*config.getini("addopts"), *environment])


def workers(config: pytest.Config) -> int:
    """How many processes xdist was asked to start; 0 when this one runs the tests itself."""
    if config.getoption("dist", "no") == "no" or config.option.collectonly:
        return 0
    total = 0
    for spec in config.getoption("tx", None) or ():
        times, star, _ = spec.partition("*")
        total += int(times) if star and times.isdigit() else 1
    return total


def commit(root: Path) -> str | None:
    """The commit that `root` is checked out at, read from git's files; None outside git and before the first one."""
    for folder in (root, *root.parents):
        entry = folder / ".git"
        try:
            if entry.is_file():
                return _commit_of(folder / entry.read_text(encoding="utf-8").removeprefix("gitdir:").strip())
            if entry.is_dir():
                return _commit_of(entry)
        except (OSError, UnicodeDecodeError):
            return None
    return None


def branch(root: Path) -> str | None:
    """The branch that `root` is checked out at, read from git's files; None outside git and on none."""
    for folder in (root, *root.parents):
        entry = folder / ".git"
        try:
            if entry.is_file():
                entry = folder / entry.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            elif not entry.is_dir():
                continue
            said = (entry / "HEAD").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        name = said.removeprefix("ref: refs/heads/")
        return None if name == said else name
    return None


def _commit_of(git: Path) -> str | None:
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return head or None
    name = head.removeprefix("ref:").strip()
    common = git / "commondir"
    # A linked worktree has a HEAD of its own and shares its branches with the main one.
    shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
    for folder in (git, shared):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8").strip() or None
    packed = shared / "packed-refs"
    if packed.is_file():
        for entry in packed.read_text(encoding="utf-8").splitlines():
            found, _, ref = entry.partition(" ")
            if ref == name:
                return found
    return None


def plugins(config: pytest.Config) -> list[str]:
    """Names and versions of the distributions that brought plugins, sorted."""
    return sorted({_label(found) for _, found in config.pluginmanager.list_plugin_distinfo()})


def _label(distribution: Any) -> str:
    # The folder's name says both: parsing the metadata of each distribution takes longer than all the rest.
    folder = getattr(getattr(distribution, "_path", None), "name", "")
    name, dash, version = folder.removesuffix(".dist-info").rpartition("-")
    if folder.endswith(".dist-info") and dash:
        return f"{name.replace('_', '-')}-{version}"
    return f"{distribution.project_name}-{distribution.version}"


def invocation(config: pytest.Config) -> str:
    """The folder that pytest was started in, from its root on with forward slashes; absolute on another drive."""
    started, root = (os.path.realpath(path) for path in (config.invocation_params.dir, config.rootpath))
    try:
        return escape(os.path.relpath(started, root).replace(os.sep, "/"))
    except ValueError:
        return escape(started)


def unknown_options(config: pytest.Config) -> dict[str, str]:
    """Names that pytest's configuration sets and nobody registered, each with the nearest that is known, or "".

    pytest only warns of them, and a filter on warnings hides even that.
    """
    parser = config._parser  # noqa: SLF001 - nothing else lists them
    known = [*parser._inidict, *getattr(parser, "_ini_aliases", ())]  # noqa: SLF001
    # Before pytest 8.4, what `-o` sets is not among the keys that pytest's own warning goes by.
    overridden = {one.partition("=")[0] for one in config.getoption("override_ini", None) or ()}
    unknown = sorted({*config._get_unknown_ini_keys(), *overridden.difference(known)})  # noqa: SLF001
    if not unknown:
        return {}
    from difflib import get_close_matches

    return {escape(name): next(iter(get_close_matches(name, known, n=1)), "") for name in unknown}


def begin(config: pytest.Config, files: list[str]) -> dict[str, object]:
    """The first line of a recording, all but its schema version; `files` are the project's source.

    Raises:
        UnreadableTree: a file of the project cannot be read.
    """
    args = options.foreign(config.invocation_params.args)
    shard = config.getoption("vltair_shard", None)
    return {
        "pytest": pytest.__version__,
        "python": platform.python_version(),
        "platform": sysconfig.get_platform(),
        "args": args,
        "addopts": addopts(config),
        "rootdir": str(config.rootpath),
        "invocation": invocation(config),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "inipath": None if config.inipath is None else str(config.inipath),
        "plugins": plugins(config),
        "unknown_options": unknown_options(config),
        "tree": tree.digest(config.rootpath, files),
        "environment": environment_digest(),
        "settings": settings_digest(args),
        "commit": commit(config.rootpath),
        "shard": None if shard is None else str(options.shard(shard)),
        "workers": workers(config),
        "keyword": config.option.keyword or "",
        "markexpr": config.option.markexpr or "",
        "last_failed": bool(config.getoption("lf", False)),
        "maxfail": config.option.maxfail or 0,
    }
