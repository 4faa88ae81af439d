"""`gates baseline` and `gates init` on a project with thousands of findings, through the real ruff."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from support.commands import Result, check, gates
from support.projects import write_project
from support.repositories import commit_all, git, make_repository

MODULES, LINES = 50, 100
PYPROJECT = """
    [project]
    name = "sample"
    version = "1.0"

    [tool.ruff.lint]
    select = ["F", "E5"]
"""
REST = "".join(f"NUMBER_{at} = {at}\n" for at in range(20))
IMPORTS = "".join(f"import os.path as name_{at}\n" for at in range(LINES))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with 5,000 findings of ruff's."""
    files = {f"src/sample/m{at:02}.py": IMPORTS for at in range(MODULES)}
    return make_repository(tmp_path / "project", {"pyproject.toml": PYPROJECT, "src/sample/__init__.py": "", **files})


def small(root: Path) -> Path:
    """A repository with two findings, adopted and committed."""
    files = {
        "pyproject.toml": PYPROJECT,
        "src/sample/__init__.py": "",
        "src/sample/a.py": f"import os\nimport sys\n{REST}",
    }
    make_repository(root, files)
    assert gates("init", cwd=root).code == 0
    commit_all(root, "gates")
    return root


def blocking(done: Result) -> list[tuple[str, int]]:
    """Path and line of what makes the run red."""
    return [
        (item["path"], item["line"])
        for gate in done.report["gates"]
        for item in gate["findings"]
        if item["severity"] == "error" and not item["baselined"] and item["waived_by"] is None
    ]


@pytest.mark.requirement("EXC-3")
def test_thousands_of_findings_are_known_in_one_commit_and_one_more_is_red(project: Path) -> None:
    adopted = gates("init", cwd=project)
    assert adopted.code == 0
    assert "lint failed today: 5,000 findings, known from now on (gates-baseline/lint.jsonl)" in adopted.err
    assert adopted.out.count("\n") < 60, "the baseline is summarised"
    commit_all(project, "gates")
    done = gates("check", cwd=project)
    assert done.code == 0, done.out
    assert "5,000 baselined" in done.out
    path = project / "src/sample/m07.py"
    path.write_text("import json\n" + path.read_text("utf-8"), "utf-8")
    red = check(project)
    assert (red.code, blocking(red)) == (1, [("src/sample/m07.py", 1)])


def test_a_baseline_is_one_line_a_kind_and_sorted(project: Path) -> None:
    gates("init", cwd=project)
    header, over, *known = (project / "gates-baseline/lint.jsonl").read_text("utf-8").splitlines()
    assert (header, over) == (
        '{"schema_version":1,"gate":"lint","figures":0}',
        '{"denominator":51,"unit":"files"}',
    )
    assert (len(known), known) == (5000, sorted(known))


