"""Command: the words with which pytest is started in a checkout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from gates.project import declared
from gates.project.facts import Project

PLUGIN = "vltair_trial.plugin"
FEW = 40
"""So many files are named to pytest; of more it collects the whole suite, for the length of a command is limited."""

VALUED = frozenset({"-c", "-k", "-m", "-n", "-o", "-p", "-r", "-W", "--deselect", "--ignore", "--ignore-glob"})

USUAL = ("tests", "test")

UNASSERTED = "ignore:assertions not in test modules or plugins will be ignored:pytest.PytestConfigWarning"
"""Where a trial has assertions off, pytest's warning of it must not end a strict project's run."""


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """How the whole suite is run: options, and the places that were named or that the configuration names."""

    options: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()


def suite(project: Project, args: Sequence[str]) -> Suite:
    """The suite that these arguments of pytest choose."""
    options: list[str] = []
    places: list[str] = []
    for number, word in enumerate(args):
        file = word.partition("::")[0]
        valued = number > 0 and args[number - 1] in VALUED
        if not word.startswith("-") and not valued and file and (project.root / file).exists():
            rest = word[len(file) :]
            real = Path(os.path.realpath(project.root / file))
            inside = real.is_relative_to(project.root)
            places.append((real.relative_to(project.root).as_posix() if inside else file) + rest)
        else:
            options.append(word)
    settings = declared.pytest_settings(project.root, project.pyproject)
    named = settings.get("testpaths")
    globs = named.split() if isinstance(named, str) else [str(one) for one in named] if isinstance(named, list) else []
    found = [one.relative_to(project.root).as_posix() for glob in globs for one in sorted(project.root.glob(glob))]
    return Suite(options=tuple(options), places=tuple(places), testpaths=tuple(found))


def arguments(whole: Suite, tests: Sequence[str], checkout: Path, *, outside: bool) -> list[str]:
    """The places for pytest: the files of the wanted tests when they are few, else those of the suite."""
    files = list(dict.fromkeys(one.partition("::")[0] for one in tests))
    if files and len(files) <= FEW and all(one and (checkout / one).exists() for one in files):
        places = [one for one in files if not any(one.startswith(f"{other}/") for other in files)]
    else:
        places = list(whole.places)
    if not outside:
        return places
    # Started elsewhere, pytest finds its configuration by the places that are named.
    return [str(checkout / one) for one in places or whole.testpaths or ["."]]


def beside(whole: Suite, tests: Sequence[str], checkout: Path) -> Path:
    """The folder that holds the files of the wanted tests, or the places of the suite where none are named."""
    named = [one.partition("::")[0] for one in tests or whole.places or whole.testpaths or USUAL]
    there = [checkout / one for one in named if one and (checkout / one).exists()]
    folders = {str(one if one.is_dir() else one.parent) for one in there}
    return Path(os.path.commonpath(folders)) if folders else checkout


def pytest(python: Path, checkout: Path, cache: Path, whole: Suite, *, workers: str | None, named: bool) -> list[str]:
    """The command up to the places; with `workers`, pytest-xdist runs them, which is `named` where nothing finds it."""
    argv = [str(python), "-P", "-m", "pytest", "--rootdir", str(checkout), "-p", PLUGIN, "-o", f"cache_dir={cache}"]
    argv += whole.options
    if workers is not None:
        argv += [*(["-p", "xdist"] if named else []), "-n", workers]
    return argv
