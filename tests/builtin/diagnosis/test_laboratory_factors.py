"""Every value of a factor reaches the tests, or is said not to have."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.trial import trial

ASKING = """
    import locale, os, socket, sys, time
    from datetime import datetime, timezone
    from pathlib import Path

    import pytest

    HERE = Path(__file__).parent

    @pytest.fixture
    def there(request):
        return request.node.name

    def test_hashseed(): assert os.environ["PYTHONHASHSEED"] == "0"
    def test_timezone(): assert time.localtime(1_736_942_400).tm_gmtoff == 0
    def test_locale(): assert locale.getpreferredencoding(False).upper() == "UTF-8"
    def test_clock(): assert datetime.now(timezone.utc).year != 2042
    def test_directory(): assert HERE.name == "asked"
    def test_outside(): assert Path.cwd() == HERE
    def test_umask():
        Path("made").write_text("")
        assert Path("made").stat().st_mode & 0o777 == 0o644
    def test_environment(): assert "COLUMNS" not in os.environ and "CI" not in os.environ
    def test_user():
        Path("locked").touch(mode=0o000)
        Path("locked").read_text()
    def test_listing(): assert os.listdir(HERE / "many") == sorted(os.listdir(HERE / "many"))
    def test_cpus(): assert os.cpu_count() != 64
    def test_optimize(): assert sys.flags.optimize == 0
