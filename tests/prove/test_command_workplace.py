"""The copy that a command takes for the project: what leads to it, what is left of it, what is written where."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gates.project import facts
from gates.prove.command import workplace
from gates.prove.command.faults import FAULTS, DoesNotFit, Fault
from gates.prove.command.site import Site
from support.command_projects import UNITTEST, prove, snapshot, states, write
from support.commands import environment, gates
from support.projects import write_project

posix = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts and links")
PACKAGES = ".venv/lib/python3.11/site-packages"


@posix
def test_an_environment_in_the_project_leads_to_the_copy(tmp_path: Path) -> None:
    root = write(tmp_path / "project").resolve()
    write_project(
        root,
        {
            ".venv/pyvenv.cfg": f"home = /usr/bin\ncommand = python -m venv {root}/.venv\n",
            ".venv/bin/tool": f"#!{root}/.venv/bin/python\n",
            ".venv/bin/program": b"\x7fELF\0" + os.fsencode(root),
            f"{PACKAGES}/__editable__.sample.pth": f"{root}/src\n",
            f"{PACKAGES}/other.py": f"# {root}\n",
            f"{PACKAGES}/other-1.dist-info/direct_url.json": f'{{"url": "file://{root}"}}',
        },
    )
    (root / ".venv/bin/python").symlink_to("tool")
    # An absolute link into the original: what is written by way of it would change the user's own files.
    (root / ".venv/lib64").symlink_to(root / ".venv/lib")
    told: list[str] = []
    before = snapshot(root)
    environ = {
        "PATH": f"{root}/.venv/bin:/usr/bin",
        "VIRTUAL_ENV": f"{root}/.venv",
        "OTHER": f"{root}er",
        "GIT_DIR": "x",
    }
    with workplace.made(facts.find(root), root / "tests", environ, told.append) as place:
        copy = place.copy.root
        assert place.folder == copy / "tests"
        assert place.environ["PATH"] == f"{copy}/.venv/bin:/usr/bin"
        assert place.environ["VIRTUAL_ENV"] == f"{copy}/.venv"
        assert place.environ["PYTHONPATH"] == f"{copy}/src"
        assert place.environ["OTHER"] == f"{root}er"
        assert "GIT_DIR" not in place.environ
        assert (copy / ".venv/bin/tool").read_text() == f"#!{copy}/.venv/bin/python\n"
        assert (copy / ".venv/bin/python").readlink() == Path("tool")
        assert (copy / ".venv/lib64").readlink() == copy / ".venv/lib"
        assert (copy / f"{PACKAGES}/__editable__.sample.pth").read_text() == f"{copy}/src\n"
        assert (copy / f"{PACKAGES}/other-1.dist-info/direct_url.json").read_text() == f'{{"url": "file://{copy}"}}'
        assert (copy / ".venv/bin/program").read_bytes().endswith(os.fsencode(root))
    assert told == ["copying .venv (0 MB)"]
    assert snapshot(root) == before
    assert not copy.exists()


@posix
def test_an_editable_install_elsewhere_does_not_import_the_original(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    packages = tmp_path / "packages"
    packages.mkdir()
    # As an editable install would: the original is on the path wherever this Python runs.
    command = f"import sys; sys.path.append({str(root / 'src')!r}); import sample.adder"
    result = prove(root, sys.executable, "-c", command, options=("--rule", "import-error"))
    assert states(result.report) == {"import-error": "caught"}


@posix
def test_a_command_that_installs_the_copy_elsewhere_is_told_of(tmp_path: Path) -> None:
    root = write(tmp_path / "project")
    packages = tmp_path / "environment/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    installing = ("sh", "-ec", f"pwd > {packages}/sample.pth")
    result = prove(
        root, *installing, options=("--rule", "lint-error"), env={"VIRTUAL_ENV": str(tmp_path / "environment")}
    )
    ((note),) = result.report["notes"]
    assert "installs the project into the environment" in note


@posix
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_behind(tmp_path: Path, sign: signal.Signals) -> None:
    root = write(tmp_path / "project")
    before = snapshot(root)
    (tmp_path / "temporary").mkdir()
    env = environment({"TMPDIR": str(tmp_path / "temporary")})
    command = ("sh", "-c", f"touch {tmp_path}/started; sleep 60")
    argv = [sys.executable, "-P", "-m", "gates", "prove", "-q", "--", *command]
    process = subprocess.Popen(argv, cwd=root, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (tmp_path / "started").exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(sign)
    assert process.wait(45) == (-9 if sign == signal.SIGKILL else 130)
    if sign == signal.SIGKILL:
        # What nobody could take away goes with the next proof.
        gates("prove", "-q", "--rule", "lint-error", "--", "true", cwd=root, env={"TMPDIR": env["TMPDIR"]})
    assert list((tmp_path / "temporary").iterdir()) == []
    assert snapshot(root) == before


@posix
def test_read_only_and_generated_files_and_a_subdirectory(tmp_path: Path) -> None:
    root = write(tmp_path / "project", **{".gitignore": "*_version.py\n", "src__sample___version.py": "V = 1\n"})
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for path in root.rglob("*.py"):
        path.chmod(0o444)
    test = ("sh", "-ec", "test -e ../src/sample/_version.py; grep -q planted ../src/sample/adder.py && exit 1 || true")
    result = gates("prove", "-q", "--rule", "uncovered", "--project", "tests", "--", *test, cwd=root)
    assert result.code == 0, result.out + result.err
    assert "caught?   uncovered" in result.out


def test_faults_fit_themselves(tmp_path: Path) -> None:
    crlf = b'"""Adds."""\r\n\r\nVALUE = 1\r\n'
    root = write_project(
        tmp_path,
        {
            "flat/__init__.py": "",
            "flat/adder.py": crlf,
            "flat/_vendor/large.py": "A = 1\n" * 50,
            "flat/__main__.py": "A = 1\n" * 40,
            "tests/unit/adder_test.py": "",
            "tests/unit/other_test.py": "",
            "tests/slow/first_test.py": "",
            **{f"tests/_generated/{name}_test.py": "" for name in ("a", "b", "c")},
        },
    )
    site = Site(facts.find(root))
    assert (site.module, site.new_module()) == ("flat/adder.py", "flat/gates_planted.py")
    assert site.new_test() == "tests/unit/gates_planted_test.py"
    faults = {fault.name: fault for fault in FAULTS}
    assert faults["import-error"].plant is not None
    faults["import-error"].plant(site)
    assert (root / "flat/adder.py").read_bytes() == crlf + b'\r\n\r\nraise RuntimeError("planted")\r\n'


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_project_with_nothing_in_it_says_so(tmp_path: Path, fault: Fault) -> None:
    site = Site(facts.find(write_project(tmp_path, {"README.md": "Nothing.\n"})))
    assert fault.plant is not None
    with pytest.raises(DoesNotFit, match=r"no (module of a package|test file) was found"):
        fault.plant(site)


def test_nothing_that_could_be_tried_is_undecided(tmp_path: Path) -> None:
    result = prove(write_project(tmp_path, {"README.md": "Nothing.\n"}), sys.executable, "-c", "")
    assert (result.code, result.report["reason"]["code"]) == (3, "nothing_examined")


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.name != "lint-error"], ids=lambda one: one.name)
def test_a_fault_is_about_nothing_else(tmp_path: Path, fault: Fault) -> None:
    """A linter with its usual rules finds what is named after it, and nothing in the other plants."""
    root = write(tmp_path)
    site = Site(facts.find(root))
    assert fault.plant is not None
    fault.plant(site)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ruff", "check", "--isolated", "--select", "E,F,W,I,D1,B,UP,ANN", "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (fault.name == "syntax-error"), done.stdout
    formatted = subprocess.run(
        [sys.executable, "-P", "-m", "ruff", "format", "--isolated", "--check", "."],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert bool(formatted.returncode) == (fault.name in {"syntax-error", "unformatted"}), formatted.stdout


def test_the_command_of_the_other_tests_is_green(tmp_path: Path) -> None:
    done = subprocess.run(
        UNITTEST, cwd=write(tmp_path), env={**os.environ, "PYTHONPATH": str(tmp_path / "src")}, check=False
    )
    assert done.returncode == 0
