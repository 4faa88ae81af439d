from __future__ import annotations

import importlib.metadata
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator, Draft202012Validator

from gates.cli.schema import command, pyproject_schema
from gates.errors import ConfigError, UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.chdir(tmp_path)


def printed(*arguments: str) -> dict[str, Any]:
    """The schema that `gates schema ARGUMENTS` prints."""
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    assert (result.return_value, result.stderr) == (0, "")
    schema: dict[str, Any] = json.loads(result.stdout)
    return schema


def refused(*arguments: str) -> str:
    with pytest.raises((UsageError, ConfigError)) as error:
        command.main(arguments, standalone_mode=False)
    return str(error.value)


def test_the_configuration_is_the_default() -> None:
    schema = printed()
    assert schema == printed("config")
    Draft7Validator.check_schema(schema)
    assert {"lint", "types", "tests", "select"} <= set(schema["properties"])


def test_this_projects_own_table_is_valid() -> None:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"].get("gates", {})
    Draft7Validator(pyproject_schema()).validate(table)


def test_a_plugin_of_the_project_has_its_table(tmp_path: Path) -> None:
    (tmp_path / "schema_test_gates.py").write_text(
        "from gates.builtin.lint.gate import LintGate\n"
        "from gates.plugins.hookspecs import hookimpl\n"
        "class Own(LintGate):\n    name = 'own'\n    rules = ()\n"
        "@hookimpl\ndef gates_register():\n    return [Own]\n"
    )
    (tmp_path / "gates.toml").write_text("plugins = ['schema_test_gates']\n[own]\ntypo = 1\n")
    schema = printed("config")
    assert "own" in schema["properties"]
    assert not Draft7Validator(schema).is_valid({"own": {"typo": 1}})
    assert printed("evidence", "own")["title"] == "Evidence of the gate own"
    assert "own" not in printed("config", "--project", str(ROOT))["properties"]


def test_what_is_written_has_a_schema() -> None:
    for kind in ("report", "log", "answer", "maintenance", "event", "heads"):
        Draft202012Validator.check_schema(printed(kind))


@pytest.mark.parametrize("gate", ["lint", "types", "tests"])
def test_evidence_of_every_gate_is_an_object_without_other_keys(gate: str) -> None:
    schema = printed("evidence", gate)
    Draft202012Validator.check_schema(schema)
    top = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    assert top["additionalProperties"] is False
    assert top["required"] == list(top["properties"])


def test_usage_errors() -> None:
    assert refused("evidence", "lnt") == "there is no gate 'lnt'; did you mean 'lint'?"
    assert refused("evidence") == "name a gate: gates schema evidence lint"
    assert refused("report", "lint") == "`gates schema report` takes no gate; `gates schema evidence lint` does"
    assert refused("config", "--project", "nowhere") == "there is no directory 'nowhere'"
    Path("gates.toml").write_text("plugins = 3\n")
    assert refused("config") == "gates.toml:1: plugins must be a list of strings, not 3"


def test_the_entry_point_for_editors() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    point = importlib.metadata.EntryPoint("gates", declared["validate_pyproject.tool_schema"]["gates"], "x")
    schema = point.load()("gates")
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"]
    Draft7Validator.check_schema(schema)
    assert not Draft7Validator(schema).is_valid({"selct": []})
    with pytest.raises(ValueError, match=r"only for \[tool\.gates\]"):
        pyproject_schema("other")