"""
FILES = {"test_asked.py": ASKING, **{f"many/{name}": "" for name in "qweasd"}}
VALUES = [
    ("hashseed", "3", "hashseed"),
    ("timezone", "Asia/Kolkata", "timezone"),
    ("locale", "ASCII", "locale"),
    ("clock", "2042-11-05T09:17:03Z", "clock"),
    ("directory", "other", "directory"),
    ("directory", "my checkout", "directory"),
    ("directory", "outside", "outside"),
    ("umask", "077", "umask"),
    ("environment", FACTORS["environment"].values[0], "environment"),
    ("listing", "reversed", "listing"),
    ("cpus", "64", "cpus"),
]


def test_each_factor_moves_its_own_tests_and_no_other(tmp_path: Path) -> None:
    root = project(tmp_path / "asked", FILES)
    with laboratory(root, jobs=2) as local:
        if local.unavailable.keys() & {name for name, _, _ in VALUES}:
            pytest.skip(f"this machine lacks something: {dict(local.unavailable)}")
        base, *found = local.run([trial(), *(trial((), {name: value}) for name, value, _ in VALUES)])
    assert base.status == "done", base.reason
    before = ends(base)
    assert {name for name, ended in before.items() if ended != "passed"} <= {"test_user"}
    for ran, (name, value, moved) in zip(found, VALUES, strict=True):
        assert (ran.status, dict(ran.missed)) == ("done", {}), (name, value, ran.reason)
        changed = {one for one, ended in ends(ran).items() if ended != before[one]}
        assert changed == {f"test_{moved}"}, (name, value)


def test_pytest_is_started_in_the_folder_of_the_tests(tmp_path: Path) -> None:
    text = "from pathlib import Path\ndef test_a(): assert Path('data.txt').read_text() == 'a'\n"
    deep = project(tmp_path / "deep", {"tests/unit/test_a.py": text, "tests/unit/data.txt": "a", "tests/b.txt": ""})
    wanted = trial(("tests/unit/test_a.py::test_a",), {"directory": "tests"})
    with laboratory(deep) as local:
        base, beside = local.run([trial(wanted.tests), wanted])
    assert (ends(base), ends(beside)) == ({"test_a": "failed"}, {"test_a": "passed"})
    assert not beside.missed
    with laboratory(project(tmp_path / "flat", {"test_a.py": text})) as local:
        (ran,) = local.run([trial((), {"directory": "tests"})])
    assert dict(ran.missed) == {"directory": "The tests are in the project's own folder."}


def test_an_optimised_run_has_no_assertions(tmp_path: Path) -> None:
    root = project(tmp_path / "p", {"test_a.py": "def test_debug():\n    if not __debug__: raise ValueError('no')\n"})
    with laboratory(root) as local:
        base, ran = local.run([trial(), trial((), {"optimize": "1"})])
    assert (ends(base), ends(ran)) == ({"test_debug": "passed"}, {"test_debug": "failed"})
    assert not ran.missed


def test_another_user_may_read_the_copy_and_write_its_own_files(tmp_path: Path) -> None:
    text = """
        import os, tempfile
        from pathlib import Path
        def test_writes(tmp_path):
            (tmp_path / "a").write_text(Path(__file__).read_text())
            Path("here").write_text("a")
            Path.home().joinpath("b").write_text("b")
            tempfile.mkdtemp()
        def test_is_itself(): assert os.getuid() == UID
    """
    import os

    root = project(tmp_path / "p", {"test_a.py": text.replace("UID", str(os.getuid()))})
    with laboratory(root) as local:
        if "user" in local.unavailable:
            pytest.skip(local.unavailable["user"])
        (value,) = local.values("user")
        base, ran = local.run([trial(), trial((), {"user": value})])
    assert set(ends(base).values()) == {"passed"}
    assert ends(ran) == {"test_writes": "passed", "test_is_itself": "failed"}
    assert (dict(ran.missed), dict(ran.methods)) == ({}, {"user": "user namespace"})


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_workers_run_side_by_side(tmp_path: Path) -> None:
    text = "import pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_a(n): pass\n"
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        local.run([trial()])
        (ran,) = local.run([trial((), {"parallel": "2"})])
        local.equipment.means.__dict__["xdist"] = False
        (halves,) = local.run([trial((), {"parallel": "4"})])
    for one, method in ((ran, "workers"), (halves, "two processes")):
        assert {result.worker for result in one.results} == {"gw0", "gw1"}
        assert set(ends(one).values()) == {"passed"}
        assert (len(one.results), dict(one.missed), dict(one.methods)) == (6, {}, {"parallel": method})


def test_what_a_machine_has_not_is_missed_and_not_believed(tmp_path: Path) -> None:
    with laboratory(project(tmp_path / "p", {"test_a.py": "def test_a(): pass\n"})) as local:
        local.run([trial()])
        zone, tongue = local.run([trial((), {"timezone": "No/Where"}), trial((), {"locale": "xx_XX.UTF-8"})])
    assert zone.missed == {"timezone": "Local time is that of UTC: No/Where is not known here, or has the same offset."}
    assert list(tongue.missed) == ["locale"]
    assert tongue.missed["locale"].startswith("The locale xx_XX.UTF-8 is not installed: ")
    assert (dict(zone.methods), dict(tongue.methods)) == ({}, {})


def test_one_test_is_no_parallel_run(tmp_path: Path) -> None:
    with laboratory(project(tmp_path / "p", {"test_a.py": "def test_a(): pass\n"})) as local:
        local.equipment.means.__dict__["xdist"] = False
        (ran,) = local.run([trial(("test_a.py::test_a",), {"parallel": "2"})])
    assert (ends(ran), dict(ran.missed)) == ({"test_a": "passed"}, {"parallel": "No two workers ran."})


def test_what_every_process_has_counts_and_not_that_of_the_first(tmp_path: Path) -> None:
    text = """
        import os, signal, time
        def test_zone(): os.environ["TZ"] = "UTC"; time.tzset()
        def test_dies(): os.kill(os.getpid(), signal.SIGKILL)
        def test_b(): pass
    """
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial((), {"timezone": "Asia/Kolkata", "umask": "077"})])
    assert ends(ran) == {"test_zone": "passed", "test_dies": "crashed", "test_b": "passed"}
    assert dict(ran.missed) == {}


def test_a_checkout_of_the_same_name_as_the_base_is_missed(tmp_path: Path) -> None:
    with laboratory(project(tmp_path / "other", {"test_a.py": "def test_a(): pass\n"})) as local:
        (same, deep) = local.run([trial((), {"directory": "other"}), trial((), {"directory": "deep"})])
    assert same.missed == {"directory": "The project's own folder is named other, too."}
    assert deep.missed == {}


def test_what_tests_leave_is_told(tmp_path: Path) -> None:
    text = """
        import os, sys
        def test_a(): os.environ["APP_MODE"] = "x"
        def test_b(): assert (sys.getprofile(), sys.gettrace()) == (None, None)
    """
    with laboratory(project(tmp_path / "p", {"test_a.py": text})) as local:
        (ran,) = local.run([trial(watch=("state",))])
    assert ends(ran) == {"test_a": "passed", "test_b": "passed"}
    assert [(one.nodeid, "APP_MODE" in one.what) for one in ran.states] == [("test_a.py::test_a", True)]
