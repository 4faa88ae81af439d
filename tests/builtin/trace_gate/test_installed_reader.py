"""A reader of a third party, installed as a package into an environment of its own, in a process of its own."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from support.commands import Result, environment
from support.projects import write_project

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "how-to" / "trace.md").read_text("utf-8")
NAME = "needs_reader-1.0"
NEEDS = {
    "current_version": "2.0",
    "project": "words",
    "versions": {
        "1.0": {"needs": {"REQ_9": {"id": "REQ_9", "title": "given up", "status": "open"}}},
        "2.0": {
            "needs": {
                "REQ_1": {"id": "REQ_1", "title": "the longest word", "status": "done", "links": []},
                "REQ_2": {"id": "REQ_2", "title": "ties", "status": "open", "links": ["REQ_1"]},
            }
        },
    },
}
FILES = {
    "pyproject.toml": '[project]\nname = "words"\nversion = "1"\n[tool.gates.trace]\ndocuments = ["needs.json"]\n',
    "needs.json": json.dumps(NEEDS, indent=1),
    "test_words.py": (
        'import pytest\n\n\n@pytest.mark.requirement("REQ_1")\ndef test_longest():\n'
        '    assert max("a fox".split(), key=len) == "fox"\n'
    ),
}


def run(*argv: str, cwd: Path) -> Result:
    done = subprocess.run(argv, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


def wheel(folder: Path) -> Path:
    """A wheel with the reader of the page and an entry point for it."""
    code = re.search(r"(?s)<!-- file: sphinx_needs.py -->\n```python\n(.*?)```", PAGE)
    assert code is not None
    files = {
        "sphinx_needs_reader.py": code[1],
        f"{NAME}.dist-info/METADATA": "Metadata-Version: 2.1\nName: needs-reader\nVersion: 1.0\n",
        f"{NAME}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{NAME}.dist-info/entry_points.txt": "[gates]\nneeds = sphinx_needs_reader\n",
    }
    made = folder / f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{NAME}.dist-info/RECORD", "".join(f"{name},,\n" for name in files))
    return made


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with gates and the reader; what gates needs is borrowed from here."""
    folder = tmp_path_factory.mktemp("installed")
    environ = folder / "environ"
    done = run(sys.executable, "-m", "venv", "--without-pip", str(environ), cwd=folder)
    assert done.code == 0, done.err
    made = environ / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    tree, built = folder / "gates", folder / "built"
    shutil.copytree(REPOSITORY / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, tree / name)
    pip, options = (sys.executable, "-m", "pip"), ("--no-deps", "--no-index", "--quiet")
    done = run(*pip, "wheel", *options, "--no-build-isolation", "--wheel-dir", str(built), str(tree), cwd=folder)
    assert done.code == 0, done.out + done.err
    wheels = [*map(str, built.iterdir()), str(wheel(folder))]
    done = run(*pip, "--python", str(made), "install", *options, *wheels, cwd=folder)
    assert done.code == 0, done.out + done.err
    site = next(environ.rglob("site-packages"))
    (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    return made


def traced(python: Path, root: Path) -> Result:
    """What `gates trace` of that environment says; the tests run in this one."""
    given = ("--output-format", "json", "--python", sys.executable)
    return run(str(python), "-P", "-m", "gates", "trace", *given, cwd=root)


@pytest.mark.requirement("TRA-11")
def test_it_reads_the_document_that_it_claims_and_the_gate_judges_it(python: Path, tmp_path: Path) -> None:
    root = write_project(tmp_path / "words", FILES)
    done = traced(python, root)
    assert done.out, done.err
    found = [(one["id"], one["status"], one["reader"], one["standing"]) for one in done.report["items"]]
    assert found == [("REQ_1", "done", "sphinx-needs", "passed"), ("REQ_2", "open", "sphinx-needs", "untested")]
    assert [one["source"]["line"] for one in done.report["items"]] == [
        number for number, text in enumerate(FILES["needs.json"].splitlines(), 1) if re.match(r'\s+"REQ_[12]": ', text)
    ]
    assert (done.code, done.report["verdict"]) == (0, "passed")


def test_what_it_does_not_understand_is_no_pass(python: Path, tmp_path: Path) -> None:
    root = write_project(tmp_path / "words", {**FILES, "needs.json": FILES["needs.json"].replace("2.0", "3", 1)})
    done = traced(python, root)
    assert ([one["rule"] for one in done.report["findings"]], done.report["items"]) == (["TRC015", "TRC002"], [])
    assert done.code == 1
