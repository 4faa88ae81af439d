"""Every gate there is, where it comes from, and what is refused."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from gates.errors import PluginError
from gates.plugins import entry_points
from gates.plugins.manager import registry

GATE = """\
    from support.sample_gates import made
    from gates.plugins.hookspecs import hookimpl


    @hookimpl
    def gates_register():
        return [made({name!r})]
    """


@pytest.fixture(autouse=True)
def _unimported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep modules and path entries that a plugin brings from reaching the next test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


def module(root: Path, name: str, text: str) -> Path:
    (root / f"{name}.py").write_text(dedent(text), "utf-8")
    return root


def installed(site: Path, distribution: str, points: str) -> Path:
    folder = site / f"{distribution}-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", "utf-8")
    (folder / "entry_points.txt").write_text(dedent(points), "utf-8")
    return site


def test_the_built_in_gates_come_first_and_in_order() -> None:
    found = registry(third_party=False)
    assert list(found.gates)[:3] == ["lint", "types", "tests"]
    assert set(found.origins.values()) == {"built in"}


def test_rules_are_found_by_code_and_by_name() -> None:
    found = registry(third_party=False)
    for gate in found.gates.values():
        for rule in gate.rules:
            assert found.rules[rule.code] == found.rules[rule.name] == (gate.name, rule)


@pytest.mark.requirement("PRF-5")
def test_every_rule_has_an_explanation_and_a_fix() -> None:
    for _, rule in registry(third_party=False).rules.values():
        assert re.fullmatch(r"[A-Z]{3,4}\d{3}", rule.code)
        assert len(rule.explanation) > 80, rule.code
        assert rule.fix, rule.code


@pytest.mark.requirement("PRF-6")
def test_a_module_of_the_project_adds_a_gate(tmp_path: Path) -> None:
    found = registry(["notes_plugin"], module(tmp_path, "notes_plugin", GATE.format(name="notes")), third_party=False)
    assert found.origins["notes"].startswith("notes_plugin")


def test_a_module_of_the_project_leaves_no_byte_code_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    registry(["lean_plugin"], module(tmp_path, "lean_plugin", GATE.format(name="lean")), third_party=False)
    assert [path.name for path in tmp_path.iterdir()] == ["lean_plugin.py"]
    assert sys.dont_write_bytecode is False


@pytest.mark.requirement("PRF-6")
def test_an_installed_distribution_adds_a_gate(tmp_path: Path) -> None:
    module(
        installed(tmp_path, "notes", "[gates]\nnotes = notes_installed\n"), "notes_installed", GATE.format(name="noted")
    )
    sys.path.insert(0, str(tmp_path))
    found = registry()
    assert found.origins["noted"] == "notes_installed (notes 1.0)"


@pytest.mark.requirement("PRF-6")
def test_two_gates_of_one_name_are_refused(tmp_path: Path) -> None:
    module(tmp_path, "first_plugin", GATE.format(name="same"))
    module(tmp_path, "second_plugin", GATE.format(name="same"))
    with pytest.raises(PluginError, match="two gates are named 'same'"):
        registry(["first_plugin", "second_plugin"], tmp_path, third_party=False)


def test_two_entry_points_of_one_name_are_both_seen(tmp_path: Path) -> None:
    for number in (1, 2):
        installed(tmp_path, f"dist{number}", f"[gates]\nsame = module{number}\n")
    assert [point.value for _, point in entry_points.find([str(tmp_path)])] == ["module1", "module2"]


def test_a_distribution_that_is_on_the_path_twice_counts_once(tmp_path: Path) -> None:
    first = installed(tmp_path / "a", "dist", "[gates]\none = first\n")
    second = installed(tmp_path / "b", "dist", "[gates]\none = second\n")
    assert [point.value for _, point in entry_points.find([str(first), str(second)])] == ["first"]


def test_other_groups_and_broken_folders_are_left_alone(tmp_path: Path) -> None:
    installed(tmp_path, "other", "[console_scripts]\ngates = x:y\n")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    assert entry_points.find([str(tmp_path), str(tmp_path / "nosuch")]) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("import nosuch_module\n", "cannot be loaded: ModuleNotFoundError"),
        ("raise SystemError('broken')\n", "cannot be loaded: SystemError: broken"),
        ("raise SystemExit(0)\n", "cannot be loaded: SystemExit"),
        ("x = 1\n", "registers nothing"),
        (
            "from gates.plugins.hookspecs import hookimpl\n@hookimpl\ndef gates_register():\n    raise OSError('no')\n",
            "failed while registering: OSError: no",
        ),
        (
            "from gates.plugins.hookspecs import hookimpl\n\n\n@hookimpl\ndef gates_register():\n    return [object]\n",
            "is not a gate: it has no name",
        ),
        (
            "from gates.plugins.hookspecs import hookimpl\n\n\n@hookimpl\ndef gates_regster():\n    return []\n",
            "cannot be registered",
        ),
    ],
)
def test_a_plugin_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    name = f"bad_plugin_{abs(hash(text))}"
    with pytest.raises(PluginError) as caught:
        registry([name], module(tmp_path, name, text), third_party=False)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_plugin_adds_an_output_format(tmp_path: Path) -> None:
    text = """\
        from gates.plugins.hookspecs import hookimpl


        @hookimpl
        def gates_renderers():
            return {"shout": lambda report, options: report.verdict.upper()}
        """
    assert "shout" in registry(["shouting"], module(tmp_path, "shouting", text), third_party=False).renderers


def test_an_impostor_of_an_installed_module_is_not_imported(tmp_path: Path) -> None:
    module(tmp_path, "click", "raise RuntimeError('impostor')\n")
    module(tmp_path, "notes_plugin", "import click\n" + dedent(GATE.format(name="notes")))
    assert "notes" in registry(["notes_plugin"], tmp_path, third_party=False).gates


def test_a_name_that_is_a_path_is_refused(tmp_path: Path) -> None:
    module(tmp_path, "escaping", GATE.format(name="../../escaped"))
    with pytest.raises(PluginError, match="no name of a gate"):
        registry(["escaping"], tmp_path, third_party=False)


def test_another_state_of_the_code_is_another_revision(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("", "utf-8")
    text = """\
        from gates.builtin.lint.gate import LintGate
        from gates.plugins.hookspecs import hookimpl


        class Own(LintGate):
            name = "own"
            rules = ()


        @hookimpl
        def gates_register():
            return [Own]
        """
    module(tmp_path / "own", "gate", text)
    first = registry(["own.gate"], tmp_path, third_party=False).revisions["own"]
    module(tmp_path / "own", "more", "x = 1\n")
    for name in ("own", "own.gate"):
        del sys.modules[name]
    assert registry(["own.gate"], tmp_path, third_party=False).revisions["own"] != first


def test_the_same_code_elsewhere_is_the_same_revision(tmp_path: Path) -> None:
    """A project that was moved keeps its cache and its proofs, and a replay in it notes nothing."""
    text = """\
        from gates.builtin.lint.gate import LintGate
        from gates.plugins.hookspecs import hookimpl


        class Moved(LintGate):
            name = "moved"
            rules = ()


        @hookimpl
        def gates_register():
            return [Moved]
        """
    found = set()
    for place in (tmp_path / "here", tmp_path / "there"):
        package = place / "moved_gates"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("", "utf-8")
        module(package, "gate", text)
        found.add(registry(["moved_gates.gate"], place, third_party=False).revisions["moved"])
        sys.path.remove(str(place))
        for name in ("moved_gates", "moved_gates.gate"):
            del sys.modules[name]
    assert len(found) == 1
