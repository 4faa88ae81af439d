"""Workspace: each project by itself, one report, one exit code; who would not be judged is not passed over."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from gates.cli import options, workspace
from gates.config import report_schema
from gates.errors import ConfigError, GatesError, UsageError
from support.commands import Result, check, gates
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

LINT = '[project]\nname = "{}"\nversion = "1.0"\n\n[tool.gates]\nselect = ["lint"]\n'
FILES = {
    ".gitignore": ".gates/\n",
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/alpha/pyproject.toml": LINT.format("alpha"),
    "packages/alpha/alpha.py": "import os\n\nprint(os.name)\n",
    "packages/beta/pyproject.toml": LINT.format("beta"),
    "packages/beta/beta.py": "import os\n",
}
WAIVER = """
[[tool.gates.waiver]]
rule = "LNT001"
subject = "beta.py"
reason = "soon"
owner = "beta"
expires = 2999-12-31
"""
PLUGIN = """\
    from gates.plugins.hookspecs import hookimpl
    from gates.model.rule import Rule
    from gates.builtin.lint.gate import LintGate


    class Odd(LintGate):
        name = "odd"
        rules = (
            Rule(code="ODD001", name="odd-thing", summary="Odd.", explanation="It is odd.", fix="make it even"),
        )


    @hookimpl
    def gates_register():
        return [Odd]
    """


def made(root: Path, changed: Mapping[str, str | None] | None = None) -> Path:
    files = {**FILES, **(changed or {})}
    return write_project(root, {path: text for path, text in files.items() if text is not None})


def read(root: Path, *packages: str) -> workspace.Workspace | None:
    return workspace.of(options.prepare(str(root), {}), packages)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in a folder of its repository; of its two members one is red."""
    top = make_repository(tmp_path_factory.mktemp("workspace"), {"README.md": ""})
    made(top / "code")
    commit_all(top)
    return top / "code"


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """One run, with a file of each format."""
    folder = tmp_path_factory.mktemp("reports")
    names = ("json", "sarif", "junit", "github", "markdown", "concise")
    files = [f"--output-file={name}={folder / name}" for name in names]
    return gates("check", *files, cwd=root), folder


def test_one_report_one_exit_code(written: tuple[Result, Path]) -> None:
    result, folder = written
    assert result.code == 1, result.out + result.err
    report = json.loads((folder / "json").read_text("utf-8"))
    jsonschema.validate(report, report_schema.report())
    assert report["verdict"] == "failed"
    assert report["project"]["scope"] == "full"
    assert [(one["project"], one["name"], one["verdict"]) for one in report["gates"]] == [
        (".", "policy", "passed"),
        ("packages/alpha", "lint", "passed"),
        ("packages/alpha", "policy", "passed"),
        ("packages/beta", "lint", "failed"),
        ("packages/beta", "policy", "passed"),
    ]
    assert [(one["project"], one["name"], one["exit_code"]) for one in report["projects"]] == [
        ("packages/alpha", "alpha", 0),
        ("packages/beta", "beta", 1),
    ]
    assert set(report["run"]["interpreters"]) == {"packages/alpha", "packages/beta"}
    assert {"policy", "packages/alpha:lint"} <= set(report["run"]["durations_s"])


def test_a_terminal_shows_it_by_project(written: tuple[Result, Path]) -> None:
    lines = written[0].out.splitlines()
    heads = [line for line in lines if line.startswith("packages/")]
    assert [line.split()[:2] for line in heads] == [["packages/alpha", "(alpha)"], ["packages/beta", "(beta)"]]
    rows = lines[lines.index(heads[1]) + 1 :]
    assert rows[0].startswith("  lint    FAILED   1 file ")
    assert rows[1].startswith("    packages/beta/beta.py:1  LNT001 ruff:F401: ")
    assert "failed: lint [packages/beta] (1 finding). Next: gates explain ruff:F401" in lines


def test_every_format_names_the_place_in_the_repository(written: tuple[Result, Path]) -> None:
    folder = written[1]
    sarif = json.loads((folder / "sarif").read_text("utf-8"))
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "code/packages/beta/beta.py"
    assert result["properties"]["project"] == "packages/beta"
    assert result["partialFingerprints"]["primaryLocationLineHash"].startswith("packages/beta:")
    assert "::error file=code/packages/beta/beta.py,line=1," in (folder / "github").read_text("utf-8")
    suites = {one.get("name"): one for one in ET.parse(folder / "junit").getroot()}
    assert suites["lint [packages/beta]"].find("testcase/failure") is not None
    assert suites["lint [packages/beta]"].find("testcase").get("file") == "packages/beta/beta.py"  # type: ignore[union-attr]
    assert "### lint \\[packages/beta\\]: failed" in (folder / "markdown").read_text("utf-8")
    assert (folder / "concise").read_text("utf-8").startswith("packages/beta/beta.py:1:8: LNT001 ruff:F401 ")


