"""The table of formats: names, errors, plugins' renderers, and how little it costs to import."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from gates.errors import OutputError, PluginError, UsageError
from gates.model.report import Report
from gates.render import formats
from gates.render.formats import Options
from support import reports


def shout(report: Report, options: Options) -> str:
    return f"{report.project.name.upper()}é\n"


def test_names_are_the_built_in_ones_then_those_of_plugins() -> None:
    assert formats.names() == ("full", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "html")
    assert formats.names({"b": shout, "a": shout})[-2:] == ("a", "b")


@pytest.mark.parametrize(("name", "hint"), [("jsn", "did you mean `json`?"), ("qqqqq", "there are full, concise,")])
def test_unknown_format_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match="there is no output format") as caught:
        formats.render(name, reports.passed(), Options())
    assert hint in caught.value.message
    with pytest.raises(UsageError):
        formats.check(name)


def test_plugin_renders() -> None:
    formats.check("shout", {"shout": shout})
    assert formats.render("shout", reports.passed(), Options(), {"shout": shout}) == "MYPROJé\n"
    assert formats.render("shout", reports.passed(), Options(encoding="ascii"), {"shout": shout}) == "MYPROJ\\xe9\n"


def test_plugin_that_raises_is_an_error_of_the_output() -> None:
    def broken(report: Report, options: Options) -> str:
        raise KeyError("x")

    with pytest.raises(OutputError, match="`broken` failed with KeyError: 'x'"):
        formats.render("broken", reports.passed(), Options(), {"broken": broken})


def test_plugin_that_returns_no_text_is_an_error_of_the_output() -> None:
    nothing = {"nothing": lambda report, options: None}
    with pytest.raises(OutputError, match="returned NoneType instead of text"):
        formats.render("nothing", reports.passed(), Options(), nothing)  # type: ignore[arg-type]


def test_plugin_cannot_replace_a_built_in_format() -> None:
    with pytest.raises(PluginError, match="`json`, which is built in"):
        formats.render("json", reports.passed(), Options(), {"json": shout})


def test_import_loads_no_renderer() -> None:
    code = "import sys, gates.render.formats; print(*sorted(sys.modules), sep='\\n')"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environ)
    loaded = done.stdout.split()
    assert [name for name in loaded if name.startswith("gates.render.")] == [
        "gates.render.escape",
        "gates.render.formats",
    ]
    assert not {"difflib", "urllib.parse", "dataclasses", "gates.model.report"} & set(loaded)


def test_json_is_the_same_whatever_the_order_of_its_mappings() -> None:
    report = reports.design()
    durations = dict(reversed(list(report.run.durations_s.items())))
    again = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, durations_s=durations))
    assert list(durations) != list(report.run.durations_s)
    assert formats.render("json", again, Options()) == formats.render("json", report, Options())
