"""`gates trace`: the matrix of a project or of documents, one item, what is open, and what a change touches."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click
import pytest

from gates.cli import groups
from gates.errors import OutputError, UsageError
from support import repositories
from support.commands import Result
from support.projects import write_project
from support.traced import project, trace

DONE = "- [x] WD-1: the longest word is found\n"
FORMS = ("text", "json", "csv", "markdown")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("trace") / "project")


@pytest.fixture(scope="module")
def matrix(root: Path) -> Result:
    files = [word for form in FORMS for word in ("--output-file", f"{form}={root.parent / form}")]
    return trace(root, "--output-format", "json", *files)


def test_without_a_command_it_is_the_matrix_and_the_code_is_the_gates(matrix: Result) -> None:
    said = matrix.report
    assert (matrix.code, said["verdict"], said["reason"], said["schema_version"]) == (0, "passed", None, 1)
    assert said["denominator"] == {"count": 3, "unit": "items"}
    done, open_one, _ = said["items"]
    assert [(one["nodeid"], one["exists"], one["outcome"]) for one in done["tests"]] == [
        ("tests/test_words.py::test_longest", True, "passed")
    ]
    assert done["tests"][0]["by"] == ["validation", "marker"]
    assert done["code"] == [{"path": "words.py", "line": 1}]
    assert (open_one["validation"][0]["state"], open_one["standing"]) == ("missing", "missing")
    assert {(one["rule"], one["severity"]) for one in said["findings"]} == {("TRC001", "note"), ("TRC003", "warning")}


@pytest.mark.requirement("TRA-14")
def test_every_form_is_written_beside_it(root: Path, matrix: Result) -> None:
    written = {form: (root.parent / form).read_text("utf-8") for form in FORMS}
    assert json.loads(written["json"]) == matrix.report
    assert written["text"].startswith("trace: passed, ")
    assert written["markdown"].startswith("## trace: passed, ")
    assert [row["id"] for row in csv.DictReader(written["csv"].splitlines())] == ["WD-1", "WD-2", "WD-10"]


@pytest.mark.requirement("TRA-14")
def test_what_fails_is_red_in_every_form(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {"docs/tasks.md": "- [x] WD-5: something else\n"})
    for form in FORMS:
        assert trace(root, "--output-format", form).code == 1
    for words in (["show", "WD-5"], ["todo"]):
        assert trace(root, *words).code == 1


@pytest.mark.parametrize("words", [["docs/tasks.md"], ["matrix", "docs/tasks.md"], ["./docs/tasks.md", "-q"]])
def test_documents_are_arguments(root: Path, words: list[str]) -> None:
    assert [one.split()[0] for one in trace(root, *words).out.splitlines() if one.startswith("WD-")] == [
        "WD-1",
        "WD-2",
        "WD-10",
    ]


@pytest.mark.parametrize("words", [["show", "WD-7"], ["todo"], ["impact"]])
def test_other_views_are_of_these_documents_too(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\n- [ ] WD-7: another one\n", encoding="utf-8")
    (tmp_path / "more.md").write_text("# More\n\n- [ ] WD-8: not asked for\n", encoding="utf-8")
    found = trace(tmp_path, *words, "notes.md", "--output-format", "json")
    assert (found.code, found.report["verdict"]) == (3, "undecided")
    assert [one["id"] for one in found.report["items"]] == ([] if words == ["impact"] else ["WD-7"])


def test_a_document_may_be_called_like_a_command(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {"todo": "# Tasks\n\n- [ ] WD-7: another one\n"})
    found = trace(root, "./todo", "--output-format", "json").report
    assert [(one["id"], one["source"]["path"]) for one in found["items"]] == [("WD-7", "todo")]
    assert "WD-2" in trace(root, "todo").out
    with pytest.raises(UsageError, match=r"options stand behind the command: gates trace show …"):
        trace(root, "--output-format", "json", "show", "WD-1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gone.md"], "the document 'gone.md' is not there"),
        (["shwo", "WD-1"], "did you mean the command 'show'?"),
        (["docs"], "the document 'docs' is a folder"),
        (["show", "WD-3"], "no document has an item 'WD-3', did you mean 'WD-2'?"),
        (["show", "zzz"], "no document has an item 'zzz'; `gates trace` shows them all"),
        (["--output-file", "pdf=x"], "write it as FORMAT=PATH with one of text, json, csv, markdown"),
        (["todo", "--output-file", "csv=x"], "write it as FORMAT=PATH with one of text, json"),
        (["--output-file", "csv=x", "--output-file", "csv=y"], "--output-file is given twice for csv"),
    ],
)
def test_what_is_not_there_is_a_sentence(root: Path, words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        trace(root, *words)
    assert said in str(raised.value)


def test_a_folder_that_is_not_there_is_refused_before_anything_runs(root: Path) -> None:
    with pytest.raises(OutputError, match="there is no directory gone"):
        trace(root, "--output-file", "json=gone/x.json")


def test_documents_outside_of_a_project_are_read_and_tests_are_not_known(root: Path, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "outside", {"tasks.md": f"{DONE}  - Validation: `pytest a.py::b`\n"})
    for place, name in ((root, str(folder / "tasks.md")), (folder, "tasks.md")):
        done = trace(place, name, "--output-format", "json")
        (item,) = done.report["items"]
        assert (done.code, done.report["verdict"]) == (3, "undecided")
        assert item["source"] == {"path": "tasks.md", "line": 1}
        assert item["validation"][0]["state"] is None
        assert [(one["nodeid"], one["exists"]) for one in item["tests"]] == [("a.py::b", None)]
        assert done.report["tests"]["reason"] == "the tests were not run"


def test_documents_of_several_folders_are_read_from_the_one_above(root: Path, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "outside", {"a/one.md": "- [ ] AB-1: one\n", "b/two.md": "- [ ] AB-2: two\n"})
    found = trace(root, str(folder / "a/one.md"), str(folder / "b/two.md"), "--output-format", "json").report
    assert [one["source"]["path"] for one in found["items"]] == ["a/one.md", "b/two.md"]


def test_where_the_suite_cannot_tell_the_documents_are_shown_all_the_same(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {"conftest.py": "raise RuntimeError('planted')\n"})
    done = trace(root, "--output-format", "json")
    assert (done.code, done.report["verdict"]) == (3, "undecided")
    assert done.report["reason"]["message"].startswith("it reads the evidence of tests")
    assert [one["standing"] for one in done.report["items"]] == ["unknown", "unknown", "unknown"]
    assert done.report["tests"]["reason"] == done.report["reason"]["message"]


def test_a_document_keeps_its_level_when_it_is_named(tmp_path: Path) -> None:
    table = '[tool.gates.trace]\ndocuments = ["docs/*.md"]\n'
    levels = (
        '[[tool.gates.trace.levels]]\nname = "spec"\ndocuments = ["spec.md"]\nneeds = ["code", "task"]\n'
        '[[tool.gates.trace.levels]]\nname = "task"\ndocuments = ["other.md"]\n'
    )
    pyproject = f'[project]\nname = "words"\nversion = "1"\n{table}{levels}'
    files = {"pyproject.toml": pyproject, "spec.md": "- [ ] WD-1: the longest\n", "other.md": "- [ ] WD-9: x\n"}
    root = project(tmp_path / "project", files)
    found = trace(root, "spec.md", "--output-format", "json").report
    assert [(one["id"], one["level"]) for one in found["items"]] == [("WD-1", "spec")]
    assert found["findings"] == []


def test_one_item_is_shown_with_everything(root: Path) -> None:
    done = trace(root, "show", "wd-1", "--output-format", "json")
    (item,) = done.report["items"]
    assert (done.code, done.report["verdict"], item["id"], item["findings"]) == (0, "passed", "WD-1", [])
    text = trace(root, "show", "WD-2").out
    assert "MISSING: pytest tests/test_words.py::test_ties" in text
    assert "nearest is tests/test_words.py::test_tie" in text


def test_what_is_open_comes_by_severity(root: Path) -> None:
    done = trace(root, "todo", "--output-format", "json")
    assert [one["id"] for one in done.report["items"]] == ["WD-2", "WD-10"]
    assert done.code == 0
    assert trace(root, "todo").out.splitlines()[0] == "2 items open"


@pytest.mark.requirement("TRA-12")
@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({"docs/tasks.md": ("several files", "several folders")}, {"WD-10": ["document"]}),
        ({"words.py": ("max(", "sorted(")}, {"WD-1": ["code"], "WD-10": ["file"]}),
        ({"tests/test_words.py": ("a fox", "a dog")}, {"WD-1": ["test"], "WD-2": ["test"]}),
        ({"conftest.py": ("", "X = 1\n")}, {}),
    ],
)
def test_a_change_touches_the_items_that_have_to_do_with_it(
    tmp_path: Path, changes: dict[str, tuple[str, str]], touched: dict[str, list[str]]
) -> None:
    root = project(tmp_path / "project")
    base = repositories.git(root, "rev-parse", "HEAD").strip()
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=second")
    for path, (old, new) in changes.items():
        text = (root / path).read_text("utf-8")
        (root / path).write_text(text.replace(old, new) if old else new, "utf-8")
    found = trace(root, "impact", "--base", base, "--output-format", "json").report
    assert found["base"] == base
    assert {one["id"]: [row["what"] for row in one["touched"]] for one in found["items"]} == touched


def test_files_that_are_gone_or_moved_touch_items_too(tmp_path: Path) -> None:
    files = {"docs/more.md": "- [ ] WD-20: more\n  - Files: old.py\n- [ ] WD-21: most\n  - Files: gone.py\n"}
    root = project(tmp_path / "project", {**files, "old.py": "A = 1\nB = 2\n", "gone.py": "C = 3\n"})
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=second")
    (root / "old.py").rename(root / "new.py")
    (root / "docs/tasks.md").write_text("- [ ] WD-1: the longest word is found\n", "utf-8")
    repositories.git(root, "add", "--all")
    text = trace(root, "impact", "--base", "HEAD").out
    assert text.startswith("the change since ")
    assert "WD-1  open" in text


def test_without_a_base_nobody_knows_what_a_change_touches(root: Path) -> None:
    done = trace(root, "impact", "--output-format", "json")
    assert (done.code, done.report["verdict"], done.report["base"]) == (3, "undecided", None)
    assert done.report["reason"]["code"] == "no_base"


def test_the_help_names_the_commands_and_the_documents() -> None:
    from gates.cli.trace import command

    with click.Context(command, info_name="gates trace") as context:
        text = command.get_help(context)
    assert "gates trace [OPTIONS] [DOCUMENT]... | COMMAND [ARGS]..." in text
    assert [name for name in ("matrix", "show", "impact", "todo") if f"\n  {name} " in text] == [
        "matrix",
        "show",
        "impact",
        "todo",
    ]


def test_a_group_without_a_default_refuses_a_word_that_is_no_command() -> None:
    group = groups.Group(name="group", modules={"todo": "gates.cli.trace_todo"})
    with pytest.raises(click.UsageError, match="No such command 'tod'"):
        group(["tod"], standalone_mode=False)
    assert group.list_commands(click.Context(group)) == ["todo"]
    assert group.get_command(click.Context(group), "tod") is None