def test_each_project_keeps_its_own_evidence(root: Path, written: tuple[Result, Path]) -> None:
    del written
    assert all((root / one / ".gates/.gitignore").is_file() for one in (".", "packages/alpha", "packages/beta"))
    again = check(root)
    assert "packages/alpha:lint" in again.report["run"]["cached"]


@pytest.mark.parametrize(("wanted", "judged"), [("alpha", "packages/alpha"), ("./packages/alpha/", "packages/alpha")])
def test_one_of_its_projects(root: Path, wanted: str, judged: str) -> None:
    result = check(root, "--package", wanted)
    assert result.code == 0, result.err
    assert {one["project"] for one in result.report["gates"]} == {judged}
    assert result.report["project"]["scope"] == {"packages": judged}
    jsonschema.validate(result.report, report_schema.report())


def test_the_root_alone(root: Path) -> None:
    result = gates("check", "-p", ".", cwd=root)
    assert result.code == 5
    assert "nothing was judged\n" in result.out


def test_a_member_by_itself_is_as_it_always_was(root: Path) -> None:
    result = check(root, "--project", "packages/alpha")
    assert result.code == 0
    assert not {"projects", "interpreters"} & {*result.report, *result.report["run"]}
    assert {one["project"] for one in result.report["gates"]} == {"."}


def test_a_named_gate_is_judged_in_each_project(root: Path) -> None:
    result = check(root, "--select", "policy", "-p", "alpha", "-p", "beta")
    assert [(one["project"], one["name"]) for one in result.report["gates"]] == [
        ("packages/alpha", "policy"),
        ("packages/beta", "policy"),
    ]
    assert result.code == 0
    for asked in (("lnt",), ("--select", "lnt")):
        result = gates("check", *asked, cwd=root)
        assert (result.code, "there is no gate 'lnt', did you mean 'lint'?" in result.out) == (2, True), result.out


def test_what_does_not_apply_to_a_root_without_code_is_not_asked_of_it(root: Path) -> None:
    result = check(root, "tests")
    assert {one["project"]: one["verdict"] for one in result.report["gates"] if one["name"] == "tests"} == {
        "packages/alpha": "undecided",
        "packages/beta": "undecided",
    }
    assert [one["reason"]["code"] for one in result.report["not_judged"] if one["name"] == "tests"] == [
        "does_not_apply"
    ]


def test_plan_and_list_show_each_project(root: Path) -> None:
    shown = gates("check", "--plan", "--output-format", "json", cwd=root)
    rows = json.loads(shown.out)["planned"]
    assert [(one["project"], one["name"]) for one in rows if one["name"] == "lint"] == [
        ("packages/alpha", "lint"),
        ("packages/beta", "lint"),
    ]
    assert shown.code == 0
    listed = gates("list", cwd=root).out.splitlines()
    assert [line for line in listed if not line.startswith(" ") and "(" in line and line.endswith(")")] == [
        ". (code)",
        "packages/alpha (alpha)",
        "packages/beta (beta)",
    ]


@pytest.mark.parametrize("command", [("collect", "--output", "../parts"), ("merge", "."), ("prove",)])
def test_what_is_of_one_project_refuses_the_root(root: Path, command: tuple[str, ...]) -> None:
    result = gates(*command, cwd=root)
    assert result.code == 2
    said = "is for one project, and this is the root of a workspace with packages/alpha, packages/beta; name one with"
    assert f"gates {command[0]} {said} --project packages/alpha" in result.out + result.err


def test_the_root_alone_is_proved_and_its_members_are_not_judged_with_it(tmp_path: Path) -> None:
    tables = (
        FILES["pyproject.toml"]
        + '[tool.gates]\nselect = ["lint"]\nignore = ["policy"]\n[tool.ruff]\nexclude = ["packages"]\n'
    )
    root = make_repository(tmp_path, {**FILES, "pyproject.toml": tables, "own.py": "VALUE = 1\n"})
    result = gates("prove", "--package", ".", "--rule", "LNT001", "--output-format", "json", cwd=root)
    # The member that is red would make the clean copy red.
    assert result.code == 0, result.out + result.err
    assert [one["name"] for one in result.report["gates"]] == ["lint"]


