"""Probes, asked directly for what a run brings about seldom: other systems, other tools, values out of the way."""

from __future__ import annotations

import decimal
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.leaks import audit, children, kinds, ordered, others, own, process, state, tags
from pytest_vltair.leaks.children import Child, Children
from pytest_vltair.leaks.environment import Environment
from pytest_vltair.leaks.innocence import LARGEST
from pytest_vltair.leaks.keeping import Keeping
from pytest_vltair.leaks.libraries import Decimals, LoopPolicy, WarningFilters
from pytest_vltair.leaks.namespaces import Namespace, containers
from pytest_vltair.leaks.touched import Before
from pytest_vltair.leaks.values import MISSING

KEY = (4711, "1")


@pytest.fixture
def alone() -> Any:
    """A probe of children that has made-up ones and kills nobody."""
    made = Children()
    audit.ignore(made._hear)
    made._list = lambda: [Child(*KEY, "sleep")]
    made._kill = lambda pid, number: None
    made._sleep = lambda seconds: None
    return made


def test_a_child_that_nothing_ends_is_said(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "PATIENCE", 0.0)
    assert not alone.restore(KEY, MISSING, alone.look()[KEY])


@pytest.mark.parametrize("wait", [None, "raises"])
def test_a_child_that_somebody_else_waits_for(alone: Any, wait: str | None) -> None:
    def refused(pid: int, options: int) -> None:
        raise ChildProcessError

    after = alone.look()[KEY]
    alone._wait = wait and refused
    alone._kill = lambda pid, number: setattr(alone, "_list", list)
    assert alone.restore(KEY, MISSING, after)


def test_that_multiprocessing_is_imported_is_a_sign(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, children.MULTIPROCESSING, raising=False)
    _, sign = alone.signs(alone.look())
    assert sign.read() == sign.expected
    monkeypatch.setitem(sys.modules, children.MULTIPROCESSING, ModuleType("multiprocessing.process"))
    assert sign.read() != sign.expected


def test_the_owner_is_the_worker_that_has_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = [SimpleNamespace(_popen=SimpleNamespace(pid=number)) for number in (4710, 4711)]
    monkeypatch.setitem(sys.modules, children.MULTIPROCESSING, SimpleNamespace(_children=workers))
    assert children._owner(4711) is workers[1]._popen
    assert children._owner(-7) is None


def test_a_process_that_ends_while_it_is_looked_at_is_none() -> None:
    def gone() -> str:
        raise ProcessLookupError

    assert children._seen_by_psutil(SimpleNamespace(status=gone)) is None


def test_a_zone_of_the_same_names_is_told_by_its_offset() -> None:
    probe, names = process.TimeZone(), ("IST", "IST")
    assert probe.describe(probe.key, (names, -19800, -19800), (names, -7200, -10800)) == (
        'the time zone was "UTC+5.5 IST" and is "UTC+2 IST"'
    )


def test_a_system_without_tzset_cannot_put_the_zone_back() -> None:
    probe = process.TimeZone()
    known = probe.look()
    probe._tzset = None
    assert not probe.restore(probe.key, known[probe.key], known[probe.key])


def test_a_locale_is_told_by_the_categories_that_differ() -> None:
    probe = process.Locale()
    assert probe.describe(probe.key, "C", "tr_TR.UTF-8") == 'the locale was "C" and is "tr_TR.UTF-8"'
    assert probe.describe(probe.key, "C", "LC_CTYPE=C;LC_TIME=tr_TR.UTF-8") == 'LC_TIME was "C" and is "tr_TR.UTF-8"'


def test_a_locale_that_is_gone_cannot_be_put_back() -> None:
    probe = process.Locale()
    known = probe.look()
    assert not probe.restore(probe.key, "qq_QQ.UTF-8", known[probe.key])
    assert not probe.changed(known)


def test_what_is_expected_of_decimals_stays_as_it_was() -> None:
    probe = Decimals()
    with decimal.localcontext(decimal.DefaultContext) as context:
        signs = [sign for _ in range(3) for sign in probe.signs(probe.look()) or ()]
        contexts = [decimal.Context(prec=5, traps=list(context.traps)) for _ in range(100)]
        assert len(signs) == 3
        assert all(sign.read() == sign.expected for sign in signs)
        context.traps[decimal.Inexact] = True
        assert all(sign.read() != sign.expected for sign in signs)
        assert contexts


def test_decimals_before_the_module_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = Decimals()
    with decimal.localcontext(decimal.DefaultContext) as context:
        start = probe.look()[probe.key]
        context.prec = 3
        now = probe.look()[probe.key]
    assert probe.same(probe.key, MISSING, start)
    assert not probe.same(probe.key, MISSING, now)
    assert probe.describe(probe.key, MISSING, now) == f"the decimal context's prec was {start[0]} and is 3"
    assert probe.describe(probe.key, MISSING, start).startswith("the decimal context is ")
    monkeypatch.delitem(sys.modules, "decimal")
    assert probe.same(probe.key, start, now)
    assert probe.look() == {}


