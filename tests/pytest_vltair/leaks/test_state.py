"""State: a project's own globals, class attributes and containers are watched; what normal use changes is not."""

from __future__ import annotations

import ctypes
import sys

import pytest

from pytest_vltair.leaks import state
from support.leaving import accused

SHOP = """
import collections, functools
CURRENCY = "EUR"
LIMIT = 10
TIMEOUT = None
ITEMS = [1]
RATES = {"a": 1, "b": {"c": "x"}}
BY_NAME = collections.defaultdict(list, k=[1])
TAGS = {"x", "y"}
UNSET = object()
slot = UNSET
client = None
count = 0
started = 0.5
loaded = False
pair = ("a", [1])
class Cart:
    limit = "10"
    def total(self): return 1
    @classmethod
    def made(cls): return cls()
    class Line:
        price = "1"
class Basket(Cart): pass
@functools.lru_cache
def cached(x): return x
class Odd:
    def __eq__(self, other): raise RuntimeError("asked")
    __hash__ = None
ODD = Odd()
ODDS = [Odd()]
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.mkpydir("shop").joinpath("cart.py").write_text(SHOP)
    return pytester


def test_what_is_left_is_named_and_put_back(shop: pytest.Pytester) -> None:
    source = """
        import shop.cart as c
        def same():
            assert (c.CURRENCY, c.LIMIT, c.ITEMS, c.TAGS) == ("EUR", 10, [1], {"x", "y"})
            assert c.RATES == {"a": 1, "b": {"c": "x"}} and list(c.RATES) == ["a", "b"] and c.BY_NAME == {"k": [1]}
            assert c.Cart().total() == c.Basket().total() == 1 and c.Cart.Line.price == "1" and c.Cart.limit == "10"
            assert len(c.ODDS) == 1 and "open" not in vars(c) and not isinstance(c.ODD, int)
        def test_name(): c.CURRENCY = "USD"
        def test_1(): same()
        def test_constant_grows(): c.LIMIT = 11
        def test_2(): same()
        def test_list(): c.ITEMS.append(2)
        def test_3(): same()
        def test_dict(): c.RATES["b"]["c"] = "y"; del c.RATES["a"]
        def test_4(): same()
        def test_set(): c.TAGS.discard("x"); c.TAGS.add("z"); c.TAGS.remove("z")
        def test_5(): same()
        def test_gone(): del c.Cart.total
        def test_6(): same()
        def test_method(): c.Cart.__init__ = c.Cart.total = lambda self: None
        def test_7(): same()
        def test_inherited(): c.Basket.total = lambda self: 2
        def test_8(): same()
        def test_inner(): c.Cart.Line.price = "2"
        def test_9(): same()
        def test_builtin(): c.open = len
        def test_10(): same()
        def test_module(): c.collections = None
        def test_odd(): c.ODD = 1; c.ODDS.append(c.Odd())
        def test_11(): same()
        def test_default(): c.BY_NAME["k"] = []
        def test_12(): same()
    """
    found = accused(shop, "state", source)
    assert found["test_name"] == ['shop.cart.CURRENCY was "EUR" and is "USD"']
    assert found["test_constant_grows"] == ["shop.cart.LIMIT was 10 and is 11"]
    assert found["test_list"] == ["shop.cart.ITEMS was [1] and is [1, 2]"]
    assert found["test_dict"] == [
        'shop.cart.RATES["a"] was 1 and is gone',
        'shop.cart.RATES[\'b\']["c"] was "x" and is "y"',
    ]
    assert found["test_set"] == ['shop.cart.TAGS lost "x"']
    assert found["test_gone"] == ["shop.cart.Cart.total was shop.cart.Cart.total and is gone"]
    assert len(found["test_method"]) == 2
    assert found["test_inherited"][0].startswith("shop.cart.Basket.total was shop.cart.Cart.total and is test_leaving.")
    assert found["test_inner"] == ['shop.cart.Cart.Line.price was "1" and is "2"']
    assert found["test_builtin"] == ["shop.cart.open was <built-in function open> and is <built-in function len>"]
    assert len(found["test_module"]) == 1
    assert found["test_odd"][0] == "shop.cart.ODD was an object of shop.cart.Odd and is 1"
    assert len(found["test_odd"]) == 2
    assert found["test_default"] == ['shop.cart.BY_NAME["k"] was [1] and is []']
    assert len(found) == 13
    assert not [what for whats in found.values() for what in whats if what.endswith("!")]


def test_normal_use_is_innocent(shop: pytest.Pytester) -> None:
    shop.path.joinpath("shop", "late.py").write_text("value = 'a'\n")
    source = """
        import pytest, shop.cart as c
        MINE = 1
        def test_grown():
            c.count += 1; c.started += 2; c.loaded = True; c.client = object(); c.slot = 3; c.TIMEOUT = 5
        def test_reset(): c.client = None; c.count = 0; c.TIMEOUT = None
        def test_added():
            c.new = 1; c.Cart.new = 2; c.RATES["n"] = 3; c.TAGS.add("n"); c.BY_NAME["m"]; c.cached(1)
        def test_removed(): c.RATES.pop("n"); c.TAGS.discard("n"); c.new = 2; del c.Cart.new
        def test_equal(): c.CURRENCY = "".join("EUR"); c.pair = ("a", [1]); c.RATES["b"] = {"c": "x"}; c.ITEMS[:] = [1]
        def test_submodule(): import shop.late
        def test_late():
            import shop.late as late
            late.value = late.value
        def test_patched(monkeypatch):
            monkeypatch.setattr(c, "CURRENCY", "USD"); monkeypatch.setattr(c.Basket, "total", len)
            monkeypatch.setitem(c.RATES, "a", 2); monkeypatch.delattr(c.Cart, "total")
        def test_put_back_by_hand():
            made, c.Cart.made = c.Cart.made, None
            c.Cart.made = made
        def test_own_globals():
            global MINE
            MINE = 2
        def test_reimport():
            import sys, importlib
            old = sys.modules.pop("shop.late"); c_late = __import__("shop.late").late
            sys.modules["shop.late"] = old
    """
    assert accused(shop, "state", source) == {}


def test_fixtures_of_wider_scope(shop: pytest.Pytester) -> None:
    source = """
        import pytest, shop.cart as c
        @pytest.fixture(scope="module")
        def dollars():
            c.CURRENCY = "USD"; c.RATES["a"] = "x"
            yield
            c.CURRENCY = "EUR"; c.RATES["a"] = 1
        @pytest.fixture(scope="module")
        def careless(): c.LIMIT = 5
        def test_uses(dollars): c.RATES["n"] = 1
        def test_changes(dollars): c.CURRENCY = "GBP"
        def test_undoes(dollars):
            assert c.CURRENCY == "USD"
            c.CURRENCY = "EUR"; c.RATES["a"] = 1
        def test_last(dollars, careless): assert (c.CURRENCY, c.RATES["a"]) == ("USD", "x")
    """
    assert accused(shop, "state", source) == {
        "test_changes": ['shop.cart.CURRENCY was "USD" and is "GBP"'],
        "test_undoes": ['shop.cart.CURRENCY was "USD" and is "EUR"', 'shop.cart.RATES["a"] was "x" and is 1'],
        "module fixture careless, ended after test_leaving.py::test_last,": ["shop.cart.LIMIT was 10 and is 5"],
    }


def test_a_module_that_is_loaded_anew(shop: pytest.Pytester) -> None:
    source = """
        import importlib, shop.cart as c
        Cart = c.Cart
        def test_anew(): importlib.reload(c)
        def test_next(): assert c.Cart is Cart
    """
    assert accused(shop, "state", source) == {"test_anew": ["module shop.cart was loaded anew"]}


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_addresses_tell_identity_and_not_equality(count: int) -> None:
    class Equal:
        def __eq__(self, other: object) -> bool:
            raise AssertionError

        def __hash__(self) -> int:
            raise AssertionError

    objects: list[object] = [Equal() for _ in range(count)]
    for read in (state.addresses(), state.one_by_one):
        assert read([None, *objects]) == read([None, *objects])
        assert read([None, *objects, Equal()]) != read([None, *objects])
        if count:
            assert read([None, *objects[1:], Equal()]) != read([None, *objects])


def test_addresses_one_by_one_where_lists_are_laid_out_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state.addresses() is not state.one_by_one
    with monkeypatch.context() as patch:
        patch.setattr(ctypes, "string_at", lambda *_: b"")
        assert state.addresses() is state.one_by_one
    with monkeypatch.context() as patch:
        patch.setattr(state, "KNOWN_LAYOUT", (3, 0))
        assert state.addresses() is state.one_by_one
    monkeypatch.setitem(sys.modules, "ctypes", None)
    assert state.addresses() is state.one_by_one


def test_a_table_that_grows_beyond_bounds_is_left_alone(shop: pytest.Pytester) -> None:
    source = """
        import shop.cart as c
        def test_grows(): c.RATES.update((str(n), n) for n in range(9000))
        def test_changes(): c.RATES["a"] = "other"
    """
    assert accused(shop, "state", source) == {}