def test_a_member_in_which_nothing_is_judged_is_red(tmp_path: Path) -> None:
    changed = {
        "packages/beta/beta.py": "",
        "packages/gamma/pyproject.toml": '[project]\nname = "gamma"\n',
        "packages/gamma/gamma.py": "",
    }
    root = made(tmp_path, changed)
    result = gates("check", cwd=root)
    assert result.code == 5
    lines = result.out.splitlines()
    (at,) = [at for at, line in enumerate(lines) if line.startswith("packages/gamma (gamma)  ")]
    assert lines[at + 1] == "  nothing was judged"
    assert "\nnothing was judged in packages/gamma\n" in result.out
    assert check(root).report["verdict"] == "undecided"
    jsonschema.validate(check(root).report, report_schema.report())
    shown = gates("check", "--plan", cwd=root)
    assert (shown.code, "nothing would be judged here, though there is code" in shown.out) == (5, True)
    write_project(root, {"packages/beta/beta.py": "import os\n"})
    result = gates("check", cwd=root)
    assert result.code == 1
    assert "failed: lint [packages/beta] (1 finding); nothing was judged in packages/gamma. Next: " in result.out


def test_settings_waivers_and_environments_are_each_projects_own(tmp_path: Path) -> None:
    root = made(tmp_path, {"packages/beta/pyproject.toml": LINT.format("beta") + WAIVER})
    for name in ("alpha", "active"):
        environ = root / "packages/alpha/.venv" if name == "alpha" else tmp_path / "active"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environ)], check=True)
    result = check(root, env={"VIRTUAL_ENV": str(tmp_path / "active")})
    assert result.code == 0, result.out + result.err
    used = result.report["run"]["interpreters"]
    assert used["packages/alpha"]["interpreter_from"] == ".venv"
    assert used["packages/alpha"]["interpreter"].startswith("packages/alpha/.venv/")
    assert used["packages/beta"]["interpreter_from"] == "VIRTUAL_ENV"
    (waiver,) = result.report["waivers"]
    assert (waiver["path"], waiver["line"], waiver["uses"]) == ("packages/beta/pyproject.toml", 8, 1)


def test_a_plugin_of_one_member_is_a_gate_there_alone(tmp_path: Path) -> None:
    table = LINT.format("alpha") + 'plugins = ["alpha_gates"]\n'
    changed = {"packages/alpha/pyproject.toml": table, "packages/alpha/alpha_gates.py": textwrap.dedent(PLUGIN)}
    root = made(tmp_path, changed)
    plan = check(root, "odd", "--plan").report
    assert [(one["project"], one["name"]) for one in plan["planned"] if one["name"] != "policy"] == [
        ("packages/alpha", "odd")
    ]
    left = {one["project"]: one["reason"] for one in plan["not_judged"] if one["name"] == "odd"}
    assert {where: one["message"] for where, one in left.items()} == {
        ".": "the project has no gate of that name",
        "packages/beta": "the project has no gate of that name",
    }
    assert "ODD001 odd-thing" in gates("explain", "ODD001", cwd=root).out
    # A module that the plugin of one imports has the name of one of the other's.
    mine = textwrap.dedent(PLUGIN).replace("odd", "own").replace("ODD", "OWN")
    write_project(
        root,
        {
            "packages/alpha/alpha_gates.py": "import helper\n" + textwrap.dedent(PLUGIN),
            "packages/alpha/helper.py": "",
            "packages/beta/beta_gates.py": "import helper\n" + mine,
            "packages/beta/helper.py": "",
            "packages/beta/pyproject.toml": LINT.format("beta") + 'plugins = ["beta_gates"]\n',
        },
    )
    result = check(root)
    assert (result.code, "the module 'helper' that would be loaded" in result.report["error"]["message"]) == (2, True)
    (root / "packages/beta/helper.py").unlink()
    write_project(root, {"packages/beta/beta_gates.py": mine})
    assert check(root, "own", "--plan").code == 0
    # Two modules of one name: the second would be judged by the first.
    shutil.copy(root / "packages/alpha/alpha_gates.py", root / "packages/beta/alpha_gates.py")
    write_project(root, {"packages/beta/pyproject.toml": LINT.format("beta") + 'plugins = ["alpha_gates"]\n'})
    result = check(root)
    assert result.code == 2
    assert result.report["error"]["path"] == "packages/beta/pyproject.toml"
    assert result.report["error"]["line"] == 7
    assert (
        "the module 'alpha_gates' that would be loaded is that of packages/alpha" in result.report["error"]["message"]
    )


