"""Every run has a fresh checkout, and the user's own tree is never touched."""

from __future__ import annotations

import importlib.machinery
import os
import subprocess
import sys
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.laboratory import template
from gates.builtin.diagnosis.trial import trial
from gates.project import facts

SPOILING = """
    import os, shutil
    from pathlib import Path

    HERE = Path(__file__).parent

    def test_clean():
        assert sorted(p.name for p in HERE.iterdir() if p.name not in ("__pycache__", ".git", ".benchmarks")) == NAMES
        assert (HERE / "data.txt").read_text() == "data"
        assert (HERE / "folder" / "inner.txt").exists()
        assert not (Path.home() / "left").exists()

    def test_spoils():
        state = (HERE / "data.txt").stat()
        (HERE / "data.txt").write_text("atad")
        os.utime(HERE / "data.txt", ns=(state.st_atime_ns, state.st_mtime_ns))
        shutil.rmtree(HERE / "folder")
        (HERE / "left").mkdir()
        (HERE / "left" / "a").write_text("a")
        (Path.home() / "left").write_text("a")
        (HERE / "link").unlink()
        (HERE / "link").symlink_to("nowhere")
"""


def picture(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path)] = (state.st_mode, state.st_mtime_ns, state.st_ino, content)
    return found


def test_whatever_tests_do_the_next_run_finds_it_clean_and_the_tree_is_as_it_was(tmp_path: Path) -> None:
    names = ["blank name é.txt", "data.txt", "folder", "link", "locked.txt", "pytest.ini", "test_a.py"]
    files = {"test_a.py": SPOILING.replace("NAMES", repr(names)), "data.txt": "data", "folder/inner.txt": ""}
    root = project(tmp_path / "my project", {**files, "blank name é.txt": "", "locked.txt": ""})
    (root / "link").symlink_to("data.txt")
    (root / "locked.txt").chmod(0o444)
    before = picture(root)
    with laboratory(root) as local:
        runs = [local.run([trial((), {"directory": name}, number=number)])[0]
                for number, name in enumerate(("project", "project", "my checkout", "deep", "project"))]  # fmt: skip
    assert [(run.reason or run.of("test_a.py::test_clean").message, ends(run)) for run in runs] == [
        ("", {"test_clean": "passed", "test_spoils": "passed"})
    ] * 5
    assert picture(root) == before


def test_what_is_ignored_is_copied_and_environments_and_caches_are_not(tmp_path: Path) -> None:
    files = {".gitignore": "_version.py\n", "pkg/_version.py": "", "pkg/__init__.py": "", ".venv/pyvenv.cfg": "",
             ".venv/lib/a.py": "", ".pytest_cache/a": "", "pkg/__pycache__/a.pyc": "", ".gates/x": ""}  # fmt: skip
    root = project(tmp_path / "p", files)
    made = template.made(facts.find(root), tmp_path / "copy")
    found = sorted(path for path, state in template.below(made.root) if not (made.root / path).is_dir())
    assert found == [".gitignore", "pkg/__init__.py", "pkg/_version.py", "pytest.ini"]


def test_the_digest_is_of_contents(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"a.py": "one"})
    first = template.made(facts.find(root), tmp_path / "1").digest
    assert template.made(facts.find(root), tmp_path / "2").digest == first
    (root / "a.py").write_text("two")
    assert template.made(facts.find(root), tmp_path / "3").digest != first


