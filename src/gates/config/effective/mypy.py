"""mypy: its settings in force, for the project and for each pattern of modules that has some of its own."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gates.config.effective.value import Item, Known, Spec, read, spec, specs
from gates.config.tool_settings import Setting, Settings, mypy_settings, settings_in_file
from gates.model.strictness import strictness

if TYPE_CHECKING:
    from gates.project.facts import Project

STRICT = (
    "check_untyped_defs", "disallow_any_generics", "disallow_incomplete_defs", "disallow_subclassing_any",
    "disallow_untyped_calls", "disallow_untyped_decorators", "disallow_untyped_defs", "extra_checks",
    "strict_equality", "warn_redundant_casts", "warn_return_any", "warn_unused_configs", "warn_unused_ignores",
)  # fmt: skip
"""What `strict = true` turns on, `implicit_reexport` aside, which it turns off."""

SPECS: tuple[Spec, ...] = (
    *specs("on", False, "disallow_any_decorated", "disallow_any_explicit", "disallow_any_expr"),
    *specs("on", False, "disallow_any_unimported", "warn_unreachable", "warn_incomplete_stub", "local_partial_types"),
    *specs("on", False, "strict_equality_for_none", "follow_untyped_imports", "strict_bytes"),
    *specs("on", True, "strict_optional", "warn_no_return"),
    *specs("off", False, "ignore_errors", "ignore_missing_imports", "implicit_optional", "allow_untyped_globals"),
    *specs("off", False, "allow_redefinition", "allow_redefinition_old", "allow_redefinition_new"),
    *specs("off", False, "exclude_gitignore", "report_deprecated_as_note"),
    spec("follow_imports", "follow_imports", "normal"),
    spec("follow_imports_for_stubs", "on", False),
    spec("disable_error_code", "shrink", None, "judging"),
    spec("enable_error_code", "grow", None),
    *specs(
        "shrink", None, "exclude", "untyped_calls_exclude", "deprecated_calls_exclude", "always_true", "always_false"
    ),
    *specs("scope", None, "files", "packages", "modules"),
    *specs("free", None, "cache_*", "color_output", "error_summary", "explicit_package_bases", "fixed_format_cache"),
    *specs("free", None, "fine_grained_incremental", "incremental", "mypy_path", "namespace_packages", "num_workers"),
    *specs("free", None, "pretty", "show_*", "hide_*", "sqlite_cache", "verbosity", "*_report", "junit_*", "pdb"),
    *specs("free", None, "python_executable", "python_version", "scripts_are_modules", "skip_*", "install_types"),
    *specs("free", None, "non_interactive", "raise_exceptions", "warn_unused_sections", "silence_site_packages"),
)
_FLAGS = tuple(specs("on", None, *STRICT))
_KNOWN = {one.key for one in (*SPECS, *_FLAGS)}
_OVERRIDE = re.compile(r"overrides\[(?P<pattern>.*?)\]\.(?P<key>[a-z_]+)(?P<element>\[\d+\])?")
_LISTS = frozenset({
    "always_false", "always_true", "deprecated_calls_exclude", "disable_error_code", "enable_error_code", "files",
    "modules", "packages", "untyped_calls_exclude",
})  # fmt: skip


class _Layers(msgspec.Struct, frozen=True):
    """The settings for all modules, and those for the modules that a pattern names."""

    whole: Mapping[str, Setting]
    patterns: Mapping[str, Mapping[str, Setting]]
    home: str


def overridden(project: Project, config_file: str | None) -> frozenset[tuple[str, str]]:
    """Pairs of a pattern of modules and a key that it has of its own."""
    layers = _read(project, config_file)
    return frozenset((pattern, key) for pattern, keys in layers.patterns.items() for key in keys if "[" not in key)


def known(project: Project, config_file: str | None, wanted: Collection[tuple[str, str]]) -> Iterator[Known]:
    """The settings in force, and for each pair that is wanted the value that holds for those modules."""
    layers = _read(project, config_file)
    yield from _of("mypy", layers.whole, layers.home)
    for pattern in sorted({one for one, _ in wanted}):
        keys = {key for one, key in wanted if one == pattern}
        layered = dict(layers.whole)
        for broader in sorted(layers.patterns, key=len):
            if _covers(broader, pattern):
                layered |= layers.patterns[broader]
        prefix = f"mypy[{pattern}]"
        flags = {key for key in keys if key in STRICT or key == "implicit_reexport"}
        for one in _of(prefix, layered, layers.home):
            key = one.key.removeprefix(f"{prefix}.")
            if key in keys or (key == "strict" and flags):
                yield one


def configured(project: Project) -> Settings | None:
    """What mypy would read for the project."""
    return mypy_settings(project)


def _read(project: Project, config_file: str | None) -> _Layers:
    found = mypy_settings(project) if config_file is None else settings_in_file(project, "mypy", config_file)
    if found is None:
        return _Layers({}, {}, "")
    whole: dict[str, Setting] = {}
    patterns: dict[str, dict[str, Setting]] = {}
    modules = {
        key[len("overrides[") : -len("].module")]: _words(one.value)
        for key, one in found.keys.items()
        if key.startswith("overrides[") and key.endswith("].module")
    }
    for key, one in found.keys.items():
        match = _OVERRIDE.fullmatch(key)
        if match is None:
            if not key.startswith("overrides"):
                whole |= _named(key, one)
        elif match["key"] != "module":
            for pattern in modules.get(match["pattern"], match["pattern"].split(",")):
                named = _named(match["key"] + (match["element"] or ""), one)
                patterns.setdefault(pattern.strip(), {}).update(named)
    return _Layers(whole, patterns, found.file)


def _named(key: str, one: Setting) -> dict[str, Setting]:
    """A key under the one name that it is compared by: mypy knows each switch by its opposite too."""
    key = key.replace("-", "_")
    if key in _LISTS and isinstance(one.value, str):
        return {key: Setting(_words(one.value), one.place)}
    opposite = key.removeprefix("no_") if key.startswith("no_") else key.replace("allow_", "disallow_", 1)
    if key not in _KNOWN and opposite != key and (opposite in _KNOWN or opposite == "implicit_reexport"):
        return {opposite: Setting(not _is_true(one.value), one.place)}
    return {key: one}


def _of(tool: str, written: Mapping[str, Setting], home: str) -> Iterator[Known]:
    rest = {key: one for key, one in written.items() if key not in {*STRICT, "strict", "implicit_reexport"}}
    yield from read(tool, SPECS, rest, home)
    yield _strict(tool, written, home)


def _strict(tool: str, written: Mapping[str, Setting], home: str) -> Known:
    """Which of the checks that `strict` stands for are on, whichever way they are written."""
    given = written.get("strict")
    all_of_them = given is not None and _is_true(given.value)
    place = given.place if given is not None else home
    found = [
        Item(flag, written[flag].place if flag in written else place)
        for flag in STRICT
        if (_is_true(written[flag].value) if flag in written else all_of_them)
    ]
    exported = written.get("implicit_reexport")
    if not _is_true(exported.value) if exported is not None else all_of_them:
        found.append(Item("no_implicit_reexport", exported.place if exported is not None else place))
    return Known(
        key=f"{tool}.strict", value=tuple(sorted(found)) or None, place=place, strictness=strictness("grow", "limit")
    )


def _covers(broader: str, pattern: str) -> bool:
    """Whether every module that `pattern` names is one that `broader` names too: `tests.*` is also `tests`."""
    return broader == pattern or fnmatch.fnmatchcase(pattern, broader) or broader == f"{pattern}.*"


def _is_true(value: Any) -> bool:
    return str(value).strip().lower() in {"true", "1", "yes", "on"}


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [word for word in re.split(r"[\s,]+", value) if word]
    return [str(one) for one in value]
