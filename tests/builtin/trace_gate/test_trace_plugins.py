"""Readers of third parties: how a plugin registers a shape, and what the gate does with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any
from unittest import mock

import pytest

from gates.errors import PluginError
from gates.plugins import manager
from gates.plugins.manager import registry
from support.projects import write_project
from support.traced import GATE, project, trace

SHAPE = """\
    from gates.builtin.trace.readers.found import Found, Line
    from gates.plugins.hookspecs import hookimpl


    class Dotted:
        name = {name!r}

        def read(self, document):
            for number, line in enumerate(document.lines, 1):
                mark, _, rest = line.partition(" .. ")
                if rest:
                    status, _, title = rest.partition(" ")
                    yield Found(id=mark, title=title, line=number, section="", status=Line(status, number))


    @hookimpl
    def gates_trace_readers():
        return [{made}]
    """
PYPROJECT = '[project]\nname = "words"\nversion = "1"\n[tool.gates]\nplugins = ["dotted_plugin"]\n'
MODULES = ("dotted_plugin", "other_plugin")
TABLE = '[tool.gates.trace]\ndocuments = ["tasks.dot"]\n'


@pytest.fixture(autouse=True)
def _unimported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep modules and path entries that a plugin brings from reaching the next test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in MODULES:
        sys.modules.pop(name, None)


def plugin(root: Path, name: str = "dotted", made: str = "Dotted()", module: str = "dotted_plugin") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / f"{module}.py").write_text(dedent(SHAPE).format(name=name, made=made), "utf-8")
    return root


@pytest.mark.requirement("TRA-11")
def test_a_plugin_adds_a_shape(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": PYPROJECT + TABLE,
        "tasks.dot": "WD-1 .. done the longest word\nWD-3 .. open of several files\n",
    }
    root = plugin(project(tmp_path / "project", files))
    found = trace(root, "--output-format", "json").report
    assert [(one["id"], one["status"], one["reader"], one["source"]["line"]) for one in found["items"]] == [
        ("WD-1", "done", "dotted", 1),
        ("WD-3", "open", "dotted", 2),
    ]
    assert found["items"][0]["standing"] == "passed"
    assert found["documents"][0]["readers"] == [{"name": "dotted", "items": 2}]


def test_a_shape_may_be_chosen_by_its_name(tmp_path: Path) -> None:
    files = {"pyproject.toml": f'{PYPROJECT}{TABLE}readers = ["checkbox"]\n', "tasks.dot": "WD-1 .. done the longest\n"}
    root = plugin(project(tmp_path / "project", files))
    assert trace(root, "--output-format", "json").report["items"] == []


def test_the_readers_are_the_gates_and_their_code_counts(tmp_path: Path) -> None:
    with mock.patch.dict(manager.BUILTIN, GATE):
        found = registry(["dotted_plugin"], plugin(tmp_path), third_party=False)
        gate: Any = found.gates["trace"]
        before = found.revisions["trace"]
        (tmp_path / "dotted_plugin.py").write_text((tmp_path / "dotted_plugin.py").read_text("utf-8") + "\n", "utf-8")
        sys.modules.pop("dotted_plugin")
        after = registry(["dotted_plugin"], tmp_path, third_party=False).revisions["trace"]
    assert [one.name for one in gate.readers] == list(found.readers) == ["dotted"]
    assert before != after
    assert before.startswith("dotted ")


def test_without_readers_the_gate_is_as_it_is_built_in() -> None:
    with mock.patch.dict(manager.BUILTIN, GATE):
        found = registry(third_party=False)
    gate: Any = found.gates["trace"]
    assert (gate.readers, dict(found.readers), "trace" in found.revisions) == ((), {}, False)


@pytest.mark.parametrize(
    ("name", "made", "said"),
    [
        ("No Name", "Dotted()", "it has no method `read`, or no `name`"),
        ("dotted", "object()", "it has no method `read`, or no `name`"),
        ("record", "Dotted()", "two readers are named 'record'"),
        ("adr", "Dotted()", "two readers are named 'adr'"),
        ("dotted", "Dotted(), Dotted()", "two readers are named 'dotted'"),
        ("dotted", "1 / 0", "failed while registering: ZeroDivisionError"),
        ("dotted", "", "registers nothing"),
    ],
)
def test_what_is_no_reader_is_refused(tmp_path: Path, name: str, made: str, said: str) -> None:
    with pytest.raises(PluginError) as raised:
        registry(["dotted_plugin"], plugin(tmp_path, name, made), third_party=False)
    assert said in str(raised.value)
    assert "dotted_plugin" in str(raised.value)


def test_two_plugins_may_each_add_one(tmp_path: Path) -> None:
    plugin(tmp_path)
    plugin(tmp_path, "other", module="other_plugin")
    assert list(registry(["dotted_plugin", "other_plugin"], tmp_path, third_party=False).readers) == ["dotted", "other"]


def test_a_reader_that_raises_is_a_sentence(tmp_path: Path) -> None:
    files = {"pyproject.toml": f"{PYPROJECT}{TABLE}tests = false\n", "tasks.dot": "WD-1 .. done the longest word\n"}
    root = plugin(write_project(tmp_path / "project", files))
    text = (root / "dotted_plugin.py").read_text("utf-8")
    (root / "dotted_plugin.py").write_text(
        text.replace("for number", "raise KeyError('planted')\n        for number"), "utf-8"
    )
    done = trace(root, "--output-format", "json")
    assert (done.code, done.report["verdict"]) == (3, "undecided")
    assert "planted" in done.report["reason"]["message"]


BOXES = "- [ ] WD-1 .. done the longest word\n- [ ] WD-2: of several files\n"


@pytest.mark.requirement("TRA-11")
@pytest.mark.parametrize(
    ("mark", "claim", "wanted"),
    [
        ("@hookimpl", "", [("WD-1", "open", "checkbox"), ("WD-2", "open", "checkbox")]),
        ("@hookimpl(tryfirst=True)", "", [("WD-1", "done", "dotted"), ("WD-2", "open", "checkbox")]),
        ("@hookimpl(trylast=True)", "", [("WD-1", "open", "checkbox"), ("WD-2", "open", "checkbox")]),
        ("@hookimpl", "return True", [("WD-1", "done", "dotted")]),
        ("@hookimpl", "return False", [("WD-1", "open", "checkbox"), ("WD-2", "open", "checkbox")]),
    ],
)
def test_a_reader_of_a_plugin_may_go_before_the_built_in_ones_or_have_a_document_to_itself(
    tmp_path: Path, mark: str, claim: str, wanted: list[tuple[str, str, str]]
) -> None:
    files = {"pyproject.toml": f'{PYPROJECT}[tool.gates.trace]\ndocuments = ["a.md"]\ntests = false\n', "a.md": BOXES}
    root = plugin(write_project(tmp_path / "project", files))
    text = (root / "dotted_plugin.py").read_text("utf-8").replace("@hookimpl", mark)
    text = text.replace("mark, _, rest = line", 'mark, _, rest = line.removeprefix("- [ ] ")')
    if claim:
        text = text.replace("    def read(", f"    def claims(self, document):\n        {claim}\n\n    def read(")
    (root / "dotted_plugin.py").write_text(text, "utf-8")
    found = trace(root, "--output-format", "json").report["items"]
    assert [(one["id"], one["status"], one["reader"]) for one in found] == wanted


def test_the_first_of_two_plugins_keeps_a_line(tmp_path: Path) -> None:
    files = {"pyproject.toml": PYPROJECT.replace('"]', '", "other_plugin"]') + TABLE, "tasks.dot": "WD-1 .. done it\n"}
    root = plugin(plugin(write_project(tmp_path / "project", files)), "other", module="other_plugin")
    other = root / "other_plugin.py"
    assert [one["reader"] for one in trace(root, "--output-format", "json").report["items"]] == ["dotted"]
    other.write_text(other.read_text("utf-8").replace("@hookimpl", "@hookimpl(tryfirst=True)"), "utf-8")
    for name in MODULES:
        sys.modules.pop(name, None)
    assert [one["reader"] for one in trace(root, "--output-format", "json").report["items"]] == ["other"]
