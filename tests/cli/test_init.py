from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gates.cli import init, workflow
from gates.errors import ConfigError, GatesError, OutputError, PluginError, UsageError
from support.projects import SAMPLE, write_project

PLUGIN = """
import json
from pathlib import Path
from typing import Annotated, Any
from msgspec import Meta
from gates.model.decision import Decision
from gates.model.evidence import Facts, refuse
from gates.model.gate import Applies, Gate, GateSettings, Inputs
from gates.model.measure import Denominator
from gates.plugins.hookspecs import hookimpl

class Settings(GateSettings, frozen=True, kw_only=True):
    largest: Annotated[int, Meta(ge=0)] | None = None
    names: tuple[str, ...] = ()

class Sizes(Facts, frozen=True, kw_only=True):
    largest: int

class Size(Gate):
    name = "size"
    title = "no file grows"
    rules = ()
    Settings = Settings
    Evidence = Sizes
    def applies(self, project, settings):
        return Applies(because="there are files")
    def inputs(self, project, settings):
        return Inputs()
    def collect(self, context):
        root = context.project.root
        script = root / "while_judging.py"
        if script.exists():
            exec(script.read_text(), {"root": root})
        if (root / "refuse").exists():
            return refuse("unreadable", "the scales are broken", "mend them")
        return Sizes(largest=max(len((root / name).read_bytes()) for name in context.project.tree.files))
    def decide(self, evidence, settings, now):
        return Decision(denominator=Denominator(count=1, unit="files"))
    def canaries(self):
        return ()
    def today(self, evidence):
        return TODAY(evidence)

def TODAY(evidence):
    return {"largest": evidence.largest, "names": ["a"]}

@hookimpl
def gates_register():
    return [Size]
"""


CHANGE = """
path = root / "pyproject.toml"
path.write_text(path.read_text() + "# theirs\\n")
"""


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str


