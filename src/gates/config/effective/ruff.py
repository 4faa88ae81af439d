"""ruff: its settings in force, for the project and for each folder that has a configuration of its own."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gates.config.effective.value import Item, Known, Spec, read, spec, specs
from gates.config.tool_settings import Setting, Settings, ruff_settings, ruff_settings_below, settings_in_file
from gates.model.strictness import strictness

if TYPE_CHECKING:
    from gates.project.facts import Project

DEFAULT = "DEFAULT"
"""Stands for the rules that ruff selects by itself, which differ from version to version."""

EXCLUDED = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".mypy_cache", ".nox", ".pants.d", ".pytype",
    ".ruff_cache", ".svn", ".tox", ".venv", "__pypackages__", "_build", "buck-out", "dist", "node_modules", "venv",
)  # fmt: skip
INCLUDED = ("*.py", "*.pyi", "*.ipynb", "**/pyproject.toml")

SPECS: tuple[Spec, ...] = (
    spec("exclude", "shrink", EXCLUDED),
    spec("include", "grow", INCLUDED, "exclusion"),
    *specs("shrink", None, "lint.exclude", "format.exclude", "builtins", "lint.allowed-confusables"),
    spec("respect-gitignore", "off", True),
    *specs("on", False, "preview", "lint.preview"),
    spec("lint.explicit-preview-rules", "off", False),
    spec("line-length", "lower", 88.0),
    spec("lint.mccabe.max-complexity", "lower", 10.0),
    spec("lint.pycodestyle.max-line-length", "lower"),
    *specs("lower", None, "lint.*.max-*"),
    *specs("grow", None, "lint.flake8-tidy-imports.banned-*", "lint.*.hardcoded-tmp-directory*"),
    *specs(
        "shrink", None, "lint.*.ignore-names", "lint.*.extend-ignore-names", "lint.*.ignorelist", "lint.*.allowed-*"
    ),
    *specs("shrink", None, "lint.*.allow-*-types", "lint.*.allow-*-names", "lint.*.exempt-modules"),
    *specs("shrink", None, "lint.*.extend-immutable-calls", "lint.*.extend-allowed-calls", "lint.*.ignore-decorators"),
    *specs("off", None, "lint.*.ignore-*", "lint.*.allow-*", "lint.*.suppress-*"),
    *specs("on", None, "lint.*.strict", "lint.*.strict-checking", "lint.*.check-*"),
    *specs("free", None, "format.*", "analyze.*", "lint.isort.*", "lint.flake8-quotes.*", "lint.flake8-import-*"),
    *specs("free", None, "cache-dir", "output-format", "output-prefer-rule-codes", "fix", "unsafe-fixes", "fix-only"),
    *specs("free", None, "show-fixes", "required-version", "force-exclude", "namespace-packages", "src", "extension"),
    *specs("free", None, "target-version", "indent-width", "lint.fixable", "lint.unfixable", "lint.extend-fixable"),
    *specs("free", None, "lint.extend-safe-fixes", "lint.extend-unsafe-fixes", "lint.task-tags", "lint.external"),
)
_SELECTION = ("select", "extend-select", "ignore", "extend-ignore", "per-file-ignores", "extend-per-file-ignores")
_LINT = frozenset({
    *_SELECTION, "allowed-confusables", "dummy-variable-rgx", "extend-fixable", "external", "fixable", "unfixable",
    "logger-objects", "explicit-preview-rules", "task-tags", "typing-modules", "isort", "mccabe", "pep8-naming",
    "pycodestyle", "pydocstyle", "pyflakes", "pylint", "pyupgrade",
})  # fmt: skip
_DEPTH = 16


def folders(project: Project, config_file: str | None) -> frozenset[str]:
    """The folders that have a configuration of their own, the root (`""`) always."""
    return frozenset({""} if config_file is not None else {"", *ruff_settings_below(project)})


def known(project: Project, config_file: str | None, wanted: Collection[str]) -> Iterator[Known]:
    """The settings in force in each folder that is wanted: those of the nearest configuration."""
    below = {} if config_file is not None else ruff_settings_below(project)
    top = ruff_settings(project) if config_file is None else settings_in_file(project, "ruff", config_file)
    for folder in sorted(wanted):
        found = below[folder] if folder in below else next((below[up] for up in _above(folder) if up in below), top)
        tool = f"ruff[{folder}]" if folder else "ruff"
        yield from _of(project, tool, found)


def configured(project: Project) -> Settings | None:
    """What ruff would read in the project's root."""
    return ruff_settings(project)


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _of(project: Project, tool: str, found: Settings | None) -> Iterator[Known]:
    written = {} if found is None else _extended(project, found)
    home = "" if found is None else found.file
    yield _selection(tool, written, home)
    rest = {key: one for key, one in written.items() if not _is_selection(key)}
    _join(rest, "exclude", "extend-exclude", EXCLUDED)
    _join(rest, "include", "extend-include", INCLUDED)
    yield from read(tool, SPECS, rest, home)


