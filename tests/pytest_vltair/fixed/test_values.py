"""The factors that are one value: umask, recursion limit, width and colours of the terminal, home, environment."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed import environment, home, umask
from pytest_vltair.fixed.environment import Environment
from pytest_vltair.fixed.home import Home
from pytest_vltair.fixed.recursion import RecursionLimit
from pytest_vltair.fixed.terminal import Colour, Columns
from pytest_vltair.fixed.umask import Umask
from support.factors import applied, make
from support.unprivileged import public_folder, unprivileged


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(("text", "mask"), [("022", 0o22), ("0o077", 0o77), ("0", 0), ("0777", 0o777)])
def test_umask(text: str, mask: int, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    before = current_umask()
    with applied(make(Umask, text), pytestconfig) as factor:
        assert current_umask() == mask
        assert factor.shown() == factor.demanded == f"{mask:03o}"
        assert current_umask() == mask
        os.umask(0o123)
        assert factor.shown() == "123"
        monkeypatch.setattr(umask, "_OWN", 0)
        assert factor.shown() == factor.demanded
    assert current_umask() == before
    make(Umask, "077").restore()
    assert current_umask() == before


@pytest.mark.parametrize("text", ["", "8", "1777", "22x", "-1", "u=rw", "٠٢٢"])
def test_what_is_no_umask(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="is no umask: write it in octal, 000 to 777, such as 022"):
        make(Umask, text)


def test_recursion_limit(pytestconfig: pytest.Config) -> None:
    before = sys.getrecursionlimit()
    with applied(make(RecursionLimit, "01500"), pytestconfig) as factor:
        assert sys.getrecursionlimit() == 1500
        assert factor.shown() == factor.demanded == "1500"
        sys.setrecursionlimit(1600)
        assert factor.shown() == "1600"
    assert sys.getrecursionlimit() == before
    with pytest.raises(pytest.UsageError, match="'1' is too low: pytest itself already calls deeper"):
        make(RecursionLimit, "1").apply(pytestconfig)
    assert sys.getrecursionlimit() == before


@varied(st.text(max_size=12) | st.from_regex(r"\A-?[0-9]{1,12}\Z"))
def test_numbers_are_numbers(text: str) -> None:
    for kind, most in ((RecursionLimit, 2**31), (Columns, 2**15)):
        try:
            factor = make(kind, text)
        except pytest.UsageError:
            assert not (text.isascii() and text.isdigit() and 0 < int(text) < most)
        else:
            assert int(factor.demanded) == int(text)


def test_columns(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "133")
    monkeypatch.delenv("LINES", raising=False)
    writer = SimpleNamespace(fullwidth=133)
    config = SimpleNamespace(
        pluginmanager=SimpleNamespace(hasplugin=lambda _: True), get_terminal_writer=lambda: writer
    )
    with applied(make(Columns, "70"), config) as factor:  # type: ignore[arg-type]
        assert shutil.get_terminal_size() == (70, 24)
        assert factor.shown() == "70"
        os.environ["COLUMNS"] = "71"
        assert factor.shown() == "71"
    assert os.environ["COLUMNS"] == "133"
    assert "LINES" not in os.environ


@pytest.mark.parametrize(("text", "contrary"), [("on", "NO_COLOR"), ("off", "FORCE_COLOR")])
def test_colour(text: str, contrary: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setenv("TERM", "vt100")
    monkeypatch.setenv("COLORTERM", "truecolor")
    before = dict(os.environ)
    with applied(make(Colour, text), pytestconfig) as factor:
        assert factor.shown() == text
        assert contrary not in os.environ
        os.environ[contrary] = "1"
        assert factor.shown() == f"not {text}: {contrary}"
        del os.environ[contrary]
    assert dict(os.environ) == before
    with pytest.raises(pytest.UsageError, match='is none of off, on: did you mean "on"'):
        make(Colour, "ton")


def test_environment(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MINE_A", "MINE_B", "OTHER", "AWS_TOKEN", "mine_c"):
        monkeypatch.setenv(name, "1")
    before = dict(os.environ)
    with applied(make(Environment, "MINE_* ANOTHER"), pytestconfig) as factor:
        assert {"MINE_A", "MINE_B", "PATH", "PYTEST_CURRENT_TEST"} <= set(os.environ)
        assert not {"OTHER", "AWS_TOKEN", "mine_c"} & set(os.environ)
        assert os.getenv("OTHER") is None
        os.environ["NEW"] = "1"
        assert factor.shown() == factor.demanded == "MINE_* ANOTHER"
        os.environ["AWS_TOKEN"] = "secret"
        assert factor.shown() == "MINE_* ANOTHER, and again AWS_TOKEN"
        del os.environ["NEW"]
    assert dict(os.environ) == before


def test_environment_on_windows(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setattr(environment, "os", SimpleNamespace(name="nt"))
    monkeypatch.setenv("MINE", "1")
    with applied(make(Environment, "mine"), pytestconfig):
        assert os.environ["MINE"] == "1"


@pytest.mark.parametrize("name", ["A=1", "A,B", "$A", "A;"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(pytest.UsageError, match="which is no name: name variables, or patterns such as AWS_"):
        make(Environment, f"MINE {name}")


def test_home(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    before = dict(os.environ)
    with applied(make(Home, "fresh"), pytestconfig) as factor:
        path = Path.home()
        assert os.environ["USERPROFILE"] == os.environ["HOME"] == str(path)
        assert list(path.iterdir()) == []
        assert not path.is_relative_to(pytestconfig.rootpath)
        assert "XDG_CONFIG_HOME" not in os.environ
        assert factor.shown() == "fresh"
        (path / "shut" / "in").mkdir(parents=True)
        (path / "shut" / "in" / "file").touch()
        (path / "shut" / "in").chmod(stat.S_IRUSR)
        (path / "shut").chmod(0)
        os.environ["HOME"] = "/nowhere"
        assert factor.shown() == "/nowhere"
    assert not path.exists()
    assert dict(os.environ) == before


def test_a_home_that_was_removed(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with applied(make(Home, "fresh"), pytestconfig) as factor:
        Path.home().rmdir()
        assert factor.shown().startswith(str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755, "the folder is everybody's"


def test_a_home_that_cannot_be_removed(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(home, "_rmtree", lambda *_args, **_named: None)
    with applied(make(Home, "fresh"), pytestconfig):
        path = Path.home()
    path.rmdir()
    assert capsys.readouterr().err == f"vltair: the home of this run could not be removed: {path}\n"


def test_a_home_without_a_place(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    inside = SimpleNamespace(rootpath=tmp_path.parent)
    with pytest.raises(pytest.UsageError, match="needs a place outside the project, and TMPDIR is in it"):
        make(Home, "fresh").apply(inside)  # type: ignore[arg-type]
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with pytest.raises(pytest.UsageError, match="cannot be made in /nowhere: No such file"):
        make(Home, "fresh").apply(pytestconfig)
    make(Home, "fresh").restore()


def test_home_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        home, "os", SimpleNamespace(name="nt", path=SimpleNamespace(splitdrive=lambda _: ("C:", r"\h")))
    )
    values = home._variables(r"C:\h")
    assert (values["HOMEDRIVE"], values["HOMEPATH"], values["LOCALAPPDATA"]) == ("C:", r"\h", r"C:\h\AppData\Local")


def test_columns_of_a_run_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(hasplugin=lambda _: False))
    with applied(make(Columns, "70"), config):  # type: ignore[arg-type]
        assert os.environ["COLUMNS"] == "70"
    assert "COLUMNS" not in os.environ


@pytest.mark.parametrize(
    ("pattern", "kept", "gone"),
    [
        ("SHOP_*", "SHOP_A", "XSHOP_A"),
        ("SHOP_?_KEY", "SHOP_A_KEY", "SHOP_AB_KEY"),
        ("SHOP_[AB]", "SHOP_B", "SHOP_C"),
        ("*_SHOP", "A_SHOP", "A_SHOPS"),
    ],
)
def test_environment_by_patterns(
    pattern: str, kept: str, gone: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kept, "1")
    monkeypatch.setenv(gone, "1")
    with applied(make(Environment, pattern), pytestconfig):
        assert (kept in os.environ, gone in os.environ) == (True, False)
    assert os.environ[gone] == "1"


def test_a_home_is_removed_whatever_a_test_took_from_it_and_nothing_else_is_touched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with public_folder() as place:
        place.chmod(0o777)
        elsewhere = place / "elsewhere"
        with unprivileged():
            (elsewhere / "inner").mkdir(parents=True)
            for one in (elsewhere, elsewhere / "inner"):
                one.chmod(0o755)
            held = place / "home" / "held" / "deep"
            held.mkdir(parents=True)
            (held / "file").touch()
            (held.parent / "link").symlink_to(elsewhere)
            held.chmod(0o000)
            held.parent.chmod(0o500)
            home._remove(str(place / "home"))
            assert not (place / "home").exists()
            home._remove(str(place / "never"))
            (place / "linked").symlink_to(elsewhere)
            home._remove(str(place / "linked"))
        modes = [stat.S_IMODE(one.stat().st_mode) for one in (place, elsewhere, elsewhere / "inner")]
        assert modes == [0o777, 0o755, 0o755]
    said = capsys.readouterr().err
    assert said == f"vltair: the home of this run could not be removed: {place / 'linked'}\n"


def test_permissions_of_files_keep_them_only_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch(mode=0o400)
    home._free(str(tmp_path))
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o400
    monkeypatch.setattr(home, "os", SimpleNamespace(name="nt", walk=os.walk, path=os.path))
    home._free(str(tmp_path))
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o700
