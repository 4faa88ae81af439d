"""The locale: of the process and its children, restored exactly, and never C because it is not installed."""

from __future__ import annotations

import locale
import os
import time

import pytest

from pytest_vltair.fixed import locales
from pytest_vltair.fixed.locales import Locale
from support.factors import applied, make
from support.recordings import PLAIN

VARIABLES = {"LC_ALL": None, "LANG": "xx_YY.UTF-8", "LC_NUMERIC": "de_DE.UTF-8", "LANGUAGE": "de:fr"}


def variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("LC_") or name in VARIABLES}


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> object:
    for name, value in VARIABLES.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    before = locale.setlocale(locale.LC_ALL, None)
    yield
    assert locale.setlocale(locale.LC_ALL, None) == before
    assert variables() == {name: value for name, value in VARIABLES.items() if value is not None}


@pytest.mark.parametrize("name", ["C", "POSIX", "C.UTF-8"])
def test_a_neutral_locale(name: str, pytestconfig: pytest.Config) -> None:
    with applied(make(Locale, name), pytestconfig) as factor:
        assert factor.shown() == factor.demanded == name
        assert variables() == {"LC_ALL": name, "LANG": name}
        assert locale.nl_langinfo(locale.CODESET) == ("UTF-8" if name == "C.UTF-8" else "ANSI_X3.4-1968")


@pytest.mark.usefixtures("turkish")
def test_a_locale_that_is_installed(pytestconfig: pytest.Config) -> None:
    mixed = locale.setlocale(locale.LC_ALL, None)
    locale.setlocale(locale.LC_TIME, "C.UTF-8")
    before = locale.setlocale(locale.LC_ALL, None)
    with applied(make(Locale, "tr_TR.UTF-8"), pytestconfig) as factor:
        assert time.strftime("%B", time.gmtime(0)) == "Ocak"
        assert locale.str(1.5) == "1,5"
        assert factor.shown() == "tr_TR.UTF-8"
        locale.setlocale(locale.LC_ALL, "tr_TR.utf8")
        assert factor.shown() == "tr_TR.UTF-8"
        os.environ["LC_ALL"] = "C"
        assert factor.shown() == "tr_TR.utf8 (LC_ALL=C)"
        os.environ["LC_ALL"] = "tr_TR.UTF-8"
        locale.setlocale(locale.LC_NUMERIC, "C")
        assert "LC_NUMERIC=C;" in factor.shown()
    assert locale.setlocale(locale.LC_ALL, None) == before != "C"
    locale.setlocale(locale.LC_ALL, mixed)


@pytest.mark.usefixtures("turkish")
def test_a_locale_that_is_not_installed() -> None:
    factor = make(Locale, "tr_XX.UTF-8")
    with pytest.raises(pytest.UsageError) as told:
        factor.apply(None)  # type: ignore[arg-type]
    assert str(told.value).startswith("pytest.ini:1: vltair_locale = 'tr_XX.UTF-8' is not installed: this machine has ")
    there = str(told.value).partition(" has ")[2].split(", ")
    assert there[0].startswith("tr_")  # those of the same language come first
    assert "tr_TR.UTF-8" in there
    assert str(told.value).endswith("`localedef -i tr_XX -f UTF-8 tr_XX.UTF-8`)")
    factor.restore()


@pytest.mark.parametrize("name", ["", "LC_CTYPE=C.UTF-8;LC_NUMERIC=C", "../C", "C\0"])
def test_what_names_no_locale(name: str) -> None:
    with pytest.raises(pytest.UsageError, match=r"names no locale: write one such as tr_TR\.UTF-8"):
        make(Locale, name).apply(None)  # type: ignore[arg-type]


def test_many_locales_are_not_all_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locales, "_names", lambda: [f"a{letter}_XX" for letter in "abcdefghij"])
    with pytest.raises(pytest.UsageError, match=r"has aa_XX, .*, ah_XX and 2 more; choose one"):
        make(Locale, "de_XX").apply(None)  # type: ignore[arg-type]


def test_a_c_library_that_takes_any_name(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setattr(locales, "_NOWHERE", "C")
    with pytest.raises(pytest.UsageError, match=r"has no locales but C and C\.UTF-8"):
        make(Locale, "tr_TR.UTF-8").apply(pytestconfig)
    with applied(make(Locale, "C.UTF-8"), pytestconfig) as factor:
        assert factor.shown() == "C.UTF-8"


@pytest.mark.parametrize(("characters", "found"), [(("UTF-8", "C.utf8"), True), (("UTF-8",), False)])
def test_a_system_without_the_name(
    characters: tuple[str, ...], found: bool, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    taken = locale.setlocale

    def setlocale(category: int, name: str | None) -> str:
        if name == "C.UTF-8":
            raise locale.Error
        return taken(category, name)

    monkeypatch.setattr(locales, "_setlocale", setlocale)
    monkeypatch.setattr(locales, "_CHARACTERS", characters)
    if not found:
        with pytest.raises(pytest.UsageError, match=r"vltair_locale = 'C\.UTF-8' is not installed"):
            make(Locale, "C.UTF-8").apply(pytestconfig)
        return
    with applied(make(Locale, "C.UTF-8"), pytestconfig) as factor:
        assert factor.shown() == "C.UTF-8"
        assert variables() == {"LC_CTYPE": "C.utf8", "LANG": "C"}
        assert taken(locale.LC_CTYPE, None) == "C.utf8"
        assert taken(locale.LC_TIME, None) == "C"


FIXTURE = """
    import locale, os
    import pytest

    before = locale.setlocale(locale.LC_ALL, None)

    @pytest.fixture
    def after():
        yield
        assert "LC_ALL" not in os.environ
        assert locale.setlocale(locale.LC_ALL, None) == before

    def test_it(after, vltair_locale):
        vltair_locale("tr_TR.UTF-8")
        assert locale.str(1.5) == "1,5"
        assert os.environ["LC_ALL"] == "tr_TR.UTF-8"
        vltair_locale("C")
        assert locale.str(1.5) == "1.5"

    def test_unused(vltair_locale): pass

    def test_wrong(vltair_locale):
        vltair_locale("xx_XX.UTF-8")
    """


@pytest.mark.usefixtures("turkish")
def test_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FIXTURE)
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["_* test_wrong _*", "vltair_locale: 'xx_XX.UTF-8' is not installed: this machine *"])
