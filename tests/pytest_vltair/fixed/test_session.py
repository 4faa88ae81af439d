"""A run's factors together: settings, order, what is put back, nested runs, workers, and the line that repeats it."""

from __future__ import annotations

import shlex
import subprocess
from typing import cast

import pytest

from pytest_vltair.fixed import session
from pytest_vltair.fixed.factor import Factor
from pytest_vltair.fixed.session import Fixing
from pytest_vltair.settings import OVERRIDE, Given, Settings
from support.recordings import PLAIN, WITH_XDIST

RUN = ("-p", "no:cacheprovider")
KEYS = {
    "timezone": "Asia/Tokyo",
    "locale": "C",
    "umask": "027",
    "recursion_limit": "1234",
    "columns": "71",
    "colour": "off",
    "directory": "rootdir",
    "home": "fresh",
    "environment": "MINE_*",
}
INI = "[pytest]\n" + "\n".join(f"vltair_{name} = {value}" for name, value in KEYS.items())


class Recorded:
    """A factor that writes down what is done with it."""

    demanded = "1"

    def __init__(self, name: str, log: list[str], broken: str = "") -> None:
        self.name = name
        self._log = log
        self._broken = broken

    def apply(self, config: pytest.Config) -> None:
        self._note("apply")

    def restore(self) -> None:
        self._note("restore")

    def shown(self) -> str:
        return "1"

    def _note(self, what: str) -> None:
        self._log.append(f"{what} {self.name}")
        if self._broken == what:
            raise ValueError(self.name)


def recorded(*factors: Recorded) -> Fixing:
    fixing = Fixing(Settings("fix", {}))
    fixing._early = cast("list[Factor]", list(factors))
    return fixing


class Config:
    """Of pytest's config, what a run's factors are begun with."""

    def add_cleanup(self, function: object) -> None:
        self.cleanup = function


def test_a_factor_that_cannot_be_had_leaves_nothing() -> None:
    log: list[str] = []
    fixing = recorded(Recorded("a", log), Recorded("b", log, "apply"), Recorded("c", log))
    with pytest.raises(ValueError, match="b"):
        fixing.begin(cast("pytest.Config", Config()))
    assert log == ["apply a", "apply b", "restore b", "restore a"]
    fixing.restore()
    assert len(log) == 4


def test_a_factor_that_cannot_be_put_back_keeps_no_other() -> None:
    log: list[str] = []
    fixing = recorded(Recorded("a", log), Recorded("b", log, "restore"), Recorded("c", log))
    config = Config()
    fixing.begin(cast("pytest.Config", config))
    with pytest.raises(ValueError, match="b"):
        fixing.restore()
    assert log[3:] == ["restore c", "restore b", "restore a"]
    assert config.cleanup == fixing.restore


def test_the_command_that_repeats_the_run() -> None:
    places = {
        "timezone": ("<+05>-5", "--vltair-timezone", ()),
        "locale": ("C", "vltair = fix", ()),
        "umask": ("027", OVERRIDE, ()),
        "columns": ("70", "pytest.ini:3", ()),
        "environment": ("A* it's", OVERRIDE, ("A*", "it's")),
        "leaks": ("error", "--vltair-leaks", ()),
        "leaks-allow": ("a b", OVERRIDE, ("a b",)),
    }
    given = {name: Given(f"vltair_{name.replace('-', '_')}", *texts) for name, texts in places.items()}
    command = Fixing(Settings("fix", {**given, "environment": given["columns"]})).header().partition("repeat with: ")[2]
    assert shlex.split(command) == [
        "pytest",
        "--vltair=fix",
        "--vltair-timezone=<+05>-5",
        "-o",
        "vltair_umask=027",
        "--vltair-leaks=error",
        "-o",
        "vltair_leaks_allow=a b",
    ]


SHOWS = """
    import locale, os, shutil, sys, time
    from pathlib import Path

    def state():
        mask = os.umask(0)
        os.umask(mask)
        return {
            "zone": time.tzname, "locale": locale.setlocale(locale.LC_ALL), "umask": mask, "cwd": os.getcwd(),
            "limit": sys.getrecursionlimit(), "width": shutil.get_terminal_size(), "home": Path.home(),
            "environ": {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        }
    """