@pytest.mark.requirement("EXC-4")
def test_only_better_is_written_without_force(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    path, held = root / "src/sample/a.py", root / "gates-baseline/lint.jsonl"
    before = held.read_bytes()
    path.write_text("import json\nimport os\n", "utf-8")
    worse = gates("baseline", "lint", cwd=root)
    assert (worse.code, held.read_bytes()) == (1, before)
    assert "src/sample/a.py:1: ruff:F401 `json` imported but unused" in worse.err
    assert gates("baseline", "lint", "--force", "--dry-run", cwd=root).code == 0
    assert held.read_bytes() == before
    assert gates("baseline", "lint", "--force", cwd=root).code == 0
    assert check(root).code == 0
    path.write_text("import os\n", "utf-8")
    better = gates("baseline", cwd=root)
    assert better.code == 0, better.err
    assert (held.read_bytes().count(b"\n"), check(root).code) == (3, 0)
    again = gates("baseline", cwd=root)
    assert (again.code, again.out) == (0, "")
    assert "nothing to do: the baseline is up to date" in again.err


def test_prune_takes_out_what_is_gone_follows_renames_and_adds_nothing(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    git(root, "mv", "src/sample/a.py", "src/sample/b.py")
    (root / "src/sample/b.py").write_text(f"import sys\nimport json\n{REST}", "utf-8")
    commit_all(root)
    pruned = gates("baseline", "--prune", cwd=root)
    assert pruned.code == 0, pruned.err
    (known,) = (root / "gates-baseline/lint.jsonl").read_text("utf-8").splitlines()[2:]
    assert known.startswith('{"path":"src/sample/b.py","rule":"LNT001","tool_rule":"ruff:F401"')
    assert blocking(check(root)) == [("src/sample/b.py", 2)]


def test_what_was_only_taken_out_is_put_back(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    git(root, "rm", "--quiet", "--cached", "gates-baseline/lint.jsonl")
    git(root, "commit", "--quiet", "--message", "nothing to go back to")
    (root / "src/sample/a.py").write_text(REST, "utf-8")
    pruned = gates("baseline", "--prune", cwd=root)
    assert "To undo: put the lines marked - back into gates-baseline/lint.jsonl. Next:" in pruned.err


def test_files_that_were_deleted_stay_accounted_for_after_pruning(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    (root / "src/sample/a.py").unlink()
    commit_all(root)
    assert "POL004" not in check(root).rules
    assert gates("baseline", "--prune", cwd=root).code == 0
    commit_all(root, "pruned")
    assert '{"denominator":1,"unit":"files"}' in (root / "gates-baseline/lint.jsonl").read_text("utf-8")
    assert not {"POL004", "POL011"} & check(root).rules


def test_less_is_looked_at_is_worse(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    text = (root / "pyproject.toml").read_text("utf-8")
    (root / "pyproject.toml").write_text(
        text.replace("[tool.ruff.lint]", '[tool.ruff]\nexclude = ["a.py"]\n\n[tool.ruff.lint]')
    )
    worse = gates("baseline", cwd=root)
    assert worse.code == 1
    assert "lint judged 1 file; its baseline has 2 files" in worse.err
    assert gates("baseline", "--prune", cwd=root).code == 0
    assert '{"denominator":2,"unit":"files"}' in (root / "gates-baseline/lint.jsonl").read_text("utf-8")
    assert "POL004" in check(root).rules, "pruning excuses nothing"


def test_an_undecided_gate_is_never_taken_for_known(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT, "a.py": "import os\n"})
    done = gates("baseline", "types", cwd=root, env={"GATES_HIDE": "mypy"})
    assert (done.code, (root / "gates-baseline").exists()) == (3, False)
    assert "types is undecided, so its baseline was not written" in done.err


TORN = {
    "pyproject.toml": '[project]\nname = "sample"\n\n[tool.mypy]\nstrickt = true\n',
    "a.py": 'NUMBER: int = "one"\n',
}


def test_a_gate_that_is_red_and_could_not_see_all_is_not_taken_for_known_either(tmp_path: Path) -> None:
    root = write_project(tmp_path, TORN)
    (report,) = (one for one in check(root).report["gates"] if one["name"] == "types")
    assert (report["verdict"], report["reason"]["code"]) == ("failed", "tool_config_invalid")
    assert gates("init", cwd=root).code == 0
    assert gates("baseline", "types", cwd=root).code == 3
    assert not (root / "gates-baseline").exists()


def test_what_only_warns_is_not_written_and_goes_on_warning(tmp_path: Path) -> None:
    level = '\n[[tool.gates.severity]]\nrule = "ruff:F401"\nlevel = "warning"\n'
    root = write_project(tmp_path, {"pyproject.toml": dedent(PYPROJECT) + level, "a.py": "import os\n"})
    assert gates("baseline", "lint", cwd=root).code == 0
    assert len((root / "gates-baseline/lint.jsonl").read_text("utf-8").splitlines()) == 2
    assert "1 warning" in gates("check", "lint", cwd=root).out


def test_a_damaged_baseline_is_not_compared_with(tmp_path: Path) -> None:
    root = small(tmp_path / "project")
    held = root / "gates-baseline/lint.jsonl"
    held.write_bytes(held.read_bytes()[:-7])
    done = gates("baseline", "lint", cwd=root)
    assert done.code == 2
    assert "gates-baseline/lint.jsonl:4: the baseline is cut off" in done.err
    assert gates("baseline", "lint", "--force", cwd=root).code == 0
    assert check(root).code == 0


def test_a_gate_that_gets_a_baseline_is_named_in_the_configuration(tmp_path: Path) -> None:
    files = {"pyproject.toml": PYPROJECT, "src/sample/__init__.py": ""}
    root = make_repository(tmp_path / "project", files)
    assert gates("baseline", cwd=root).code == 0
    assert 'baseline = ["lint"]' in (root / "pyproject.toml").read_text("utf-8")
    (root / "gates-baseline/lint.jsonl").unlink()
    assert check(root).reasons == {"lint": "evidence_missing"}


def test_prune_and_force_contradict_each_other(tmp_path: Path) -> None:
    done = gates("baseline", "--prune", "--force", cwd=write_project(tmp_path))
    assert (done.code, done.out) == (2, "")
