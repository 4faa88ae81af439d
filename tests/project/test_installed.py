"""What an environment holds, without the slow scan of importlib.metadata, and digests that change with it."""

from __future__ import annotations

import importlib.metadata
import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vltair import installed, tree
from support.projects import write_project


def test_it_agrees_with_importlib_on_this_environment() -> None:
    site = Path(sysconfig.get_path("purelib"))
    expected = {
        installed.canonical(found.metadata["Name"]): found.version
        for found in importlib.metadata.distributions(path=[str(site)])
    }
    assert expected
    assert tree.distributions([site]) == dict(sorted(expected.items()))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"Foo_Bar-1.0.dist-info/METADATA": ""}, {"foo-bar": "1.0"}),
        ({"foo.bar-1.0+local.1.dist-info/METADATA": ""}, {"foo-bar": "1.0+local.1"}),
        ({"foo-bar-2.0rc1.dist-info/METADATA": ""}, {"foo-bar": "2.0rc1"}),
        ({"foo-1.0-py3.11.egg-info/PKG-INFO": ""}, {"foo": "1.0"}),
        ({"foo-1.0-py3.11-linux-x86_64.egg-info": ""}, {"foo": "1.0"}),
        ({"foo.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: Foo\nVersion: 3\n\nName: not this\n"}, {"foo": "3"}),
        ({"foo.egg-info": "Name: Foo\nVersion: 3\n"}, {"foo": "3"}),
        ({"foo.egg-info/PKG-INFO": "Name: Foo\n"}, {}),
        ({"foo-1.0.dist-info/RECORD": ""}, {}),
        ({"~oo-1.0.dist-info/METADATA": ""}, {}),
        ({"foo/METADATA": "", "bar.py": ""}, {}),
        ({}, {}),
    ],
)
def test_names_and_versions_are_those_of_the_folders(
    tmp_path: Path, files: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    write_project(tmp_path, files)
    assert tree.distributions([tmp_path]) == expected


def test_an_earlier_folder_wins_and_a_missing_one_holds_nothing(tmp_path: Path) -> None:
    write_project(
        tmp_path, {"one/a-1.dist-info/METADATA": "", "two/a-2.dist-info/METADATA": "", "two/b-1.dist-info/METADATA": ""}
    )
    assert tree.distributions([tmp_path / "gone", tmp_path / "one", tmp_path / "two"]) == {"a": "1", "b": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"a-1.dist-info/RECORD": "a.py,sha256=2,1\n"},
        {"a-1.dist-info/direct_url.json": "{}"},
        {"b-1.dist-info/METADATA": ""},
        {"old.egg-info": "Name: old\n"},
        {"x.pth": "/elsewhere\n"},
        {"a.egg-link": "/elsewhere\n"},
        {"__editable___a_finder.py": "MAPPING = {}\n"},
    ],
)
def test_a_changed_installation_changes_the_digest(tmp_path: Path, change: Mapping[str, str]) -> None:
    write_project(tmp_path, {"a-1.dist-info/METADATA": "", "a-1.dist-info/RECORD": "a.py,sha256=1,1\n"})
    before = tree.environment_digest([tmp_path], "3.12.1")
    assert tree.environment_digest([tmp_path, tmp_path / "."], "3.12.1") == before
    write_project(tmp_path, change)
    assert tree.environment_digest([tmp_path], "3.12.1") != before


def test_another_python_is_another_environment(tmp_path: Path) -> None:
    assert tree.environment_digest([tmp_path], "3.12.1") != tree.environment_digest([tmp_path], "3.12.2")


def test_settings_leave_out_where_the_record_goes() -> None:
    plain = tree.settings_digest(["-q", "tests"], {"A": "1"})
    assert tree.settings_digest(["-q", "--vltair-record=x", "tests"], {"A": "1"}) == plain
    assert tree.settings_digest(["-q", "--vltair-record", "x", "tests"], {"A": "1"}) == plain
    assert tree.settings_digest(["-q", "tests", "--vltair-record"], {"A": "1"}) == plain
    others = [
        (["tests", "-q"], {"A": "1"}),
        (["-q tests"], {"A": "1"}),
        (["-q", "tests"], {"A": "2"}),
        (["-q", "tests"], {}),
    ]
    assert plain not in {tree.settings_digest(args, env) for args, env in others}


@settings(max_examples=30)
@given(st.lists(st.text(max_size=5)), st.dictionaries(st.text(max_size=3), st.text(max_size=3)))
def test_the_order_of_variables_does_not_matter(args: list[str], env: dict[str, str]) -> None:
    assert tree.settings_digest(args, env) == tree.settings_digest(args, dict(reversed(env.items())))


def test_arguments_that_are_not_utf8_have_a_digest() -> None:
    assert tree.settings_digest([os.fsdecode(b"\xff")], {}) != tree.settings_digest([os.fsdecode(b"\xfe")], {})
