"""Executed: what the tests of an item ran, out of data that coverage.py itself wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gates.builtin.trace.executed import UnreadableContextsError, of_items, read

PRODUCT = "def one(x):\n    if x:\n        return 1\n    return 2\n\n\ndef two():\n    return 3\n"
TESTS = (
    "from product import one, two\n\n\ndef test_one():\n    assert one(1) == 1\n\n\n"
    "def test_other():\n    assert one(0) == 2\n\n\ndef test_two():\n    assert two() == 3\n"
)


@pytest.fixture(scope="module", params=[False, True], ids=["lines", "branches"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data file with the contexts that pytest-cov writes, `test|run`, and those without a phase."""
    root = tmp_path_factory.mktemp("measured")
    (root / "product.py").write_text(PRODUCT, encoding="utf-8")
    (root / "test_product.py").write_text(TESTS, encoding="utf-8")
    (root / "run.py").write_text(
        "import coverage, test_product as t\n"
        f"c = coverage.Coverage(data_file='data', branch={request.param}, include=['*/product.py'])\n"
        "c.start()\n"
        "import importlib, product; importlib.reload(product)\n"
        "c.switch_context('test_product.py::test_one|run'); t.test_one()\n"
        "c.switch_context('test_product.py::test_other'); t.test_other()\n"
        "c.switch_context('test_product.py::test_two|teardown'); product.two()\n"
        "c.stop(); c.save()\n",
        encoding="utf-8",
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    subprocess.run([sys.executable, "run.py"], cwd=root, check=True, env=clean, timeout=600)
    return root / "data"


def name(path: str) -> str | None:
    return Path(path).name


def test_lines_are_those_of_the_tests_of_the_item(data: Path) -> None:
    ran = read(data, name)
    tests = {
        "CE-1": ["test_product.py::test_one"],
        "CE-2": ["test_product.py::test_other", "test_product.py::test_one"],
    }
    held = [(one.item, one.path, one.lines) for one in of_items(ran, tests)]
    assert held == [("CE-1", "product.py", 2), ("CE-2", "product.py", 3)]
    assert list(of_items(ran, {"CE-3": ["test_product.py::test_none"]})) == []


def test_files_outside_of_the_project_are_left_out(data: Path) -> None:
    assert read(data, lambda _path: None) == {}


def test_damaged_data_is_said(data: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(data.read_bytes()[:5000])
    for path in (cut, tmp_path / "none"):
        with pytest.raises(UnreadableContextsError, match="damaged"):
            read(path, name)
