"""pytest: its settings in force, the arguments that gates adds included."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.config.effective.value import Item, Known, Spec, places, read, spec, specs
from gates.config.tool_settings import Setting, Settings, addopts, pytest_settings
from gates.model.strictness import About, Way, strictness

if TYPE_CHECKING:
    from gates.project.facts import Project

SPECS: tuple[Spec, ...] = (
    *specs("on", False, "xfail_strict", "strict", "strict_config", "strict_markers", "strict_parametrization_ids"),
    *specs("on", False, "strict_xfail", "enable_assertion_pass_hook"),
    spec("python_files", "grow", ("test_*.py", "*_test.py"), "exclusion"),
    spec("python_classes", "grow", ("Test",), "exclusion"),
    spec("python_functions", "grow", ("test",), "exclusion"),
    spec("required_plugins", "grow"),
    spec("testpaths", "scope"),
    *specs("shrink", None, "norecursedirs", "collect_ignore", "collect_ignore_glob"),
    *specs("free", None, "addopts*", "filterwarnings*", "markers", "minversion", "usefixtures", "cache_dir", "log_*"),
    *specs("free", None, "console_output_style", "junit_*", "verbosity_*", "truncation_*", "tmp_path_*", "timeout*"),
    *specs("free", None, "asyncio_*", "anyio_*", "doctest_*", "faulthandler_*", "vltair_*"),
)
LISTS = frozenset({"testpaths", "norecursedirs", "python_files", "python_classes", "python_functions"})

# Options by what more of them do to a run: it looks at less, it is stricter, or it is neither.
_NARROWING = frozenset({
    "--co", "--collect-only", "--confcutdir", "--config-file", "--continue-on-collection-errors", "--deselect",
    "--disable-pytest-warnings", "--disable-warnings", "--fixtures", "--ignore", "--ignore-glob", "--last-failed",
    "--lf", "--no-cov", "--no-cov-on-fail", "--override-ini", "--picked", "--pyargs", "--requirement", "--reruns",
    "--rootdir", "--runxfail", "--setup-only", "--setup-plan", "--stepwise", "--suppress-no-test-exit-code", "--sw",
    "--testmon", "-c", "-k", "-m", "-o", "-p",
})  # fmt: skip
_STRICT = frozenset({
    "--cov", "--cov-branch", "--doctest-glob", "--doctest-modules", "--strict", "--strict-config", "--strict-markers",
})  # fmt: skip
_FREE = frozenset({
    "--basetemp", "--benchmark-disable", "--benchmark-skip", "--cache-clear", "--capture", "--code-highlight",
    "--color", "--cov-append", "--cov-config", "--cov-context", "--cov-fail-under", "--cov-report", "--dist",
    "--durations", "--durations-min", "--exitfirst", "--html", "--import-mode", "--junit-xml", "--junitxml",
    "--log-cli-level", "--log-level", "--maxfail", "--maxprocesses", "--no-header", "--no-summary", "--numprocesses",
    "--pythonwarnings", "--quiet", "--show-capture", "--showlocals", "--tb", "--timeout", "--verbose",
    "--vltair-record", "-W", "-l", "-n", "-q", "-r", "-s", "-v", "-x",
})  # fmt: skip
_ONE_LETTER = re.compile(r"-(?P<option>[a-zA-Z])(?P<value>.+)")
_TAKES_VALUE = frozenset({
    "-m", "-k", "--ignore", "--ignore-glob", "--deselect", "-p", "-o", "--override-ini", "-c", "--rootdir", "-W", "-n",
    "--confcutdir", "--config-file", "--maxfail", "--tb", "--color", "--durations", "--dist", "--import-mode",
    "--cov-config", "--cov-report", "--cov-fail-under", "--junitxml", "--junit-xml", "--capture", "--durations-min",
    "--numprocesses", "--basetemp", "--pythonwarnings", "--show-capture", "--timeout", "--log-level", "--html",
    "--log-cli-level", "--vltair-record", "--requirement", "--reruns", "--doctest-glob", "--maxprocesses",
    "--cov-context",
})  # fmt: skip


def known(project: Project, more: Sequence[Setting] = ()) -> Iterator[Known]:
    """The settings in force; `more` are lists of arguments beside `addopts`, each with its place."""
    found = pytest_settings(project)
    home = "" if found is None else found.file
    written = {} if found is None else {key: _listed(key, one) for key, one in found.keys.items()}
    yield from read("pytest", SPECS, written, home)
    given = addopts(project)
    arguments = [one for setting in ([given] if given is not None else []) + list(more) for one in _arguments(setting)]
    yield from _filters(written, arguments, home)
    yield _of_arguments("pytest.addopts", arguments, home, "shrink", "exclusion", _NARROWING)
    yield _of_arguments("pytest.strict", arguments, home, "grow", "limit", _STRICT)
    rest = [
        one for one in arguments if _option(one.text) not in _NARROWING | _STRICT | _FREE and one.text.startswith("-")
    ]
    value = " ".join(sorted(one.text for one in rest))
    place = rest[0].place if rest else home
    yield Known(key="pytest.arguments", value=value, place=place, strictness=strictness("unknown"))


def configured(project: Project) -> Settings | None:
    """What pytest would read for the project."""
    return pytest_settings(project)


def _arguments(setting: Setting) -> Iterator[Item]:
    """Options with their values as one item each: `-m not slow`, `--ignore=tests/slow`."""
    words = iter(list(setting.value) if isinstance(setting.value, list | tuple) else shlex.split(str(setting.value)))
    for word in words:
        short = _ONE_LETTER.fullmatch(word)
        if word in _TAKES_VALUE:
            yield Item(f"{word}={next(words, '')}", setting.place)
        elif short is not None and f"-{short['option']}" in _TAKES_VALUE:
            yield Item(f"-{short['option']}={short['value'].removeprefix('=')}", setting.place)
        else:
            yield Item(word, setting.place)


def _option(text: str) -> str:
    name = text.partition("=")[0]
    short = _ONE_LETTER.fullmatch(name)
    # `-ra`, `-vv`, `-qq`: a letter with more of its kind.
    return name if name.startswith("--") or short is None else f"-{short['option']}"


def _of_arguments(
    key: str, arguments: Sequence[Item], home: str, way: Way, about: About, options: Collection[str]
) -> Known:
    found = {one for one in arguments if _option(one.text) in options}
    if key == "pytest.addopts":
        # Paths take the place of `testpaths`.
        found |= {one for one in arguments if not one.text.startswith("-")}
    place = min((one.place for one in found), default=home)
    return Known(key=key, value=tuple(sorted(found)) or None, place=place, strictness=strictness(way, about))


def _filters(written: Mapping[str, Setting], arguments: Sequence[Item], home: str) -> Iterator[Known]:
    """Warnings that are errors, of which none may go, and warnings that are let off, of which none may be added."""
    given = written.get("filterwarnings")
    lines = [] if given is None else given.value if isinstance(given.value, list) else str(given.value).splitlines()
    at = places(written, "filterwarnings")
    found = [] if given is None else [Item(str(one).strip(), at.get(str(one), given.place)) for one in lines]
    found += [
        Item(one.text.partition("=")[2], one.place)
        for one in arguments
        if _option(one.text) in {"-W", "--pythonwarnings"}
    ]
    errors = tuple(sorted({one for one in found if one.text.partition(":")[0].strip() == "error"}))
    others = tuple(sorted({one for one in found if one.text and one not in errors}))
    place = home if given is None else given.place
    yield Known(key="pytest.filterwarnings", value=errors or None, place=place, strictness=strictness("grow", "limit"))
    yield Known(key="pytest.filterwarnings.let-off", value=others or None, place=place, strictness=strictness("shrink"))


def _listed(key: str, one: Setting) -> Setting:
    return Setting(one.value.split(), one.place) if key in LISTS and isinstance(one.value, str) else one