def test_a_policy_of_pythons_own_is_none() -> None:
    class Theirs:
        pass

    probe, pythons = LoopPolicy(), type("Policy", (), {"__module__": "asyncio.unix_events"})()
    assert probe.same(probe.key, None, pythons)
    assert probe.same(probe.key, MISSING, None)
    assert not probe.same(probe.key, None, Theirs())


def test_a_variable_that_is_gone_already_is_put_back() -> None:
    probe = Environment()
    key = probe._encode("VLTAIR_NEVER_SET")
    assert probe.restore(key, MISSING, probe._encode("1"))
    assert key not in probe.look()


def test_filters_of_a_context_are_the_ones_in_force() -> None:
    probe, filters = WarningFilters(), [("ignore", None, Warning, None, 0)]
    probe._of_context = lambda: filters
    assert probe.lists() == (filters,)
    assert probe.lists()[0] is filters


def test_a_state_that_is_ignored_already_is_left_as_it_is(tmp_path: Any) -> None:
    (tmp_path / ".gates").mkdir()
    (tmp_path / ".gates" / ".gitignore").write_text("kept\n")
    folder = Keeping(str(tmp_path)).folder(own=True)
    assert folder.startswith(str(tmp_path / ".gates" / "left-behind"))
    assert (tmp_path / ".gates" / ".gitignore").read_text() == "kept\n"


def test_a_place_that_is_taken_is_not_moved_over(tmp_path: Any) -> None:
    (tmp_path / "target").write_text("moved")
    (tmp_path / "source").write_text("new")
    Keeping(str(tmp_path)).move_back(
        str(tmp_path / "source"), str(tmp_path / "target"), Before((tmp_path / "target").lstat())
    )
    assert (tmp_path / "source").read_text() == "new"
    assert (tmp_path / "target").read_text() == "moved"


def test_methods_of_classes_are_named_and_objects_are_not_asked() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError

        @classmethod
        def made(cls) -> None: ...

    assert state._named(vars(Odd)["made"]).startswith("classmethod ")
    assert state._named(vars(Odd)["made"]).endswith("Odd.made")
    assert state._named(Odd()).startswith("an object of ")


def test_what_changes_all_the_time_is_read_again_and_not_for_ever() -> None:
    class Changing:
        def __init__(self, times: int) -> None:
            self.left = times

        def __call__(self) -> str:
            self.left -= 1
            if self.left >= 0:
                raise RuntimeError("changed")
            return "read"

    assert own.steadily(Changing(own.ATTEMPTS)) == "read"
    with pytest.raises(RuntimeError, match="changed"):
        own.steadily(Changing(own.ATTEMPTS + 1))


def test_what_is_too_large_is_not_watched_nor_what_is_in_it() -> None:
    names = [("large", [[0]] * (LARGEST + 1)), ("small", [[1]]), ("_CACHE", [2])]
    assert [one.label for one in containers("shop.", names, set())] == ["shop.small", "shop.small[0]"]


def test_a_name_that_a_class_does_not_let_go_of_cannot_be_put_back() -> None:
    part = Namespace("shop.Cart", type("Cart", (), {"limit": 1}))
    assert part.put("limit", 2)
    assert not part.put("never", MISSING)


def test_a_tag_that_does_not_move_is_not_relied_on() -> None:
    assert not tags._holds(lambda _: SimpleNamespace(value=1))


def test_under_a_debugger_somebody_acts_between_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: Any = SimpleNamespace(get_hookimpls=list)
    guard = object()
    around = SimpleNamespace(get_hookimpls=lambda: [SimpleNamespace(plugin=guard, function=print)])
    hooks = dict.fromkeys(others.OUTSIDE, nobody) | dict.fromkeys(others.AROUND, around)
    session: Any = SimpleNamespace(config=SimpleNamespace(hook=SimpleNamespace(**hooks)))
    for name in others.DEBUGGERS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not others.act(session, (guard,))
    monkeypatch.setitem(sys.modules, "pydevd", ModuleType("pydevd"))
    assert others.act(session, (guard,))


def test_what_a_test_inserts_into_lists_is_told_apart_whatever_it_is() -> None:
    class Odd:
        __hash__ = None  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise RuntimeError

    odd = Odd()
    assert ordered._differ(odd, 1)
    assert not ordered._differ(1, 1)
    held = ("a", [odd])
    assert ordered._plain(held) is not held
    assert ordered._plain(held) == ordered._plain(held)
    assert ordered._plain("a") == "a"


def test_what_cannot_happen_is_never_seen() -> None:
    probe = kinds.made("random", object(), seeded=True)
    assert probe.kind == "random" == probe.describe("key", 1, 2)
    assert probe.look() == {}
    assert not probe.changed({})
    assert probe.same("key", 1, 2)
    assert probe.restore("key", 1, 2)
