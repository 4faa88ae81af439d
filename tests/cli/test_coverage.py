"""`gates coverage`: tables for people and for programs, and the code of the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import repositories
from support.commands import gates

CODE = "def used():\n    return 1\n\n\ndef unused(value):\n    if value:\n        return 2\n    return 3\n"
FILES = {
    "pytest.ini": "[pytest]\npythonpath = src\ntestpaths = tests\n",
    ".coveragerc": "[run]\nsource_pkgs = shop\nbranch = true\n",
    "gates.toml": "[coverage]\ntotal = 50\n",
    "src/shop/__init__.py": "",
    "src/shop/io.py": CODE,
    "src/shop/deep/__init__.py": "ALL = 1\n",
    "tests/test_io.py": (
        "import shop.deep\nfrom shop.io import used\n\n\ndef test_used():\n    assert used() == shop.deep.ALL\n"
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = repositories.make_repository(tmp_path_factory.mktemp("coverage") / "shop", FILES, commits=2)
    (root / "src/shop/new.py").write_text("VALUE = 2\n")
    return root


def test_tables_are_worst_first(shop: Path) -> None:
    done = gates("coverage", cwd=shop)
    assert done.code == 1, done.err
    lines = done.out.splitlines()
    base = lines.index(next(line for line in lines if line.startswith("changed since ")))
    assert lines[:base] == [
        "folder       lines    missed  branches    missed       ran",
        "src/shop         7         4         2         2   33.33 %",
        "and 1 of which everything ran (--all shows them)",
        "",
        "file                lines    missed  branches    missed       ran",
        "src/shop/new.py         1         1         0         0       0 %   1",
        "src/shop/io.py          6         3         2         2    37.5 %   6-8",
        "and 2 of which everything ran (--all shows them)",
        "",
    ]
    assert lines[base + 1 :] == [
        "  src/shop/new.py: module level: 1 line, never ran: 1",
        "",
        "total: 40 % ran; 4 of 8 lines and 2 of 2 branches did not (tests)",
        "failed: 2 findings (gates check coverage)",
    ]


def test_only_the_change(shop: Path) -> None:
    done = gates("coverage", "--change", cwd=shop)
    assert "folder" not in done.out
    assert "src/shop/new.py: module level: 1 line, never ran: 1" in done.out


def test_all_rows(shop: Path) -> None:
    assert "src/shop/deep/__init__.py" in gates("coverage", "--all", cwd=shop).out
    assert "and 1 more and 2 of which everything ran" in gates("coverage", "--most", "1", cwd=shop).out


def test_for_programs(shop: Path) -> None:
    done = gates("coverage", "--output-format", "json", cwd=shop)
    found = json.loads(done.out)
    assert (found["schema_version"], found["verdict"], found["reason"]) == (1, "failed", None)
    assert [row["path"] for row in found["tables"]["files"]] == [
        "src/shop/new.py",
        "src/shop/io.py",
        "src/shop/__init__.py",
        "src/shop/deep/__init__.py",
    ]
    assert found["tables"]["change"]["files"][0]["function"] == "module level"


def test_what_cannot_be_judged_says_why(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text('[coverage]\ntotal = 50\ndata = ["none"]\n')
    done = gates("coverage", cwd=tmp_path)
    assert done.code == 3
    assert done.out.startswith("undecided: none cannot be judged: ")
    assert json.loads(gates("coverage", "--output-format", "json", cwd=tmp_path).out)["tables"] is None


def test_figures_may_only_get_better(tmp_path: Path) -> None:
    files = {**FILES, "gates.toml": "[coverage]\npatch = 0\n"}
    root = repositories.make_repository(tmp_path / "shop", files, commits=2)
    kept = gates("baseline", "coverage", cwd=root)
    assert kept.code == 0, kept.err + kept.out
    repositories.commit_all(root)
    assert gates("check", "coverage", cwd=root).code == 0
    (root / "tests/test_io.py").write_text("import shop.io\n\n\ndef test_nothing():\n    assert shop.io\n")
    worse = gates("check", "coverage", cwd=root)
    assert worse.code == 1, worse.out
    assert "coverage.total is " in worse.out
    assert "it may only get better" in worse.out


def test_no_baseline_excuses_a_limit_that_is_missed(tmp_path: Path) -> None:
    files = {**FILES, "gates.toml": "[coverage]\ntotal = 99\n"}
    root = repositories.make_repository(tmp_path / "shop", files, commits=2)
    assert gates("baseline", "coverage", cwd=root).code == 0
    done = gates("check", "coverage", cwd=root)
    assert done.code == 1
    assert "COV001" in done.out


def test_the_mapping_of_foreign_paths_is_printed(tmp_path: Path) -> None:
    files = {**FILES, "gates.toml": '[coverage]\ntotal = 10\npatch = 0\ndata = ["data.lcov"]\n'}
    root = repositories.make_repository(tmp_path / "shop", files)
    record = "SF:D:\\a\\shop\\src\\shop\\{}\nDA:1,1\nend_of_record\n"
    (root / "data.lcov").write_text("TN:\n" + record.format("io.py") + record.format("deep\\__init__.py"))
    done = gates("check", "coverage", cwd=root)
    assert "note: coverage: paths of the data: D:\\a\\shop -> . (2 files)" in done.out, done.out + done.err
