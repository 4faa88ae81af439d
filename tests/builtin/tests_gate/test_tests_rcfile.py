"""Coverage's settings, read as coverage reads them and extended."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from gates.builtin.suite.options import PytestOptions, Word
from gates.builtin.tests import rcfile
from gates.builtin.tests.rcfile import PytestCov, UnreadableSettingsError
from support.projects import write_project


def options(*words: str) -> PytestOptions:
    return PytestOptions(words=tuple(Word(text=one, place="") for one in words), ini={}, file=None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), None),
        (("--cov-report=xml", "--cov-branch"), None),
        (("--cov",), PytestCov(sources=None, branch=False, config=None)),
        (("--cov", "-v"), PytestCov(sources=None, branch=False, config=None)),
        (("--cov", "src", "-v"), PytestCov(sources=("src",), branch=False, config=None)),
        (("--cov=a", "--cov=b", "--cov-branch"), PytestCov(sources=("a", "b"), branch=True, config=None)),
        (("--cov=a", "--cov"), PytestCov(sources=None, branch=False, config=None)),
        (("--cov=",), PytestCov(sources=(), branch=False, config=None)),
        (("--cov=a", "--cov-config", "c.ini"), PytestCov(sources=("a",), branch=False, config="c.ini")),
        (("--cov=a", "--cov-config=.coveragerc"), PytestCov(sources=("a",), branch=False, config=None)),
        (("--cov=a", "--cov-reset"), None),
        (("--cov=a", "--cov-reset", "--cov=b"), PytestCov(sources=("b",), branch=False, config=None)),
        (("--cov=a", "--no-cov"), None),
    ],
)
def test_what_pytest_cov_was_told(words: tuple[str, ...], expected: PytestCov | None) -> None:
    assert rcfile.pytest_cov(options(*words)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, {}),
        ({".coveragerc": "[run]\nbranch = True\n[report]\nfail_under = 1\n"}, {"run": {"branch": "True"}}),
        ({".coveragerc": "", "setup.cfg": "[coverage:run]\nbranch = True\n"}, {}),
        ({"setup.cfg": "[metadata]\nname = a\n", "tox.ini": "[coverage:run]\nomit = a\n"}, {"run": {"omit": "a"}}),
        ({"setup.cfg": "[run]\nbranch = True\n"}, {}),
        ({".coveragerc.toml": "[run]\nbranch = true\n"}, {"run": {"branch": "true"}}),
        (
            {"pyproject.toml": '[tool.coverage.run]\nsource = ["a", "b"]\n[tool.coverage.paths]\np = ["x", "y"]\n'},
            {"run": {"source": "a\nb"}, "paths": {"p": "x\ny"}},
        ),
        (
            {".coveragerc": "[run]\nplugins = covdefaults\n[covdefaults]\nsubtract_omit = a\n[html]\ntitle = t\n"},
            {"run": {"plugins": "covdefaults"}, "covdefaults": {"subtract_omit": "a"}},
        ),
    ],
)
def test_the_first_file_with_settings_counts(tmp_path: Path, files: dict[str, str], expected: rcfile.Sections) -> None:
    assert rcfile.project_settings(write_project(tmp_path, files), None) == expected


def test_a_named_file_is_the_only_one(tmp_path: Path) -> None:
    root = write_project(tmp_path, {".coveragerc": "[run]\nomit = a\n", "other.ini": "[run]\nomit = b\n"})
    assert rcfile.project_settings(root, "other.ini") == {"run": {"omit": "b"}}
    with pytest.raises(UnreadableSettingsError, match=r"nowhere\.ini is not there"):
        rcfile.project_settings(root, "nowhere.ini")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    root = write_project(tmp_path, {".coveragerc": b"\xff\xfe"})
    with pytest.raises(UnreadableSettingsError, match=r"\.coveragerc cannot be read"):
        rcfile.project_settings(root, None)


def extended(root: Path, sections: rcfile.Sections, cov: PytestCov | None = None, **asked: bool) -> dict[str, str]:
    asked = {"branches": False, "contexts": False} | asked
    text = rcfile.extended(sections, root, root / "data", cov, branches=asked["branches"], contexts=asked["contexts"])
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return dict(parser["run"])


def test_paths_become_absolute_and_names_of_packages_stay(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    run = {"source": "src\nsample", "omit": "tests/*, */gen/*", "include": "src/*", "source_pkgs": "sample"}
    found = extended(tmp_path, {"run": run})
    assert found["source"].split() == [str(tmp_path / "src"), "sample"]
    assert found["omit"].split() == [str(tmp_path / "tests/*"), "*/gen/*"]
    assert found["include"].split() == [str(tmp_path / "src/*")]
    assert found["source_pkgs"] == "sample"


def test_every_process_writes_a_file_of_its_own(tmp_path: Path) -> None:
    found = extended(tmp_path, {"run": {"patch": "_exit", "relative_files": "true", "debug": "trace"}})
    assert found["parallel"] == "true"
    assert found["patch"].split() == ["_exit", "subprocess"]
    assert found["data_file"] == str(tmp_path / "data")
    assert found["relative_files"] == "false"
    assert "debug" not in found


def test_pytest_covs_sources_take_the_place_of_the_files(tmp_path: Path) -> None:
    run = {"source": "a", "source_pkgs": "b", "omit": "*/c"}
    found = extended(tmp_path, {"run": run}, PytestCov(sources=("d",), branch=True, config=None))
    assert (found["source"], found["branch"], found["omit"]) == ("d", "true", "*/c")
    assert "source_pkgs" not in found
    without = extended(tmp_path, {"run": run}, PytestCov(sources=None, branch=False, config=None))
    assert (without["source"], without["source_pkgs"]) == ("a", "b")
    everything = extended(tmp_path, {"run": run}, PytestCov(sources=(), branch=False, config=None))
    assert "source" not in everything


def test_what_is_asked_for_is_switched_on(tmp_path: Path) -> None:
    found = extended(tmp_path, {}, branches=True, contexts=True)
    assert (found["branch"], found["context"], found["core"]) == ("true", "${VLTAIR_CONTEXT-}", "ctrace")
    assert "dynamic_context" not in found
    assert not {"branch", "context", "core"} & extended(tmp_path, {}).keys()


@pytest.mark.parametrize(("core", "taken"), [("sysmon", "ctrace"), ("ctrace", "ctrace"), ("pytrace", "pytrace")])
def test_contexts_are_those_of_tests_and_need_a_core_that_knows_any(tmp_path: Path, core: str, taken: str) -> None:
    run = {"core": core, "context": "linux", "dynamic_context": "test_function", "plugins": "mine"}
    found = extended(tmp_path, {"run": run}, contexts=True)
    assert (found["core"], found["context"], found["plugins"]) == (taken, "${VLTAIR_CONTEXT-}", "mine")
    assert "dynamic_context" not in found
    without = extended(tmp_path, {"run": run})
    assert (without["core"], without["context"], without["dynamic_context"]) == (core, "linux", "test_function")
    unknown = extended(tmp_path, {"run": {"dynamic_context": "mine.plugin"}}, contexts=True)
    assert unknown["dynamic_context"] == "mine.plugin"  # coverage itself says what is wrong with it
