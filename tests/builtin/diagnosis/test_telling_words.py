"""What is said of a cause: the sentence, the advice, the command that shows it, and nothing that was not seen."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.determinism import commands
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.telling import cure, reason, reproduce
from gates.errors import UsageError

ONE = "tests/test_a.py::test_b[x y]"


def cause(*factors: str, **more: Any) -> Cause:
    """A cause with three flips of three, and the kind of its first factor."""
    kind = FACTORS[factors[0]].kind if factors else "unattributed"
    return Cause(**{"factors": factors, "kind": kind, "flips": 3, "runs": 3, "back": 3, **more})


KOLKATA = cause("timezone", settings={"timezone": "Asia/Kolkata"})
VICTIM = cause("order", before=("t.py::p", "t.py::q"), culprits=("t.py::p",), shared="state: shop.TILL")
SETTER = cause("order", kind="brittle", before=("t.py::s",), culprits=("t.py::s",))
PAIR = cause("clock", "timezone", settings={"clock": "2027-12-31T23:45:00Z", "timezone": "Asia/Tokyo"})
BOMB = cause("clock", settings={"clock": "2001-01-01T00:10:00Z"}, ended="passed")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (KOLKATA, "fails with timezone=Asia/Kolkata (3 of 3 runs), and passes with timezone=UTC (3 of 3)"),
        (VICTIM, "fails after t.py::p (3 of 3 runs), and passes alone (3 of 3); they share state: shop.TILL"),
        (SETTER, "fails alone (3 of 3 runs); it passes after t.py::s"),
        (BOMB, "passes with clock=2001-01-01T00:10:00Z (3 of 3 runs), and does not with clock=now (3 of 3)"),
        (cause("repeat", settings={"repeat": "2"}), "passes once and fails when it runs again in the same process"),
        (cause("timezone", settings={"timezone": "Asia/Tokyo"}, ended="hang"), "does not end with timezone=Asia/Tokyo"),
        (
            cause("clock", settings={"clock": "now"}, passing={"clock": "2019-06-15T12:00:00Z"}),
            "fails with clock=now (3 of 3 runs), and passes with clock=2019-06-15T12:00:00Z (3 of 3)",
        ),
        (cause(flips=1), "ends both ways in the same circumstances: fails in the base (1 of 3 runs)"),
    ],
)
def test_the_reason_has_what_was_seen(one: Cause, said: str) -> None:
    assert reason.of((one,)).startswith(said)


def test_further_causes_are_named() -> None:
    assert reason.of((KOLKATA, PAIR)).endswith("; also: clock+timezone")


@pytest.mark.parametrize(
    ("one", "command", "by_hand"),
    [
        (KOLKATA, ["--try", "timezone=Asia/Kolkata"], f"TZ=Asia/Kolkata python -m pytest '{ONE}'"),
        (VICTIM, ["--after", "t.py::p", "--after", "t.py::q"], f"python -m pytest t.py::p t.py::q '{ONE}'"),
        (SETTER, ["--after", "t.py::s"], f"python -m pytest '{ONE}'"),
        (PAIR, ["--try", "clock=2027-12-31T23:45:00Z", "--try", "timezone=Asia/Tokyo"], ""),
        (
            cause("environment", settings={"environment": "COLUMNS=40 -HOME 'A=b c'"}),
            ["--try", "environment=COLUMNS=40 -HOME 'A=b c'"],
            f"env -u HOME COLUMNS=40 A='b c' python -m pytest '{ONE}'",
        ),
        (
            cause("locale", settings={"locale": "ASCII", "umask": "077"}),
            ["--try", "locale=ASCII", "--try", "umask=077"],
            f"umask 077; LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 python -m pytest '{ONE}'",
        ),
        (
            cause("hashseed", settings={"hashseed": "3"}),
            ["--try", "hashseed=3"],
            f"PYTHONHASHSEED=3 python -m pytest '{ONE}'",
        ),
        (
            cause("parallel", settings={"parallel": "2"}, culprits=("t.py::p",)),
            ["--try", "parallel=2", "--after", "t.py::p"],
            "",
        ),
        (cause("order", settings={"order": "reversed"}), ["--try", "order=reversed"], ""),
        (cause("order", settings={"order": "reversed"}, before=("t.py::p",)), ["--after", "t.py::p"], None),
        (
            cause("clock", settings={"clock": "now"}, passing={"clock": "2001-01-01T00:10:00Z"}),
            ["--try", "clock=2001-01-01T00:10:00Z"],
            f"python -m pytest '{ONE}'",
        ),
        (cause(), [], ""),
    ],
)
def test_the_command_brings_the_circumstances_about(one: Cause, command: list[str], by_hand: str | None) -> None:
    assert shlex.split(reproduce.command(ONE, one)) == ["gates", "diagnose", ONE, *command]
    if by_hand is not None:
        assert reproduce.by_hand(ONE, one) == by_hand


SETTINGS = st.dictionaries(st.sampled_from(sorted(FACTORS)), st.integers(0, 20), max_size=3)


@given(SETTINGS)
def test_every_command_is_one_that_is_accepted(numbers: dict[str, int]) -> None:
    settings = {name: FACTORS[name].values[number % len(FACTORS[name].values)] for name, number in numbers.items()}
    words = reproduce.words(ONE, cause(*sorted(settings) or ("order",), settings=settings))
    given_values = [word for flag, word in zip(words[1::2], words[2::2], strict=True) if flag == "--try"]
    assert commands.settings(given_values) == settings


@pytest.mark.parametrize("factor", sorted(FACTORS))
def test_every_factor_has_a_cure(factor: str) -> None:
    for value in FACTORS[factor].values:
        text = cure.of(cause(factor, settings={factor: value}))
        assert text.endswith((".", ")"))
        assert 40 < len(text) < 420


def test_cures_name_who_and_what() -> None:
    assert "Have t.py::p put back state: shop.TILL" in cure.of(VICTIM)
    assert "t.py::s left behind" in cure.of(SETTER)
    assert "encoding=" in cure.of(cause("locale", settings={"locale": "ASCII"}))
    assert "encoding=" not in cure.of(cause("locale", settings={"locale": "de_DE.UTF-8"}))
    assert "vltair_clock" in cure.of(PAIR)
    assert "vltair_timezone" in cure.of(PAIR)


@pytest.mark.parametrize(
    ("given_value", "said"),
    [
        ("timezone", "write it as FACTOR=VALUE"),
        ("timezon=UTC", "did you mean 'timezone'? All of them: repeat, order, "),
        ("zzz=UTC", "all of them: repeat"),
        ("timezone=Asia/Kolkatta", "is not a time zone"),
        ("clock=tomorrow", "is not now or a moment"),
        ("listing=revers", "did you mean 'reversed'? Its values: sorted, reversed, shuffled, native"),
        ("environment=A B", "is not words such as NAME=VALUE"),
        ("umask=999", "is not a umask"),
        ("hashseed=4294967296", "is not a number from 0"),
        ("repeat=0", "is not a number of turns"),
    ],
)
def test_a_value_that_no_factor_has_is_refused(given_value: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        commands.settings([given_value])
    assert said in str(error.value)


@pytest.mark.parametrize(
    "given_value",
    ["timezone=Europe/Paris", "timezone=XYZ-5:45", "clock=1999-12-31", "clock=now", "locale=nl_NL.UTF-8", "umask=027",
     "environment=A=1 -B", "rngseed=each:7", "order=shuffled:9", "parallel=3", "cpus=3", "network=real"],
)  # fmt: skip
def test_a_value_that_is_not_tried_by_itself_is_taken(given_value: str) -> None:
    name, _, value = given_value.partition("=")
    assert commands.settings([given_value]) == {name: value}


def test_the_bound_is_that_of_so_many_runs() -> None:
    assert reason.bound(12) == "a test that fails once in 10 runs would be missed with a probability of 28%"
    assert reason.bound(0) == ""
