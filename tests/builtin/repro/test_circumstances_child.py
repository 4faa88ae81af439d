"""What the child puts in the place of functions of the system answers as they do, but for what it is to change."""

# ruff: noqa: PTH116, PTH208

import _socket
import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.repro.circumstances.child import boot, clock, seen, world
from gates.builtin.repro.facts import FACTORS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners are those of POSIX")

NOW = 981_173_106
OWNER = {"uid": 4711, "gid": 4712, "name": "mason", "group": "masons", "patched": True}
PATCHED = (
    "stat", "lstat", "fstat", "listdir", "scandir", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid",
    "getresgid", "getlogin", "uname", "sched_getaffinity", "cpu_count", "process_cpu_count",
)  # fmt: skip

Apply = Callable[..., None]


@pytest.fixture
def apply(monkeypatch: pytest.MonkeyPatch) -> Iterator[Apply]:
    """Applies a plan to this process until the end of the test."""
    import grp
    import pwd

    for name in PATCHED:
        if hasattr(os, name):
            monkeypatch.setattr(os, name, getattr(os, name))
    for module in (pwd, grp):
        for name in ("getpwuid", "getpwnam", "getpwall", "getgrgid", "getgrnam", "getgrall"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(_socket, "gethostname", _socket.gethostname)
    monkeypatch.setenv("HOME", "/a/home")
    bound = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None

    def applied(now: int | None = NOW, **differing: Any) -> None:
        plain = {"owner": None, "since": 0.0, "until": 0.0, "listing": "sorted", "user": "builder", "cpus": 4}
        world.apply({**plain, "machine": "bench", "pinned": False, **differing}, now)

    yield applied
    if bound is not None:
        os.sched_setaffinity(0, bound)


def test_a_result_that_nothing_changes_is_the_same(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "file").write_text("text")
    os.utime(tmp_path / "file", ns=(1_600_000_000_123_456_789, 1_600_000_001_987_654_321))
    before = os.stat(tmp_path / "file")
    apply()
    after = os.stat(tmp_path / "file")
    assert after is not before
    assert {name: getattr(after, name) for name in dir(after) if name.startswith("st_")} == {
        name: getattr(before, name) for name in dir(before) if name.startswith("st_")
    }
    assert (tuple(after), type(after)) == (tuple(before), os.stat_result)


def test_the_owner_is_another_and_nothing_else(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "file").touch()
    before = os.stat(tmp_path / "file")
    apply(owner=OWNER)
    for after in (os.stat(tmp_path / "file"), (tmp_path / "file").lstat(), next(os.scandir(tmp_path)).stat()):
        assert (after.st_uid, after.st_gid) == (4711, 4712)
        assert after.st_mtime_ns == before.st_mtime_ns
        assert stat.filemode(after.st_mode) == stat.filemode(before.st_mode)
    assert (os.getuid(), os.geteuid(), os.getgid(), os.getegid(), os.getgroups()) == (4711, 4711, 4712, 4712, [4712])


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root gives files away")
def test_files_of_others_stay_theirs(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "file").touch()
    os.chown(tmp_path / "file", 1234, 1235)
    apply(owner=OWNER)
    assert (os.stat(tmp_path / "file").st_uid, os.stat(tmp_path / "file").st_gid) == (1234, 1235)


def test_times_of_this_build_are_those_of_its_clock(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "old").touch()
    os.utime(tmp_path / "old", (1_500_000_000, 1_500_000_000))
    (tmp_path / "new").touch()
    (tmp_path / "future").touch()
    later = int(time.time()) + 90_000
    os.utime(tmp_path / "future", (later, later))
    apply(since=time.time() - 60, until=time.time() + 60)
    new, old, future = (os.stat(tmp_path / name) for name in ("new", "old", "future"))
    assert (new.st_mtime, new.st_mtime_ns, new.st_ctime_ns, new[8]) == (NOW, NOW * 10**9, NOW * 10**9, NOW)
    assert (old.st_mtime, old.st_mtime_ns, old[8], old.st_ctime) == (1_500_000_000, 1_500_000_000 * 10**9, old[8], NOW)
    assert future.st_mtime == later


def test_times_stay_where_the_clock_could_not_be_set(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "new").touch()
    before = os.stat(tmp_path / "new").st_mtime_ns
    apply(now=None, since=time.time() - 60, until=time.time() + 60)
    assert os.stat(tmp_path / "new").st_mtime_ns == before


@pytest.mark.parametrize("order", ["sorted", "reversed", "shuffled"])
def test_a_listing_has_its_order_in_text_and_bytes(tmp_path: Path, apply: Apply, order: str) -> None:
    for name in ("b", "a", "c", "é", "d"):
        (tmp_path / name).touch()
    apply(listing=order)
    names = os.listdir(tmp_path)
    assert sorted(names) == ["a", "b", "c", "d", "é"]
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name) for name in names]
    assert [entry.name for entry in os.scandir(tmp_path)] == names
    assert next(os.walk(tmp_path))[2] == names
    assert [path.name for path in tmp_path.iterdir()] == names
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        assert os.listdir(folder) == names
    finally:
        os.close(folder)
    assert (names == sorted(names), names == sorted(names, reverse=True)) == (order == "sorted", order == "reversed")


def test_an_entry_is_what_it_stands_for(tmp_path: Path, apply: Apply) -> None:
    (tmp_path / "file").touch()
    with os.scandir(tmp_path) as found:
        real = next(found)
    apply()
    with os.scandir(tmp_path) as listing:
        entry = next(listing)
        assert isinstance(entry, os.DirEntry)
        assert (entry.name, entry.path, os.fspath(entry)) == (real.name, real.path, os.fspath(real))
        assert (entry.is_file(), entry.is_dir(), entry.is_symlink()) == (True, False, False)
        assert (entry.inode(), repr(entry)) == (real.inode(), repr(real))
        assert entry.stat(follow_symlinks=False).st_size == 0
        with pytest.raises(AttributeError):
            entry.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert list(listing) == []
    with pytest.raises(FileNotFoundError):
        os.scandir(tmp_path / "nothing")


