"""The tables [[command]]: what is accepted, what is refused with file and line, and where they are found again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gates.config import settings, source
from gates.config.command import CommandTable
from gates.errors import ConfigError
from support.commands import gates
from support.projects import write_project

GOOD = '[[command]]\nname = "mine"\nargv = ["spell", "docs"]\nfiles = ["docs/**"]\n'


def read(root: Path, text: str) -> source.Source:
    return source.read(write_project(root, {"gates.toml": text}))


def test_a_table_and_its_place(tmp_path: Path) -> None:
    (placed,) = settings.commands(read(tmp_path, f"\n\n{GOOD}"))
    assert placed.place == "gates.toml:2"
    assert (placed.table.name, placed.table.exit_codes, placed.table.parser) == ("mine", (0,), "none")


def test_without_tables_there_is_nothing(tmp_path: Path) -> None:
    assert settings.commands(read(tmp_path, "schema-version = 2\n")) == ()


@pytest.mark.parametrize(
    ("more", "line", "said"),
    [
        ('colour = "red"\n', 5, "unknown key 'colour'"),
        ("timeout = 0\n", 5, "greater than 0"),
        ('parser = "xml"\n', 5, 'must be one of "none", "sarif"'),
        ('parser = "regex"\n', 1, "need each other"),
        ("pattern = '(?P<message>x)'\n", 1, "need each other"),
        ("parser = 'regex'\npattern = '(?P<message>x'\n", 1, "is not a regular expression"),
        ("parser = 'regex'\npattern = '(?P<path>x)'\n", 1, "needs a named group"),
        ("parser = 'regex'\npattern = '(?P<message>x)(?P<lin>y)'\n", 1, "has a group 'lin'"),
        ("output = 'x.sarif'\n", 1, "`output` needs a `parser`"),
        ("parser = 'sarif'\noutput = '../x.sarif'\n", 1, "`output` must be a path below"),
        ("canary = '/x.patch'\n", 1, "`canary` must be a path below"),
        ('exit-codes = "0"\n', 5, "a list of whole numbers"),
        (GOOD, 6, "two commands are named 'mine'"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, more: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.commands(read(tmp_path, GOOD + more))
    assert (caught.value.path, caught.value.line) == ("gates.toml", line)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('argv = ["spell", "docs"]', 'argv = "spell docs"', 3, "a list of strings"),
        ('argv = ["spell", "docs"]', "argv = []", 3, "not empty"),
        ('argv = ["spell", "docs"]', 'argv = [""]', 1, "the first word of `argv` is empty"),
        ('files = ["docs/**"]\n', "", 1, "needs the key 'files'"),
        ('name = "mine"', 'name = "My gate"', 2, "like the pattern"),
        ('name = "mine"', 'name = "select"', 2, "is a key of"),
    ],
)
def test_a_key_that_must_be_there_is_right(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.commands(read(tmp_path, GOOD.replace(old, new)))
    assert (caught.value.path, caught.value.line) == ("gates.toml", line)
    assert said in caught.value.message


def test_the_settings_of_the_gate_are_its_table(tmp_path: Path) -> None:
    found = settings.resolve(
        read(tmp_path, f"{GOOD}timeout = 7\n"), {"mine": CommandTable}, environ={}, flags={}, rules=()
    )
    table = found.gates["mine"]
    assert isinstance(table, CommandTable)
    assert (table.timeout, table.files) == (7.0, ("docs/**",))
    assert (found.where("mine", "timeout"), found.where("mine", "exit-codes")) == ("gates.toml:5", "default")
    assert found.tables == frozenset()


def test_a_table_of_the_commands_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'mine' is a command: its keys are in its \[\[command\]\]"):
        settings.resolve(
            read(tmp_path, f"{GOOD}[mine]\ntimeout = 7\n"), {"mine": CommandTable}, environ={}, flags={}, rules=()
        )


def test_a_name_that_is_taken_is_refused_with_its_line(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"gates.toml": GOOD.replace("mine", "lint")})
    done = gates("check", cwd=root)
    assert done.code == 2
    assert "gates.toml:1: two gates are named 'lint': one built in, one from gates.toml:1" in done.out


def test_every_command_knows_the_gate(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"gates.toml": GOOD, "docs/a.md": "x\n"})
    listed = gates("list", "--rules", cwd=root)
    assert re.search(
        r'^mine +judged +\[\[tool\.gates\.command\]\] has the name "mine"  \[gates\.toml:1\]$', listed.out, re.MULTILINE
    )
    assert "CMD003 generated-file-changed (error)" in listed.out
    assert "    spell docs\n" in gates("check", "--plan", cwd=root).out
    assert gates("explain", "CMD001", cwd=root).out.startswith("CMD001 command-failed  (gate mine, error)")
    assert gates("explain", "mine:E1", cwd=root).out.startswith("mine:E1")
    assert '"mine"' in gates("schema", cwd=root).out
    assert "Evidence of the gate mine" in gates("schema", "evidence", "mine", cwd=root).out


def test_several_commands_share_their_rules(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"gates.toml": GOOD + GOOD.replace("mine", "other"), "docs/a.md": "x\n"})
    assert "(gate mine, other, error)" in gates("explain", "command-failed", cwd=root).out
