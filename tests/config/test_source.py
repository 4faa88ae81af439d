from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.config.source import Source, dotted, read
from gates.errors import ConfigError, ProjectError
from gates.project.documents import LIMIT


def refused(root: Path) -> str:
    """What `read` says of the project at `root`."""
    with pytest.raises((ConfigError, ProjectError)) as error:
        read(root)
    return str(error.value)


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    source = read(tmp_path)
    assert (source.table, source.path, source.line("select")) == ({}, None, None)


def test_pyproject_without_a_table_is_no_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read(tmp_path).path is None


def test_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n\n[tool.gates]\nselect = [\n 'lint']\n")
    source = read(tmp_path)
    assert (source.table, source.path) == ({"select": ["lint"]}, "pyproject.toml")
    assert [source.line(), source.line("select"), source.line("select", 0)] == [4, 5, 6]
    assert source.line("select", 9) == 5, "what is not written has the line of what is round it"
    assert source.line("jobs") == 4
    assert source.named("lint") == "tool.gates.lint"


def test_own_file_has_no_prefix(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_bytes(b"\xef\xbb\xbf# settings\r\n[lint]\r\ntimeout = 5\r\n")
    source = read(tmp_path)
    assert (source.table, source.path) == ({"lint": {"timeout": 5}}, "gates.toml")
    assert (source.line("lint", "timeout"), source.named("lint")) == (3, "lint")


def test_an_own_file_beside_a_pyproject_without_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    (tmp_path / "gates.toml").write_text("jobs = 1\n")
    assert read(tmp_path).path == "gates.toml"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x00\x01", "pyproject.toml:1: pyproject.toml is a binary file: it has a zero byte"),
        (b"a = 1\n\x89PNG\r\n\x1a\n\0", "pyproject.toml:4: pyproject.toml is a binary file: it has a zero byte"),
        (b"a = 1\nb = '\xff'\n", "pyproject.toml:2: pyproject.toml is not UTF-8: byte 0xff on this line"),
        (b"#" * (LIMIT + 1), "pyproject.toml: pyproject.toml is larger than 2 MiB, which no configuration is"),
        (
            b"[tool.gates]\nselect = ['lint'\n[x]\n",
            "pyproject.toml:3: pyproject.toml is not valid TOML: unclosed array",
        ),
        (b"x = 1\n\nx = 2\n", "pyproject.toml:3: pyproject.toml is not valid TOML: cannot overwrite a value"),
        (b"[a]\n[a]\n", "pyproject.toml:2: pyproject.toml is not valid TOML: cannot declare ('a',) twice"),
        (b"x = '", 'pyproject.toml:1: pyproject.toml is not valid TOML: expected "\'"'),
        (b"x = " + b"[" * 20000, "pyproject.toml: pyproject.toml nests its values too deeply to be read"),
        (b"tool = 3\n", "pyproject.toml:1: [tool] must be a table"),
        (b"[tool]\n\ngates = true\n", "pyproject.toml:3: [tool.gates] must be a table"),
        (b"[[tool.gates]]\n", "pyproject.toml:1: [tool.gates] must be a table"),
    ],
    ids=[
        "binary",
        "image",
        "latin",
        "huge",
        "invalid",
        "duplicate",
        "twice",
        "unfinished",
        "deep",
        "tool",
        "gates",
        "array",
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)
    assert refused(tmp_path) == said


def test_an_integer_of_thousands_of_digits(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("x = " + "1" * 6000)
    assert refused(tmp_path).startswith("pyproject.toml: pyproject.toml is not valid TOML: ")


def test_ten_megabytes_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "gates.toml").open("wb") as file:
        file.truncate(10 * 1024 * 1024)
    assert "larger than 2 MiB" in refused(tmp_path)


@pytest.mark.requirement("CFG-3")
def test_both_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n[tool.gates]\n")
    (tmp_path / "gates.toml").write_text("")
    assert refused(tmp_path) == (
        "pyproject.toml:2: settings are in both pyproject.toml ([tool.gates]) and gates.toml; keep one"
    )


def test_a_directory(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").mkdir()
    assert refused(tmp_path) == "gates.toml: gates.toml is not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert refused(tmp_path) == "pyproject.toml: pyproject.toml is not a file"


def test_links(tmp_path: Path) -> None:
    link = tmp_path / "pyproject.toml"
    try:
        link.symlink_to("nowhere.toml")
    except OSError:
        pytest.skip("no symbolic links here")
    assert refused(tmp_path) == "pyproject.toml: pyproject.toml is a link to a file that does not exist"
    link.unlink()
    link.symlink_to("pyproject.toml")
    assert refused(tmp_path).startswith("pyproject.toml: pyproject.toml cannot be read: ")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.binary(max_size=60) | st.text("ab.=[]{}\"'#,1 \n\r\t\\", max_size=40).map(str.encode))
def test_any_bytes_are_a_table_or_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "gates.toml").write_bytes(data)
    said = ""
    source = Source()
    try:
        source = read(tmp_path)
    except ConfigError as error:
        said = str(error)
    assert "\n" not in said
    for key in source.table:
        assert 1 <= (source.line(key) or 0) <= data.count(b"\n") + 1


def test_paths_are_written_as_toml_writes_them() -> None:
    assert dotted(("tool", "a b", "path", 0, 'x"\\')) == 'tool."a b".path[1]."x\\"\\\\"'
