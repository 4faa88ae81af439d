"""What a run finds around it: directory and terminal, which pytest itself goes on using as they were."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_vltair.fixed.directory import Directory
from support.factors import applied, make
from support.recordings import PLAIN, WITH_XDIST

RUN = ("-p", "no:cacheprovider")


def rooted(path: Path, *, leads: bool = False) -> pytest.Config:
    manager = SimpleNamespace(hasplugin=lambda name: leads and name == "dsession")
    return SimpleNamespace(rootpath=path, pluginmanager=manager, option=SimpleNamespace(ignore=["a"]))  # type: ignore[return-value]


def test_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for text, path in (("rootdir", "root"), ("below", "root/below"), (r".\below", "root/below")):
        config = rooted(tmp_path / "root")
        with applied(make(Directory, text), config) as factor:
            assert Path.cwd() == tmp_path / path
            assert config.option.ignore == [str(tmp_path / "a")]
            assert factor.shown() == factor.demanded
            os.chdir("/")
            assert factor.shown() == "/"
            os.chdir(tmp_path / path)
        assert Path.cwd() == tmp_path


def test_a_directory_that_was_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    with applied(make(Directory, "gone"), rooted(tmp_path)) as factor:
        (tmp_path / "gone").rmdir()
        assert factor.shown() == "removed"


def test_a_leader_of_workers_stays(tmp_path: Path) -> None:
    before = Path.cwd()
    with applied(make(Directory, "rootdir"), rooted(tmp_path, leads=True)) as factor:
        assert Path.cwd() == before
        assert factor.shown() == "rootdir"


@pytest.mark.parametrize("text", ["/tmp", "../other", "a/../../b", "C:/x", r"C:\x"])
def test_a_directory_outside(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="does not lie below the project's root"):
        make(Directory, text)


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(pytest.UsageError, match=r"vltair_directory = 'missing' is no directory of "):
        make(Directory, "missing").apply(rooted(tmp_path))


DIRECTORY = """
    import os
    from pathlib import Path
    HERE = Path.cwd()
    def test_there(): assert HERE == Path.cwd() == Path(__file__).parents[1]
    def test_fails(): assert 0, "boo"
    def test_elsewhere(monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        assert 0, "elsewhere"
    def test_again(): assert HERE == Path.cwd()
    """
LATE = """
    import os
    def pytest_sessionfinish(session):
        with open("late.txt", "w") as file: file.write("written where it was meant")
    """


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_pytest_reports_from_where_it_was_called(
    workers: tuple[str, ...], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = pytester.mkdir("called")
    (called / "test_it.py").write_text(DIRECTORY.replace("\n    ", "\n"), "utf-8")
    (called / "broken.py").write_text("1 / 0", "utf-8")
    (pytester.path / "conftest.py").write_text(LATE.replace("\n    ", "\n"), "utf-8")
    pytester.makeini("[pytest]\nvltair_directory = rootdir\npython_files = *.py")
    monkeypatch.chdir(called)
    names = [*WITH_XDIST, *RUN, *workers, "--ignore=broken.py", "--junitxml=report.xml", "test_it.py"]
    result = pytester.runpytest_subprocess(*names)
    result.assert_outcomes(passed=2, failed=2)
    assert "test_it.py:6: AssertionError" in result.outlines
    assert any(line.endswith("called/test_it.py:9: AssertionError") for line in result.outlines)
    assert {one.name for one in called.iterdir()} >= {"report.xml", "late.txt"}
    assert not {one.name for one in pytester.path.iterdir()} & {"report.xml", "late.txt"}


def test_coverage_is_written_where_it_was_meant(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pytest_cov")
    called = pytester.mkdir("called")
    (called / "lib.py").write_text("def covered():\n    return 1\n\ndef missed():\n    return 2\n", "utf-8")
    (called / "test_it.py").write_text("import lib\ndef test_it(): assert lib.covered()\n", "utf-8")
    pytester.makeini("[pytest]\nvltair_directory = rootdir")
    monkeypatch.chdir(called)
    for name in [name for name in os.environ if name.startswith(("COV_", "COVERAGE_"))]:
        monkeypatch.delenv(name)
    options = ["--cov=lib", "--cov-report=term-missing", "--cov-report=xml:out/cov.xml"]
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:xdist", *RUN, *options)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["lib.py*4*1*75%*5"])
    assert (called / "out" / "cov.xml").exists()
    assert (called / ".coverage").exists()
    assert not (pytester.path / ".coverage").exists()


TERMINAL = """
    import os, shutil, subprocess, sys
    def test_it():
        assert shutil.get_terminal_size() == (70, 24)
        ask = "import os, shutil; print(shutil.get_terminal_size().columns, os.environ.get('{name}'))"
        done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
        assert done.stdout == "70 1\\n"
    def test_fails(): assert [1, 2] == [1, 3]
    """


@pytest.mark.parametrize(("colour", "name"), [("off", "NO_COLOR"), ("on", "FORCE_COLOR")])
@pytest.mark.parametrize("own", ["yes", "no"])
def test_the_terminal_of_pytest_stays(
    colour: str, name: str, own: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "111")
    monkeypatch.setenv("PY_COLORS", "1" if own == "yes" else "0")
    pytester.makepyfile(TERMINAL.replace("{name}", name))
    options = ["-ovltair_columns=70", f"-ovltair_colour={colour}", "--junitxml=report.xml", "--verbosity=1"]
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, *options)
    lines = [line for line in result.outlines if "test session starts" in line or "short test summary" in line]
    assert all(("\x1b[" in line) == (own == "yes") for line in lines if "summary" in line)
    assert {len(line.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[36m", "")) for line in lines} == {111}
    assert ("\x1b[32mPASSED" in result.stdout.str()) == (own == "yes")
    assert "1 failed" in result.stdout.str()
    assert "1 passed" in result.stdout.str()
    assert own == "yes" or "#x1B" not in (pytester.path / "report.xml").read_text("utf-8")
