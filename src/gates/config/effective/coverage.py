"""coverage: its settings in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gates.config.effective.value import Known, Spec, read, spec, specs
from gates.config.limits import limit
from gates.config.tool_settings import Setting, Settings, coverage_settings
from gates.model.strictness import strictness

if TYPE_CHECKING:
    from gates.project.facts import Project

SPECS: tuple[Spec, ...] = (
    spec("run.branch", "on", False),
    spec("run.cover_pylib", "on", False),
    spec("report.ignore_errors", "off", False),
    *specs("shrink", None, "run.omit", "report.omit", "report.exclude_lines", "report.exclude_also"),
    *specs("shrink", None, "report.partial_branches", "report.partial_also", "report.partial_branches_always"),
    *specs("shrink", None, "run.disable_warnings", "report.exclude_list"),
    *specs("scope", None, "run.include", "report.include", "run.source", "run.source_pkgs", "run.source_dirs"),
    *specs("grow", None, "run.patch", "run.concurrency", about="exclusion"),
    spec("report.include_namespace_packages", "on", False, "exclusion"),
    *specs("free", None, "html.*", "xml.*", "json.*", "lcov.*", "report.show_missing", "report.skip_*", "report.sort"),
    *specs("free", None, "report.format", "report.precision", "run.parallel", "run.relative_files", "run.sigterm"),
    *specs("free", None, "run.context", "run.dynamic_context", "run.core", "run.data_file", "run.debug*", "run.timid"),
    *specs("free", None, "paths.*", "report.fail_under"),
)
LISTS = frozenset(one.key for one in SPECS if one.strictness.way in {"shrink", "scope", "grow"})


def known(project: Project) -> Iterator[Known]:
    """The settings in force; `coverage.fail_under` is the limit that holds, pytest-cov's before coverage's own."""
    found = coverage_settings(project)
    home = "" if found is None else found.file
    written = {} if found is None else {key: _listed(key, one) for key, one in found.keys.items()}
    yield from read("coverage", SPECS, written, home)
    held = limit(project, "coverage", "fail_under")
    given = written.get("report.fail_under")
    yield Known(
        key="coverage.fail_under",
        value=None if held is None else float(held.value),
        place=held.place if held is not None else home if given is None else given.place,
        strictness=strictness("higher"),
    )


def configured(project: Project) -> Settings | None:
    """What coverage would read for the project."""
    return coverage_settings(project)


def _listed(key: str, one: Setting) -> Setting:
    """INI files write a list over lines or with commas; of patterns of lines each line is one."""
    if key not in LISTS or not isinstance(one.value, str):
        return one
    apart = one.value if key.startswith("report.exclude") else one.value.replace(",", "\n")
    return Setting([line.strip() for line in apart.splitlines() if line.strip()], one.place)