INNER = """
    import os, time
    from pathlib import Path
    from shows import state
    def test_inner():
        now = state()
        assert now["zone"] == ("JST", "JST")
        assert (now["locale"], now["umask"], now["limit"], now["width"].columns) == ("C", 0o27, 1234, 71)
        assert Path.cwd() == Path(__file__).parent
        assert list(now["home"].iterdir()) == []
        assert os.environ["MINE_A"] == "1"
        assert "YOURS" not in os.environ
    """
OUTER = """
    import os
    import pytest
    from shows import state

    @pytest.mark.parametrize("args", [["-cinner.ini", "test_inner.py"], ["-cinner.ini", "-ovltair_columns=x"]])
    def test_nested(args, monkeypatch):
        monkeypatch.setenv("MINE_A", "1")
        monkeypatch.setenv("YOURS", "1")
        before = state()
        code = pytest.main(["-pno:cacheprovider", "--rootdir=.", *args])
        assert code == (4 if "-ovltair_columns=x" in args else 0)
        assert state() == before
        assert not before["home"].name.startswith("vltair") or before["home"].is_dir()
    """


@pytest.mark.parametrize("fixed", [(), ("--vltair-timezone=UTC", "-ovltair_home=fresh", "-ovltair_umask=077")])
def test_a_run_inside_a_run_puts_back_what_was_there(fixed: tuple[str, ...], pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shows=SHOWS, test_inner=INNER, test_outer=OUTER)
    (pytester.path / "inner.ini").write_text(INI, "utf-8")
    pytester.makeini("[pytest]\npythonpath = .")
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, *fixed, "test_outer.py")
    result.assert_outcomes(passed=2)


WORKERS = """
    import pytest
    from shows import state

    @pytest.mark.parametrize("number", range(4))
    def test_it(number, record_property):
        with open(f"home{number}.txt", "w") as file: file.write(str(state()["home"]))
    """


def test_each_worker_holds_its_own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xdist")
    monkeypatch.setenv("MINE_A", "1")
    monkeypatch.setenv("YOURS", "1")
    pytester.makepyfile(shows=SHOWS, test_inner=INNER, test_workers=WORKERS)
    pytester.makeini(INI + "\npythonpath = .")
    result = pytester.runpytest_subprocess(*WITH_XDIST, *RUN, "-n2", "--dist=each")
    result.assert_outcomes(passed=10)
    homes = {path.read_text("utf-8") for path in pytester.path.glob("home*.txt")}
    assert all("vltair-home-" in home for home in homes)
    result.stdout.fnmatch_lines(
        ["vltair: off: environment MINE_[*], home fresh, timezone Asia/Tokyo, locale C, umask 027*"]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-ovltair_timezone=UTX"], "ERROR: -o: vltair_timezone = 'UTX' is no time zone: did you mean \"*\"[?]"),
        (
            ["-ovltair_columns=wide"],
            "ERROR: -o: vltair_columns = 'wide' is no width: write a number of columns such as 80",
        ),
        (["-ovltair_directory=nowhere"], "ERROR: -o: vltair_directory = 'nowhere' is no directory of *"),
    ],
)
def test_a_wrong_setting_is_one_sentence(options: list[str], said: str, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
    assert "Traceback" not in result.stderr.str()


@pytest.mark.parametrize("lines", [(), ("A_*",), ("A_*", "B's")])
def test_an_override_is_quoted_for_a_shell_on_one_line(lines: tuple[str, ...]) -> None:
    given = Given("vltair_environment", "\n".join(lines) or "A", OVERRIDE, lines)
    quoted = session._quoted("vltair_environment", given)
    assert "\n" not in quoted
    done = subprocess.run(["bash", "-c", f"printf %s {quoted}"], capture_output=True, text=True, check=True)
    assert done.stdout == f"vltair_environment={given.text}"