def initialise(*arguments: str) -> Ran:
    """`gates init ARGUMENTS` in the current directory."""
    result = CliRunner().invoke(init.command, arguments, catch_exceptions=False, standalone_mode=False)
    return Ran(result.return_value, result.stdout, result.stderr)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose one gate is a quick plugin of its own."""
    name = f"size_gates_{tmp_path.name}"
    # A project's plugins are imported from its root, which is put on the path.
    monkeypatch.setattr(sys, "path", sys.path.copy())
    root = tmp_path / "project"
    write_project(
        root,
        {
            f"{name}.py": PLUGIN,
            "pyproject.toml": f'[project]\nname = "x"  # its name\n\n[tool.gates]\n# our own\nplugins = ["{name}"]\n',
        },
    )
    monkeypatch.chdir(root)
    monkeypatch.setenv("GATES_SELECT", "size")
    return root


def config(root: Path) -> str:
    return (root / "pyproject.toml").read_bytes().decode()


@pytest.mark.requirement("CFG-5")
def test_settings_are_added_and_nothing_else_is_changed(project: Path) -> None:
    before = config(project)
    largest = max(len(path.read_bytes()) for path in project.iterdir())
    ran = initialise()
    after = config(project)
    assert ran.code == 0
    lines = after.splitlines()
    assert [line for line in lines if line in before.splitlines() and line] == [
        line for line in before.splitlines() if line
    ]
    table = tomllib.loads(after)["tool"]["gates"]
    assert table.pop("plugins") == tomllib.loads(before)["tool"]["gates"]["plugins"]
    assert table == {"schema-version": 1, "select": ["size"], "size": {"largest": largest, "names": ["a"]}}
    assert (project / ".gitignore").read_text() == ".gates/\n"
    assert '+select = ["size"]\n' in ran.stdout
    assert "size passed today" in ran.stderr
    assert (
        "wrote pyproject.toml, .gitignore. To undo: take the lines marked + out of pyproject.toml; rm .gitignore"
        in (ran.stderr)
    )


def test_the_root_of_a_workspace_says_that_members_have_a_table_of_their_own(project: Path) -> None:
    path = project / "pyproject.toml"
    write_project(project, {"parts/one/pyproject.toml": '[project]\nname = "one"\nversion = "1"\n'})
    path.write_text(path.read_text("utf-8") + '\n[tool.uv.workspace]\nmembers = ["parts/*"]\n', "utf-8")
    done = initialise("--dry-run")
    assert done.code == 0, done.stderr
    assert "this is for the root alone; for a member: gates init --project parts/one" in done.stderr


def test_the_second_time_nothing_is_done_and_no_gate_runs(project: Path) -> None:
    initialise()
    before = {path: path.read_bytes() for path in project.iterdir() if path.is_file()}
    write_project(project, {"while_judging.py": "(root / 'ran').touch()"})
    ran = initialise()
    assert (ran.code, ran.stdout) == (0, "")
    assert ran.stderr == "gates: nothing to do: the gates of this project are selected in pyproject.toml:7\n"
    assert not (project / "ran").exists()
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.requirement("CFG-5")
def test_a_dry_run_writes_nothing_and_prints_what_would_be(project: Path) -> None:
    before = config(project)
    dry = initialise("--dry-run")
    assert dry.code == 0
    assert config(project) == before
    assert not (project / ".gitignore").exists()
    assert "nothing was written" in dry.stderr
    assert initialise().stdout == dry.stdout


@pytest.mark.requirement("CFG-5")
def test_the_diff_is_a_patch_that_git_applies(project: Path) -> None:
    patch = initialise("--dry-run", "--ci", "github").stdout
    subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True, cwd=project)
    by_patch = {name: (project / name).read_bytes() for name in ("pyproject.toml", ".gitignore", workflow.PATH)}
    for name in (".gitignore", workflow.PATH):
        (project / name).unlink()
    subprocess.run(
        ["git", "apply", "-R", "--include=pyproject.toml", "-"], input=patch, text=True, check=True, cwd=project
    )
    initialise("--ci", "github")
    assert {name: (project / name).read_bytes() for name in by_patch} == by_patch


def test_line_ends_byte_order_mark_and_missing_final_newline_stay(project: Path) -> None:
    (project / "pyproject.toml").rename(project / "gates.toml")
    plugins = tomllib.loads((project / "gates.toml").read_text())["tool"]["gates"]["plugins"]
    before = f'\ufeff# head\r\n\r\nplugins = ["{plugins[0]}"] # ours\r\n[size]\r\ntimeout = 9'
    (project / "gates.toml").write_bytes(before.encode())
    initialise()
    after = (project / "gates.toml").read_bytes().decode()
    assert after.startswith("\ufeff# head\r\n\r\n# Written by")
    assert after.count("\n") == after.count("\r\n")
    assert re.search(r'# ours\r\n\[size\]\r\nlargest = \d+\r\nnames = \["a"\]\r\ntimeout = 9\Z', after)


def test_settings_that_are_there_already_are_kept(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("schema-version = 1\n[tool.gates.size]\nlargest = 3 # for a reason\n")
    initialise()
    assert tomllib.loads(config(project))["tool"]["gates"]["size"] == {"largest": 3, "names": ["a"]}
    assert "largest = 3 # for a reason\n" in config(project)
    assert config(project).count("schema-version") == 1


def test_a_file_that_changes_meanwhile_is_not_overwritten(project: Path) -> None:
    write_project(project, {"while_judging.py": CHANGE})
    with pytest.raises(OutputError, match=r"pyproject\.toml was changed by someone else in between"):
        initialise()
    assert config(project).endswith("# theirs\n")
    assert "select" not in config(project)
    assert not (project / ".gitignore").exists(), "all files or none"


def test_nothing_is_written_where_one_file_of_several_changes_meanwhile(project: Path) -> None:
    script = f"(root / '{workflow.PATH}').parent.mkdir(parents=True); (root / '{workflow.PATH}').write_bytes(b'')"
    write_project(project, {"while_judging.py": script})
    before = config(project)
    with pytest.raises(OutputError, match=r"gates\.yml was changed by someone else"):
        initialise("--ci", "github")
    assert config(project) == before


def test_an_undecided_gate_is_selected_and_its_figures_are_not_invented(project: Path) -> None:
    write_project(project, {"refuse": ""})
    ran = initialise()
    assert ran.code == 0
    assert tomllib.loads(config(project))["tool"]["gates"]["select"] == ["size"]
    assert "size" not in tomllib.loads(config(project))["tool"]["gates"]
    assert (
        "size is undecided today: the scales are broken; no figure of it was taken. Mend it (mend them)" in ran.stderr
    )


@pytest.mark.parametrize("today", ["{'larges': 1}", "{'largest': -1}"])
def test_figures_that_do_not_fit_their_settings_are_not_written(project: Path, today: str) -> None:
    module = next(project.glob("size_gates_*.py"))
    module.write_text(module.read_text() + f"\ndef TODAY(evidence):\n    return {today}\n")
    before = config(project)
    with pytest.raises(PluginError, match="a gate's figures of today do not fit its settings: "):
        initialise()
    assert config(project) == before


def test_an_inline_table_is_refused_with_its_line(project: Path) -> None:
    plugins = tomllib.loads(config(project))["tool"]["gates"]["plugins"]
    (project / "pyproject.toml").write_text(f'[tool]\ngates = {{plugins = ["{plugins[0]}"]}}\n')
    with pytest.raises(ConfigError) as error:
        initialise()
    assert str(error.value).startswith("pyproject.toml:2: [tool.gates] is written in a way that cannot be added to")


def test_an_error_in_the_configuration_is_told_before_anything_runs(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("selct = []\n")
    with pytest.raises(ConfigError, match="unknown key 'selct'"):
        initialise()


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.invalid")
    return subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def test_a_committed_file_is_undone_by_git(project: Path) -> None:
    git(project, "init", "-q")
    write_project(project, {".gitignore": "*.pyc\r\nbuild"})
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    ran = initialise()
    assert (project / ".gitignore").read_bytes() == b"*.pyc\r\nbuild\r\n.gates/\r\n"
    assert "To undo: git checkout -- pyproject.toml; git checkout -- .gitignore." in ran.stderr
    git(project, "checkout", "--", "pyproject.toml", ".gitignore")
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("line", [".gates/", ".gates", "/.gates/", "**/.gates"])
def test_state_that_is_ignored_already_is_not_ignored_twice(project: Path, line: str) -> None:
    write_project(project, {".gitignore": f"x\n{line}\n"})
    initialise()
    assert (project / ".gitignore").read_text() == f"x\n{line}\n"


def test_a_member_uses_the_files_of_its_repository(project: Path) -> None:
    git(project.parent, "init", "-q", "-b", "trunk")
    write_project(project.parent, {".gitignore": "*.pyc\n"})
    ran = initialise("--ci", "github")
    assert (project.parent / ".gitignore").read_text() == "*.pyc\n.gates/\n"
    assert not (project / ".gitignore").exists()
    written = yaml.safe_load((project.parent / workflow.PATH).read_text())
    assert written["jobs"]["gates"]["defaults"] == {"run": {"working-directory": "project"}}
    assert written[True]["push"] == {"branches": ["trunk"]}
    assert "+++ b/project/pyproject.toml" in ran.stdout


def test_the_workflow(project: Path) -> None:
    (project / "requirements-dev.txt").write_text("")
    with (project / "pyproject.toml").open("a") as file:
        file.write("[project.optional-dependencies]\ntest = []\nextra = []\n[dependency-groups]\ndev = []\n")
    initialise("--ci", "github")
    text = (project / workflow.PATH).read_text()
    written = yaml.safe_load(text)
    job = written["jobs"]["gates"]
    assert written["permissions"] == {}
    assert job["permissions"] == {"contents": "read"}
    checkout, python, install, check = job["steps"]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    for step in (checkout, python):
        name, _, commit = step["uses"].partition("@")
        assert name.startswith("actions/")
        assert len(commit) == 40
        assert int(commit, 16)
    assert install["run"].splitlines()[1] == (
        'python -m pip install "pytest-vltair[lint,types]" -e ".[test]" --group dev -r requirements-dev.txt'
    )
    assert check["run"] == 'gates check --output-format github --output-file "markdown=$GITHUB_STEP_SUMMARY"'
    assert "${{" not in text, "nothing that a pull request can write is put into a command"
    ran = initialise("--ci", "github")
    assert (ran.code, ran.stdout) == (0, ""), "the second time nothing is done"


def test_a_workflow_of_someone_else_is_not_touched(project: Path) -> None:
    write_project(project, {workflow.PATH: "name: theirs\n"})
    before = config(project)
    with pytest.raises(UsageError, match=r"gates\.yml is there and not from `gates init`"):
        initialise("--ci", "github")
    assert (project / workflow.PATH).read_text() == "name: theirs\n"
    assert config(project) == before


def test_a_workflow_can_be_added_later(project: Path) -> None:
    initialise()
    ran = initialise("--ci", "github")
    assert "wrote .github/workflows/gates.yml. To undo: rm .github/workflows/gates.yml" in ran.stderr


def test_a_project_without_pyproject_gets_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path, {"ruff.toml": "", "a.py": "x = 1\n"})
    monkeypatch.chdir(tmp_path)
    ran = initialise()
    assert ran.code == 0
    assert (tmp_path / "gates.toml").read_text() == (
        "# Written by `gates init`: the figures are today's, and may only get better.\n"
        'schema-version = 1\nselect = ["lint"]\n'
    )
    assert "rm gates.toml" in ran.stderr


def test_a_project_where_nothing_applies_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path, {"a.txt": ""})
    monkeypatch.chdir(tmp_path)
    ran = initialise()
    assert (ran.code, ran.stdout) == (5, "")
    assert "no gate applies to this project" in ran.stderr
    assert not (tmp_path / "gates.toml").exists()


def test_limits_of_the_tools_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest_table = '\n[tool.pytest.ini_options]\npythonpath = ["src"]\n'
    noisy = SAMPLE["tests/test_sample.py"]
    assert isinstance(noisy, str)
    warn = noisy.replace(
        "            assert", '            __import__("warnings").warn("x", stacklevel=1)\n            assert'
    )
    files = {**SAMPLE, "tests/test_sample.py": warn}
    monkeypatch.setenv("GATES_SELECT", "tests")
    for folder, more, expected in (("a", "", {"max-warnings": 1}), ("b", 'filterwarnings = ["error"]\n', None)):
        write_project(tmp_path / folder, files)
        with (tmp_path / folder / "pyproject.toml").open("a") as file:
            file.write(pytest_table + more)
        monkeypatch.chdir(tmp_path / folder)
        ran = initialise()
        assert tomllib.loads(config(tmp_path / folder))["tool"]["gates"].get("tests") == expected
        assert ("pytest's filterwarnings = error (pyproject.toml:" in ran.stderr) is bool(more)


def test_only_errors_of_gates_come_out(project: Path) -> None:
    with pytest.raises(GatesError, match="there is no directory 'nowhere'"):
        initialise("--project", "nowhere")