def test_in_a_subdirectory_of_a_repository_history_is_there_and_what_is_above(tmp_path: Path) -> None:
    text = """
        import subprocess
        def test_log(): assert b"first" in subprocess.check_output(["git", "log"])
        def test_above(above): pass
    """
    root = project(tmp_path / "repo" / "sub" / "inner", {"test_a.py": text, "pyproject.toml": ""})
    (tmp_path / "repo" / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef above(): pass\n")
    git = ["git", "-C", str(tmp_path / "repo"), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    with laboratory(root) as local:
        (ran,) = local.run([trial()])
    assert (ran.reason, ends(ran)["test_log"]) == ("", "passed")


def test_an_editable_project_is_imported_from_its_copy(tmp_path: Path) -> None:
    text = "import pkg, os\ndef test_own(): assert os.path.dirname(__file__) in pkg.__file__\n"
    root = project(
        tmp_path / "p", {"src/pkg/__init__.py": "", "test_a.py": text, "pyproject.toml": "[project]\nname='pkg'\n"}
    )
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    site = next(environment.glob("lib/python*/site-packages"), None)
    if site is None:
        pytest.skip("environments are otherwise here")
    (site / "editable.pth").write_text(
        f"{root / 'src'}\n" + "".join(f"{one}\n" for one in sys.path if "site-packages" in one)
    )
    with laboratory(
        root, environ={**os.environ, "VIRTUAL_ENV": str(environment), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ) as local:
        assert local.notes == ()
        assert local.equipment.imports.roots == ("src",)
        runs = local.run([trial(), trial((), {"directory": "outside"}), trial((), {"directory": "other"})])
    assert [(run.reason, ends(run)) for run in runs] == [("", {"test_own": "passed"})] * 3
    assert not list(root.rglob("__pycache__"))


def hooked(site: Path, source: Path) -> None:
    """An editable installation whose finder is asked before all others, as those of meson-python are."""
    (site / "own_hook.py").write_text(
        "import importlib.util, sys\n"
        "class Hook:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pkg':\n"
        f"            return importlib.util.spec_from_file_location(name, {str(source / '__init__.py')!r},\n"
        f"                submodule_search_locations=[{str(source)!r}])\n"
        "sys.meta_path.insert(0, Hook())\n"
    )
    (site / "own_hook.pth").write_text(
        "".join(f"{one}\n" for one in sys.path if "site-packages" in one) + "import own_hook\n"
    )


def test_a_project_that_leads_all_imports_to_itself_is_told_of(tmp_path: Path) -> None:
    text = "import pkg, os\ndef test_a(): assert pkg.VALUE == 1\n"
    files = {"src/pkg/__init__.py": "VALUE = 1\n", "test_a.py": text, "pyproject.toml": "[project]\nname='pkg'\n"}
    root = project(tmp_path / "p", files)
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    site = next(environment.glob("lib/python*/site-packages"), None)
    if site is None:
        pytest.skip("environments are otherwise here")
    hooked(site, root / "src/pkg")
    before = picture(root)
    with laboratory(
        root, environ={**os.environ, "VIRTUAL_ENV": str(environment), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ) as local:
        assert local.notes == ("pkg is imported from the project itself and not from the copies that are run",)
        (ran,) = local.run([trial()])
    assert (ran.reason, ends(ran)) == ("", {"test_a": "passed"})
    assert picture(root) == before


def test_a_version_out_of_git_and_an_extension_in_the_tree_are_those_of_the_project(tmp_path: Path) -> None:
    text = """
        import importlib.machinery, pathlib, subprocess
        SAID = subprocess.check_output(["git", "describe", "--tags", "--dirty"], text=True)  # as it is imported
        def test_version(): assert SAID == "v1.2\\n"
        def test_extension(): assert pathlib.Path("pkg/_fast" + importlib.machinery.EXTENSION_SUFFIXES[0]).is_file()
    """
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    files = {"test_a.py": text, ".gitignore": "*.so\n*.pyd\n__pycache__/\n.pytest_cache/\n", "pkg/__init__.py": ""}
    root = project(tmp_path / "p", files)
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"], ["tag", "-a", "v1.2", "-m", "v1.2"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    (root / f"pkg/_fast{suffix}").write_bytes(b"\x7fELF")
    with laboratory(root) as local:
        runs = local.run([trial(), trial((), {"directory": "deep"})])
    assert [(ran.reason, ends(ran)) for ran in runs] == [
        ("", {"test_version": "passed", "test_extension": "passed"})
    ] * 2


def test_nothing_of_the_callers_is_left_and_its_own_variables_are(tmp_path: Path) -> None:
    text = """
        import os
        def test_clean():
            assert not {"CI", "NO_COLOR", "COLUMNS", "https_proxy", "LC_TIME"} & set(os.environ)
            assert os.environ["OWN"] == "1" and os.environ["TZ"] == "UTC" and os.environ["HOME"] != HOME
    """
    root = project(
        tmp_path / "p", {"test_a.py": text.replace("HOME)", "x").replace("!= HOME", f"!= {os.environ.get('HOME')!r}")}
    )
    extra = {
        "CI": "1",
        "NO_COLOR": "1",
        "COLUMNS": "20",
        "https_proxy": "x",
        "LC_TIME": "de_DE",
        "OWN": "1",
        "PYTEST_ADDOPTS": "-x -p no:cacheprovider",
    }
    with laboratory(root, environ={**os.environ, **extra}) as local:
        (ran,) = local.run([trial()])
    assert (ran.reason, ends(ran)) == ("", {"test_clean": "passed"})
