"""Files: what a test makes elsewhere than in `tmp_path`, or changes in the work tree, is named, kept and put back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_vltair.leaks import touched
from pytest_vltair.leaks.keeping import Keeping
from pytest_vltair.leaks.touched import Before, Touched
from support.leaving import accused
from support.manners import ORDERED


@pytest.fixture
def tree(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with files to harm, and a temporary folder of its own."""
    (pytester.path / "data" / "deep").mkdir(parents=True)
    (pytester.path / "data" / "a.txt").write_text("a")
    (pytester.path / "data" / "deep" / "b.txt").write_text("b")
    (pytester.path / "large.bin").write_bytes(bytes(touched.KEPT + 1))
    (pytester.path / "link").symlink_to("data/a.txt")
    (pytester.path / ".gates").mkdir()
    return pytester


def snapshot(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not name.startswith((".gates", "test_", "__pycache__", "runpytest-", "std")):
            status = path.lstat()
            held: object = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
            found[name] = (held, stat.S_IMODE(status.st_mode))
    return found


EACH = """
    import os, pathlib, shutil, sqlite3, tempfile
    root = pathlib.Path(__file__).parent
    def tree():
        found = {}
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root).as_posix()
            if not name.startswith((".gates", "test_", "__pycache__", "runpytest-", "std")):
                found[name] = (path.is_dir() or path.read_bytes(), path.lstat().st_mode)
        return found
    before = tree()
"""


def test_what_is_left_is_put_back(tree: pytest.Pytester) -> None:
    acts = {
        "made": 'open("new.txt", "w").write("new")',
        "appended": 'open("data/a.txt", "a").write("more")',
        "low": 'os.close(os.open(b"low.txt", os.O_CREAT | os.O_WRONLY))',
        "replaced": 'open("new", "w").close(); os.replace("new", root / "data" / "a.txt")',
        "removed": 'os.remove("data/a.txt")',
        "tree_removed": 'shutil.rmtree("data")',
        "folders": 'os.makedirs("x/y/z"); open("x/y/file", "w").close()',
        "moved": 'os.rename("data", "elsewhere")',
        "moved_file": 'os.rename("large.bin", "huge.bin")',
        "mode": 'os.chmod("data/a.txt", 0o600)',
        "linked": 'os.symlink("data", "other"); os.link("data/a.txt", "hard")',
        "unlinked": 'os.unlink("link")',
        "through": 'open("link", "w").write("x")',
        "truncated": 'os.truncate("data/deep/b.txt", 0)',
        "database": 'sqlite3.connect("new.db").execute("create table a (b)").connection.close()',
        "emptied": 'os.remove("data/deep/b.txt"); os.rmdir("data/deep")',
        "from_below": 'os.chdir("data"); open("c.txt", "w").close(); os.chdir("..")',
        "file_for_folder": 'shutil.rmtree("data"); open("data", "w").close()',
    }
    source = EACH + "".join(
        f"\n    def test_{name}(): {act}\n    def test_{name}_next(): assert tree() == before"
        for name, act in acts.items()
    )
    before = snapshot(tree.path)
    found = accused(tree, "files", source, "-W", "ignore")
    assert snapshot(tree.path) == before
    assert {name.removeprefix("test_") for name in found} == set(acts)
    assert not [what for whats in found.values() for what in whats if what.endswith("!")]
    kept = found["test_made"][0].removeprefix("new.txt was made; the test's is kept in ")
    assert kept.startswith(".gates/left-behind/")
    assert (tree.path / kept / "0001-new.txt").read_text() == "new"
    assert (tree.path / ".gates" / ".gitignore").read_text() == "*\n"
    assert found["test_removed"] == ["data/a.txt was removed"]
    assert found["test_tree_removed"] == ["data/ was removed"]
    assert found["test_moved"] == ["data/ was moved to elsewhere"]
    assert found["test_folders"] == [f"x/ was made; the test's is kept in {kept}"]
    assert found["test_mode"] == ["data/a.txt had mode 644 and has 600"]
    assert found["test_through"] == [f"data/a.txt was changed; the test's is kept in {kept}"]
    texts = {path.read_text() for path in (tree.path / kept).rglob("0*-a.txt")}
    assert {"amore", "", "x"} <= texts


def test_too_large_is_said(tree: pytest.Pytester) -> None:
    source = """
        import os
        def test_removed(): os.remove("large.bin")
        def test_gone(): assert not os.path.exists("large.bin")
        def test_same_size(): open("other.bin", "wb").close(); os.remove("other.bin")
    """
    assert accused(tree, "files", source) == {"test_removed": ["large.bin was removed, and was too large to be kept!"]}
    (tree.path / "large.bin").write_bytes(bytes(touched.KEPT + 1))
    source = 'def test_changed():\n    with open("large.bin", "ab") as file: file.write(b"x")\n'
    found = accused(tree, "files", source)
    assert found == {"test_changed": ["large.bin was changed, and was too large to be kept!"]}


def test_innocent(tree: pytest.Pytester) -> None:
    source = """
        import os, pathlib, py_compile, pytest, shutil, subprocess, sys, tempfile, tokenize
        @pytest.fixture(scope="session")
        def output():
            os.mkdir("out")
            yield pathlib.Path("out")
            shutil.rmtree("out")
        kept = tempfile.TemporaryDirectory
        def test_tmp_path(tmp_path, tmp_path_factory):
            (tmp_path / "x").write_text("x"); tmp_path_factory.mktemp("y").joinpath("z").touch()
        def test_temporary():
            with tempfile.TemporaryDirectory() as folder: pathlib.Path(folder, "x").touch()
            with tempfile.NamedTemporaryFile() as file: file.write(b"x")
            with tempfile.TemporaryFile() as file: file.write(b"x")
        def test_held_until_the_end():
            global held
            held = tempfile.TemporaryDirectory()
        def test_put_back():
            text = pathlib.Path("data/a.txt").read_bytes()
            pathlib.Path("data/a.txt").write_text("other"); pathlib.Path("data/a.txt").write_bytes(text)
            os.rename("large.bin", "x"); os.rename("x", "large.bin")
            os.mkdir("y"); os.rmdir("y"); os.chmod("data/a.txt", 0o600); os.chmod("data/a.txt", 0o644)
        def test_fixture(output): (output / "a").touch(); (output / "a").unlink()
        def test_reads():
            for path in pathlib.Path().rglob("*.txt"): path.read_bytes()
        def test_tools():
            os.makedirs(".hypothesis/x"); open(".coverage.a", "w").close(); os.makedirs("a.d/__pycache__")
            os.rename("a.d/__pycache__", "data/__pycache__"); os.rmdir("a.d")
        def test_device(): open(os.devnull, "w").close()
        def test_module(monkeypatch, tmp_path):
            pathlib.Path(tmp_path, "fresh_one.py").write_text("")
            monkeypatch.syspath_prepend(tmp_path)
            import fresh_one
        def test_closed_descriptor():
            number = os.open("data/a.txt", os.O_RDONLY)
            open(number).close()
        def test_report(): open("report.html", "w").close()
        def test_child(): subprocess.run([sys.executable, "-c", "pass"])
        def test_cache():
            os.makedirs(os.path.expanduser("~/.cache/tool"), exist_ok=True)
    """
    options = ("-W", "ignore", "--junitxml=report.html")
    assert accused(tree, "files", source, *options) == {}


def test_wider_fixtures_own_what_they_make(tree: pytest.Pytester) -> None:
    source = """
        import os, pathlib, pytest
        out = pathlib.Path("out.txt")
        @pytest.fixture(scope="module")
        def made():
            out.write_text("fixture")
            os.mkdir("kept")
            yield
            out.unlink()
        def test_uses(made): assert out.read_text() == "fixture"
        def test_changes(made): out.write_text("test")
        def test_removes(made):
            assert out.read_text() == "fixture"
            out.unlink()
        def test_adds(made):
            assert out.read_text() == "fixture"
            pathlib.Path("kept/x").touch()
        def test_last(made): assert os.listdir("kept") == []
    """
    found = accused(tree, "files", source)
    assert [what.partition(";")[0] for whats in found.values() for what in whats] == [
        "out.txt was changed", "out.txt was removed", "kept/x was made", "kept/ was made",
    ]  # fmt: skip
    assert list(found)[-1] == "module fixture made, ended after test_leaving.py::test_last,"
    assert not (tree.path / "kept").exists()


def test_outside_of_the_tree(tree: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tree.path.joinpath(".gates").rmdir()
    outside = tmp_path / "outside"
    temporary = tmp_path / "temporary"
    outside.mkdir()
    temporary.mkdir()
    outside.joinpath("old.txt").write_text("old")
    monkeypatch.setenv("TMPDIR", str(temporary))
    source = f"""
        import os, pathlib, tempfile
        out = pathlib.Path({str(outside)!r})
        def test_made(): (out / "new.txt").write_text("new")
        def test_1(): assert not (out / "new.txt").exists()
        def test_others(): (out / "old.txt").write_text("theirs")
        def test_folder(): tempfile.mkdtemp(prefix="left")
        def test_file(): open("here.txt", "w").close()
    """
    found = accused(tree, "files", source, "-W", "ignore")
    assert list(found) == ["test_made", "test_folder", "test_file"]
    folder = Path(found["test_made"][0].rpartition(" kept in ")[2])
    assert folder.parent == temporary
    assert min(path.name for path in folder.iterdir()) == "0001-new.txt"
    assert not list(temporary.glob("left*"))
    assert outside.joinpath("old.txt").read_text() == "theirs"


def test_children_and_exits(tree: pytest.Pytester) -> None:
    """A forked child that writes and a test that ends the process harm nobody else's files."""
    tree.makepyfile(
        test_exit="""
        import os, shutil
        def test_fork():
            pid = os.fork()
            if not pid:
                open("child.txt", "w").close()
                os._exit(0)
            os.waitpid(pid, 0)
        def test_exit():
            open("new.txt", "w").close()
            os._exit(3)
    """
    )
    result = tree.runpytest_subprocess(
        *ORDERED, "-p", "no:cacheprovider", "--vltair-leaks=report", "-o", "vltair_leaks_kinds=files", "-W", "ignore"
    )
    assert result.ret == 3
    assert (tree.path / "child.txt").exists()
    assert (tree.path / "data" / "a.txt").read_text() == "a"


@pytest.mark.parametrize("option", ["--snapshot-update", "--force-regen"])
def test_updates_that_were_asked_for(tree: pytest.Pytester, option: str) -> None:
    tree.makeconftest(f"def pytest_addoption(parser): parser.addoption({option!r}, action='store_true')")
    source = 'def test_update():\n    with open("data/a.txt", "w") as file: file.write("new")\n'
    assert accused(tree, "files", source, option) == {}
    assert (tree.path / "data" / "a.txt").read_text() == "new"


class TestTouched:
    def test_notes_by_descriptor_and_bytes(self, tmp_path: Path) -> None:
        seen = Touched(lambda path: "skip" not in path, lambda _: True)
        folder = os.open(tmp_path, os.O_RDONLY)
        try:
            seen("os.remove", (b"a", folder))
            seen("os.mkdir", ("skip", 0o777, folder))
        finally:
            os.close(folder)
        seen("open", (7, "w", os.O_WRONLY))
        seen("open", (str(tmp_path / "read"), "r", os.O_RDONLY))
        seen("open", (tmp_path / "p", "w", os.O_WRONLY))
        seen("os.truncate", (str(tmp_path / "nul\0"), 0))
        assert set(seen.before) == {str(tmp_path / name) for name in ("a", "p", "nul\0")}
        seen.forget(list(seen.before))
        assert not seen.before

    def test_room_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(touched, "KEPT_IN_ALL", 3)
        seen = Touched(lambda _: True, lambda _: True)
        for name in "ab":
            (tmp_path / name).write_text("xx")
            seen.note(str(tmp_path / name))
        assert [one.content for one in seen.before.values()] == [b"xx", None]
        seen.forget([str(tmp_path / "a"), "never"])
        assert seen.seen(str(tmp_path / "b")).content == b"xx"

    def test_unreadable_is_not_kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(touched, "_open", refused)
        (tmp_path / "a").write_text("x")
        assert Touched(lambda _: True, lambda _: True).seen(str(tmp_path / "a")).content is None

    @pytest.mark.skipif(sys.platform == "darwin", reason="stands in for macOS")
    def test_a_descriptor_on_macos(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import fcntl

        monkeypatch.setattr(touched, "_get_path", 50)
        monkeypatch.setattr(fcntl, "fcntl", lambda *_: b"/private/x".ljust(1024, b"\0"))
        assert touched._folder(3) == "/private/x"


class TestKeeping:
    def test_a_failure_touches_nothing(self, tmp_path: Path) -> None:
        keeping = Keeping(str(tmp_path))
        path = tmp_path / "missing" / "a"
        keeping.put(str(path), Before(None), Before(None), True)
        keeping.move_back(str(path), str(tmp_path / "b"), Before(tmp_path.lstat()))
        assert not path.exists()

    def test_without_a_state_that_is_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / ".gates").symlink_to("real")
        folder = Path(Keeping(str(tmp_path)).folder(own=True))
        assert folder.parent != tmp_path / "real"
        folder.rmdir()

    def test_a_state_that_cannot_be_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / ".gates").mkdir()
        (tmp_path / ".gates" / "left-behind").touch()
        folder = Path(Keeping(str(tmp_path)).folder(own=True))
        assert tmp_path not in folder.parents
        folder.rmdir()


def test_git_sees_nothing(tree: pytest.Pytester) -> None:
    """Whoever commits after a run commits what was there before it."""
    subprocess.run(["git", "init", "-q", tree.path], check=True)
    subprocess.run(["git", "-C", tree.path, "add", "."], check=True)
    subprocess.run(
        ["git", "-C", tree.path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"], check=True
    )
    accused(tree, "files", 'def test_made():\n    with open("new.txt", "w"): pass\n')
    ignored = (tree.path / ".gates" / ".gitignore").read_text()
    assert ignored == "*\n"
    shown = subprocess.run(
        ["git", "-C", tree.path, "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert [line for line in shown.stdout.splitlines() if "data" in line or "new" in line or ".gates" in line] == []