def test_what_python_asks_of_the_functions_still_holds(tmp_path: Path, apply: Apply) -> None:
    before = [{function.__name__ for function in able} for able in (os.supports_fd, os.supports_follow_symlinks)]
    apply()
    assert os.stat in os.supports_follow_symlinks
    assert os.stat in os.supports_dir_fd
    assert os.scandir in os.supports_fd
    assert [
        {function.__name__ for function in able} for able in (os.supports_fd, os.supports_follow_symlinks)
    ] == before
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").touch()
    shutil.rmtree(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_names_are_known_by_number_and_by_name(apply: Apply) -> None:
    import grp
    import pwd

    others = len(pwd.getpwall()), len(grp.getgrall())
    apply(owner=OWNER)
    assert pwd.getpwuid(4711) == pwd.getpwnam("mason")
    assert (pwd.getpwuid(4711).pw_dir, pwd.getpwuid(os.getuid()).pw_name) == ("/a/home", "mason")
    assert (grp.getgrgid(4712).gr_name, grp.getgrnam("masons").gr_gid) == ("masons", 4712)
    assert (len(pwd.getpwall()), len(grp.getgrall())) == (others[0] + 1, others[1] + 1)
    assert os.getlogin() == "builder"
    assert {os.uname().nodename, os.uname()[1], _socket.gethostname()} == {"bench"}
    with pytest.raises(KeyError):
        pwd.getpwnam("nobody-has-this-name")


def test_the_real_user_has_the_home_of_the_variable(apply: Apply) -> None:
    import pwd

    name = pwd.getpwuid(os.getuid()).pw_name
    apply()
    assert (pwd.getpwuid(os.getuid()).pw_dir, pwd.getpwuid(os.getuid()).pw_name) == ("/a/home", name)
    assert os.getuid() == os.geteuid()


def test_a_user_without_an_entry_has_none(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def unknown(_number: int) -> None:
        raise KeyError(_number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    apply()
    with pytest.raises(KeyError):
        pwd.getpwuid(os.getuid())


def test_processors_are_as_many_as_was_said(apply: Apply) -> None:
    apply(cpus=1, pinned=True)
    assert os.cpu_count() == 1
    if hasattr(os, "sched_getaffinity"):
        assert len(os.sched_getaffinity(0)) == 1
        assert Path("/proc/self/status").read_text().split("Cpus_allowed_list:")[1].split()[0].isdigit()


def test_sleep_is_mended_only_where_it_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", time.sleep)
    whole = time.sleep
    assert clock.start({"means": "faketime", "now": NOW}) == NOW
    assert time.sleep is whole

    def broken(_seconds: float) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(time, "sleep", broken)
    clock.start({"means": "faketime", "now": NOW})
    before = time.monotonic()
    time.sleep(0.01)
    assert time.monotonic() - before >= 0.009
    with pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)

    def worse(_seconds: float) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(time, "sleep", worse)
    with pytest.raises(OSError, match="no"):
        clock.start({"means": "faketime", "now": NOW})


def test_a_clock_without_means_goes_on() -> None:
    before = time.time()
    assert clock.start({"means": None, "now": NOW}) is None
    assert time.time() >= before


def test_variables_that_are_not_kept_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": "p", "PBR_VERSION": "1", "PBR": "2", "CI": "true"})
    boot._prune(["PATH", "PBR_*"])
    assert os.environ == {"PATH": "p", "PBR_VERSION": "1"}


def test_the_modules_have_no_name_of_the_standard_library() -> None:
    assert not set(boot.SIBLINGS) & sys.stdlib_module_names


def test_what_is_seen_is_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "probes").mkdir()
    for name in ("a", "b"):
        (tmp_path / "probes" / name).touch()
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(0o640)
    os.utime(tmp_path / "file", ns=(5, 7_000_000_000))
    tmp_path.chmod(0o750)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "me")
    monkeypatch.setenv("HOME", "/a/home")
    plan: dict[str, Any] = {
        "file": "file",
        "folder": "probes",
        "orders": {"first": ["a", "b"], "second": ["b", "a"]},
        "mounted": False,
        "marker": str(tmp_path / "marker"),
        "report": str(tmp_path / "report"),
    }
    found = seen.observed(plan)
    assert found["path"] == str(tmp_path.resolve())
    assert found["modes"] == "0640 0750"
    assert found["mtimes"] == "7000000000"
    assert found["listing"] == ("first" if os.listdir("probes") == ["a", "b"] else "second")
    assert found["user"] == "me /a/home"
    assert found["owner"].startswith(f"{os.getuid()}:{os.geteuid()}:{os.getgid()}:")
    assert abs(int(found["clock"].split()[0]) - time.time()) < 5
    assert found["rebuild"] == "first"
    assert seen.observed({**plan, "mounted": True})["listing"].endswith(", by the file system")
    seen.write({**plan, "orders": {}})
    again = seen.read(str(tmp_path / "report"))
    assert (again["rebuild"], sorted(again["listing"].split(","))) == ("second", ["a", "b"])
    assert set(again) == set(FACTORS)


def test_a_locale_that_is_not_there_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX.nothing")
    assert seen._locale() == ""
    monkeypatch.setenv("LC_ALL", "C")
    assert seen._locale().startswith("C ")