def _extended(project: Project, found: Settings) -> dict[str, Setting]:
    """The keys of a file over those of the file that it extends, as far as that one belongs to the project."""
    chain = [found]
    while "extend" in chain[-1].keys and len(chain) < _DEPTH:
        extend = str(chain[-1].keys["extend"].value)
        name = os.path.normpath(PurePosixPath(chain[-1].file).parent / extend).replace(os.sep, "/")
        parent = None if extend.startswith(("/", "~")) else settings_in_file(project, "ruff", name)
        if parent is None:
            break
        chain.append(parent)
    merged: dict[str, Setting] = {}
    for one in reversed(chain):
        for key, setting in one.keys.items():
            name = (
                f"lint.{key}" if key.partition(".")[0].partition("[")[0] in _LINT or key.startswith("flake8") else key
            )
            held = merged.get(name)
            if held is not None and name.rpartition(".")[2].startswith("extend-") and isinstance(setting.value, list):
                merged[name] = Setting([*held.value, *setting.value], setting.place)
            else:
                merged[name] = setting
    if "extend" not in chain[-1].keys:
        merged.pop("extend", None)
    return merged


def _join(written: dict[str, Setting], key: str, more: str, default: tuple[str, ...]) -> None:
    """Lay the list `more` on top of the list `key`, or of what holds where that one is not written."""
    added = written.pop(more, None)
    if added is not None:
        held = written.get(key, Setting(list(default), added.place))
        written[key] = Setting([*_list(held.value), *_list(added.value)], added.place)
        elements = {name: one for name, one in written.items() if name.startswith(f"{more}[")}
        for name, one in elements.items():
            written[f"{key}[{name}"] = one


def _is_selection(key: str) -> bool:
    return key.removeprefix("lint.").partition(".")[0].partition("[")[0] in _SELECTION and key.startswith("lint.")


def _selection(tool: str, written: Mapping[str, Setting], home: str) -> Known:
    """What is selected and ignored, as lines: `select E`, `ignore E501`, `ignore D103 in tests/**`."""
    found = [] if "lint.select" in written else [Item(f"select {DEFAULT}", home)]
    for key, setting in written.items():
        name = key.removeprefix("lint.")
        if not _is_selection(key) or "[" in name:
            continue
        verb, dot, glob = name.removeprefix("extend-").partition(".")
        where = f" in {glob}" if dot else ""
        for index, code in enumerate(_list(setting.value) if not isinstance(setting.value, Mapping) else []):
            place = written.get(f"{key}[{index}]", setting).place
            found.append(Item(f"{verb.removeprefix('per-file-').removesuffix('s')} {code}{where}", place))
    place = next((written[key].place for key in ("lint.select", "lint.ignore") if key in written), home)
    return Known(
        key=f"{tool}.lint.select", value=tuple(sorted(set(found))), place=place, strictness=strictness("selectors")
    )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