@pytest.mark.parametrize(
    ("changed", "place", "message"),
    [
        ({"packages/beta/pyproject.toml": "[project\n"}, "packages/beta/pyproject.toml:1", "not valid TOML"),
        (
            {"packages/beta/pyproject.toml": LINT.format("beta") + "jbs = 2\n"},
            "packages/beta/pyproject.toml:7",
            "did you mean",
        ),
        (
            {"packages/beta/pyproject.toml": LINT.format("Alpha")},
            "packages/beta/pyproject.toml:2",
            "packages/alpha and packages/beta are both named 'alpha'; rename one",
        ),
        (
            {"packages/beta/pyproject.toml": LINT.format("beta") + 'members = ["x"]\n', "packages/beta/x/setup.py": ""},
            "packages/beta/pyproject.toml:7",
            "a member of a workspace cannot have members of its own",
        ),
        (
            {"packages/beta/pyproject.toml": None},
            "pyproject.toml:2",
            "packages/beta is a member by 'packages/*' and has no pyproject.toml",
        ),
        (
            {"pyproject.toml": '[tool.gates]\nmembers = [\n  "packages/*",\n  "apps/*",\n]\n'},
            "pyproject.toml:4",
            "members: 'apps/*' matches no folder",
        ),
    ],
    ids=["broken", "unknown", "twins", "nested", "lost", "nothing"],
)
def test_a_workspace_that_cannot_be_read_is_refused_with_file_and_line(
    tmp_path: Path, changed: dict[str, str | None], place: str, message: str
) -> None:
    with pytest.raises(GatesError) as raised:
        read(made(tmp_path, changed))
    error = raised.value
    assert isinstance(error, ConfigError)
    assert f"{error.path}:{error.line}" == place
    assert message in error.message


def test_a_submodule_that_is_not_checked_out_ends_the_run(tmp_path: Path) -> None:
    root = made(tmp_path, {".gitmodules": '[submodule "gamma"]\n\tpath = packages/gamma\n'})
    (root / "packages/gamma").mkdir()
    result = check(root)
    error = result.report["error"]
    assert (result.code, error["path"], error["line"]) == (2, "pyproject.toml", 2)
    assert "packages/gamma, which 'packages/*' matches, is a submodule" in error["message"]


def test_an_error_of_a_member_is_in_the_report(tmp_path: Path) -> None:
    result = check(made(tmp_path, {"packages/beta/pyproject.toml": "[project\n"}))
    assert (result.code, result.report["gates"]) == (2, [])
    assert (result.report["error"]["path"], result.report["error"]["line"]) == ("packages/beta/pyproject.toml", 1)


def test_a_package_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--package alpa: the workspace has no such project; did you mean 'alpha'\?"):
        read(made(tmp_path), "alpa")
    alone = write_project(tmp_path / "alone", {"pyproject.toml": ""})
    with pytest.raises(UsageError, match="--package x: this project has no members"):
        read(alone, "x")
    assert read(alone, ".") is None
    assert read(alone) is None


def test_a_root_with_code_of_its_own_is_owed_a_verdict(tmp_path: Path) -> None:
    whole = read(made(tmp_path))
    assert whole is not None
    assert [(one.path, one.owed) for one in whole.judged] == [
        (".", False),
        ("packages/alpha", True),
        ("packages/beta", True),
    ]
    whole = read(made(tmp_path, {"src/own/__init__.py": ""}), "beta", ".")
    assert whole is not None
    assert [(one.path, one.owed) for one in whole.judged] == [(".", True), ("packages/beta", True)]


def test_a_member_that_a_change_takes_away_is_told_and_may_be_approved(tmp_path: Path) -> None:
    root = make_repository(tmp_path, FILES)
    git(root, "rm", "-rq", "packages/beta")
    commit_all(root, "without beta")
    result = check(root)
    assert result.code == 1, result.out + result.err
    (found,) = [one for gate in result.report["gates"] for one in gate["findings"]]
    assert (found["rule"], found["path"]) == ("POL002", "pyproject.toml")
    assert "`packages/beta` is gone" in found["message"]
    assert check(root, "--approve", f"POL002:{found['subject']}").code == 0
