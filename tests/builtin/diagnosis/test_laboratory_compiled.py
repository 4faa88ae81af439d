"""What one run has compiled the others load, and are not to be told by it."""

from __future__ import annotations

import marshal
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.laboratory import bytecode
from gates.builtin.diagnosis.trial import Place, trial

HELPER = """
    def where():
        return where.__code__.co_filename

    def broken():
        raise ValueError("broken")
"""
TESTS = """
    import importlib, sys, warnings
    from pathlib import Path

    import helper

    HERE = Path(__file__).parent

    def test_code_is_of_this_folder():
        assert helper.where() == str(HERE / "helper.py")
        assert test_code_is_of_this_folder.__code__.co_filename == __file__

    def test_broken():
        helper.broken()

    def test_order_of_a_constant_set():
        found = ""
        for letter in {"q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "a", "s", "d", "f", "g", "h", "j", "k", "l"}:
            found += letter
        raise AssertionError(found)

    def test_warned():
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            import warning
        assert [one.category for one in warned] == [SyntaxWarning]

    def test_changed():
        for value in (1, 2):
            (HERE / "made.py").write_text(f"VALUE = {value}")
            sys.modules.pop("made", None)
            importlib.invalidate_caches()
            assert importlib.import_module("made").VALUE == value
"""
ENDS = {
    "test_code_is_of_this_folder": "passed",
    "test_broken": "failed",
    "test_order_of_a_constant_set": "failed",
    "test_warned": "passed",
    "test_changed": "passed",
}


def of_project(folder: Path) -> list[str]:
    """The names of the files of the project of which code is kept."""
    files = [Path(marshal.loads(one.read_bytes()).co_filename) for one in folder.iterdir()]
    return sorted(one.name for one in files if one.parent.name in ("asked", "other"))


def test_a_run_loads_what_another_compiled_in_another_folder_and_ends_alike(tmp_path: Path) -> None:
    files = {"helper.py": HELPER, "test_it.py": TESTS, "warning.py": "VALUE = 1 is 1"}
    with laboratory(project(tmp_path / "asked", files)) as local:
        (first,) = local.run([trial()])
        kept = of_project(local.equipment.compiled)
        (other,) = local.run([trial(settings={"directory": "other"})])
        later = of_project(local.equipment.compiled)
    assert ends(first) == ends(other) == ENDS
    # The two that were made, the helper and the tests; not the one that warns.
    assert later == kept == ["helper.py", "made.py", "made.py", "test_it.py"]
    assert other.of("test_it.py::test_broken").place == Place(path="helper.py", line=6)
    order = "test_it.py::test_order_of_a_constant_set"
    assert first.of(order).message == other.of(order).message
    assert not first.effects
    assert not other.effects


@pytest.mark.skipif(os.name != "posix", reason="links are made on POSIX only")
def test_what_the_library_has_compiled_is_used_and_never_written_to(tmp_path: Path) -> None:
    library, folder = tmp_path.resolve() / "library", tmp_path.resolve() / "bytecode"
    (library / "test").mkdir(parents=True)
    for name in ("fresh.py", "stale.py", "test/left.py"):
        (library / name).write_text("VALUE = 1\n")
        py_compile.compile(str(library / name), optimize=1)
    (library / "stale.py").write_text("VALUE = 222\n")
    (compiled,) = (library / "__pycache__").glob("stale.*")
    before = compiled.read_bytes()

    bytecode.ready(folder, str(library))
    bytecode.ready(folder, str(library))
    env = {"PYTHONPYCACHEPREFIX": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(library)}
    say = "import fresh, stale; print(fresh.VALUE, stale.VALUE)"
    told = subprocess.run([sys.executable, "-O", "-S", "-c", say], env=env, capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["1", "222"]
    below = Path(f"{folder}{library}")
    links = {one.name.split(".")[0]: one.is_symlink() for one in below.iterdir() if one.name.startswith(("fr", "st"))}
    assert links == {"fresh": True, "stale": False}
    assert not (below / "test").exists()
    assert compiled.read_bytes() == before
