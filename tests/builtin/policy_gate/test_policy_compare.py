"""Comparing one setting: no way that got looser passes, and nothing else is found."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.policy import compare, selectors
from gates.builtin.policy.decide import decide
from gates.builtin.policy.facts import Changed, Element, Written
from gates.builtin.policy.gate import PolicyGate, PolicySettings
from gates.model.decision import verdict_of
from gates.model.evidence import counted
from gates.model.strictness import RANKS, SETS, About, Way
from gates.testing.law import breaches
from support.changes import evidence

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-1000, 1000).map(float)
WORDS = st.sampled_from(["a", "b", "src", "src/x", "tests", "!src/x"])
CODES = st.sampled_from(["ALL", "DEFAULT", "E", "E5", "E501", "F", "F401", "PL", "PLR", "PLR0913", "D", "DTZ"])
KNOWN = st.sets(
    st.tuples(st.sampled_from(["select", "ignore"]), CODES.filter(lambda code: code != "DEFAULT")).map(" ".join),
    max_size=5,
)
LINES = st.sets(st.tuples(st.sampled_from(["select", "ignore"]), CODES).map(" ".join), max_size=5)


def written(value: Any) -> Written:
    if isinstance(value, set | frozenset | list | tuple):
        held = counted(Element(text=each, place=f"pyproject.toml:{n}") for n, each in enumerate(sorted(value), 5))
        return Written(value=held if value else None, place="pyproject.toml:4")
    return Written(value=value, place="pyproject.toml:4")


def losses(way: Way, base: Any, head: Any, about: About = "limit") -> list[str | None]:
    one = Changed(key="k", way=way, about=about, head=written(head), base=written(base))
    return [lost.element for lost in compare.losses(one)]


@given(NUMBERS, NUMBERS)
def test_a_limit_in_the_wrong_direction_never_passes(before: float, now: float) -> None:
    assert bool(losses("higher", before, now)) == (now < before)
    assert bool(losses("lower", before, now)) == (now > before)


@given(NUMBERS)
def test_no_limit_is_the_loosest(limit: float) -> None:
    for way in ("higher", "lower"):
        assert losses(way, limit, None) == [None]
        assert losses(way, None, limit) == []
        assert losses(way, limit, "85 %") == [None]
        assert losses(way, limit, "true") == [None]


@pytest.mark.parametrize(("way", "strict"), [("on", True), ("off", False)])
def test_a_switch_may_only_be_switched_one_way(way: Way, strict: bool) -> None:
    assert losses(way, strict, not strict) == [None]
    assert losses(way, strict, None) == [None]
    assert losses(way, not strict, strict) == []
    assert losses(way, strict, "perhaps") == [None]


@pytest.mark.parametrize("way", RANKS)
def test_words_have_an_order(way: Any) -> None:
    for at, before in enumerate(RANKS[way]):
        for index, now in enumerate(RANKS[way]):
            assert bool(losses(way, before, now)) == (index < at)
        assert losses(way, before, "unheard of") == [None]


@given(st.sets(WORDS), st.sets(WORDS))
def test_sets_that_must_not_shrink_or_grow(before: set[str], now: set[str]) -> None:
    plain = {one for one in before | now if one[0] != "!"}
    before, now = before & plain, now & plain
    covered = {one for one in plain if one == "src/x" and "src" in now}
    assert set(losses("grow", before, now, "exclusion")) == before - now - covered
    covered = {one for one in plain if one == "src/x" and "src" in before}
    assert set(losses("shrink", before, now, "exclusion")) == now - before - covered


@given(st.sets(WORDS, min_size=1))
def test_a_scope_that_is_everything_may_not_become_less(names: set[str]) -> None:
    assert losses("scope", set(), names, "exclusion") == [None]
    assert losses("scope", names, set(), "exclusion") == []


def test_a_limit_that_is_a_set_is_one_finding() -> None:
    assert losses("grow", {"a", "b", "c"}, {"a"}) == [None]


@given(KNOWN, KNOWN)
def test_every_code_that_ruff_no_longer_judges_is_found(before: set[str], now: set[str]) -> None:
    """Against a count of codes one by one, as ruff counts them."""
    lost = list(selectors.losses(before, now))
    codes = ["E100", "E501", "E502", "F401", "F811", "PLR0913", "PLR0911", "PLC0414", "D203", "DTZ001"]
    gone = {code for code in codes if enabled(before, code) and not enabled(now, code)}
    assert all(any(selectors.covers(one.selector, code) for one in lost) for code in gone)


def test_what_ruff_selects_by_itself_is_compared_as_one() -> None:
    own = "select DEFAULT"
    assert [one.selector for one in selectors.losses({own}, {"select E", "select F"})] == ["DEFAULT"]
    assert [one.selector for one in selectors.losses({own}, {own, "ignore F401"})] == ["F401"]
    assert [one.selector for one in selectors.losses({"select E"}, {own})] == ["E"]
    assert list(selectors.losses({own}, {"select ALL"})) == []
    assert list(selectors.losses({own, "ignore S101 in t"}, {own, "select D", "ignore S101 in t"})) == []


def enabled(lines: set[str], code: str) -> bool:
    found: dict[str, int] = {}
    for line in lines:
        verb, _, selector = line.partition(" ")
        pylint = selector == "PL" and code.startswith("PL")
        if selector == "ALL" or pylint or prefix(selector, code):
            found[verb] = max(found.get(verb, -1), 0 if selector == "ALL" else len(selector))
    return found.get("select", -1) > found.get("ignore", -1)


def prefix(selector: str, code: str) -> bool:
    letters = code.rstrip("0123456789")
    return code.startswith(selector) and len(selector) >= len(letters)


@given(LINES)
def test_the_same_selection_loses_nothing(lines: set[str]) -> None:
    assert list(selectors.losses(lines, lines)) == []


@pytest.mark.parametrize(
    ("selector", "code", "is_in"),
    [("E", "E501", True), ("E", "ERA001", False), ("PL", "PLR0913", True), ("D", "DTZ001", False), ("ALL", "X1", True),
     ("E501", "E5", False), ("C4", "C401", True), ("C4", "C901", False), ("S", "SIM1", False), ("name", "F401", False)],
)  # fmt: skip
def test_which_codes_a_selector_stands_for(selector: str, code: str, is_in: bool) -> None:
    assert selectors.covers(selector, code) is is_in


SETTINGS: dict[Way, st.SearchStrategy[Any]] = {
    "higher": st.none() | NUMBERS,
    "on": st.none() | st.booleans(),
    "level": st.sampled_from(RANKS["level"]),
    "shrink": st.sets(WORDS),
    "scope": st.sets(WORDS),
    "grow": st.sets(WORDS),
    "selectors": LINES,
    "unknown": st.text(max_size=3),
}


@st.composite
def changed(draw: st.DrawFn) -> Changed:
    way = draw(st.sampled_from(sorted(SETTINGS)))
    about = draw(st.sampled_from(get_args(About)))
    base = written(draw(SETTINGS[way]))
    return Changed(key=draw(st.sampled_from("abc")), way=way, about=about, head=written(draw(SETTINGS[way])), base=base)


@given(st.lists(changed(), max_size=4))
def test_the_law_holds_whatever_gets_lost(pairs: list[Changed]) -> None:
    assert breaches(PolicyGate(), evidence(changed=counted(pairs)), PolicySettings()) == []


@given(changed())
def test_a_red_setting_stays_red_beside_others(one: Changed) -> None:
    alone = verdict_of(decide(evidence(changed=counted([one]))))
    same = Changed(key="k", way="higher", about="limit", head=written(1.0), base=written(1.0))
    assert verdict_of(decide(evidence(changed=counted([same, one])))) == alone


@given(changed())
def test_every_loss_is_a_finding_with_a_subject_and_both_values(one: Changed) -> None:
    found = decide(evidence(changed=counted([one]))).findings
    assert len(found) == len({(item.rule, item.subject) for item in found})
    if one.way in SETS | {"higher", "on", "level"}:
        assert all("base" in item.message for item in found)


def test_evidence_that_is_not_what_was_sealed_does_not_decode() -> None:
    lowered = Changed(key="k", way="higher", about="limit", head=written(1.0), base=written(2.0))
    data = msgspec.json.decode(msgspec.json.encode(evidence(changed=counted([lowered]))))
    data["changed"]["items"][0]["base"]["value"] = 1.0
    with pytest.raises(msgspec.ValidationError, match="seal"):
        msgspec.convert(data, PolicyGate.Evidence)
