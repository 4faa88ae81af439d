"""What the tests of real projects do: nobody is accused of it; and what is near to it and a leak all the same."""

from __future__ import annotations

import sys

import pytest

from support.leaving import accused
from support.recordings import PLAIN


def test_packages_put_themselves_on_the_path(pytester: pytest.Pytester) -> None:
    """humanize: pytest sets up each package of tests by importing it, which moves its folder to the front."""
    for name in ("a", "b"):
        package = pytester.path / name / f"tests_{name}"
        package.mkdir(parents=True)
        package.joinpath("__init__.py").write_text("")
        package.joinpath(f"test_{name}.py").write_text("def test_it(): pass\n")
    assert not left(pytester, "import-path")


def test_the_set_up_of_a_package_is_accused_when_it_ends(pytester: pytest.Pytester) -> None:
    for name, ending in (("one", "del os.environ['P']"), ("two", "pass")):
        package = pytester.mkpydir(name)
        text = f"import os\ndef setup_module(): os.environ['P'] = '1'\ndef teardown_module(): {ending}\n"
        package.joinpath("__init__.py").write_text(text)
        package.joinpath(f"test_{name}.py").write_text(
            "import os\ndef test_1(): assert os.environ['P']\ndef test_2(): pass"
        )
    (said,) = left(pytester, "environment")
    assert said.startswith(("set-up of two, ", "set-up of two/__init__.py, "))  # before pytest 8
    assert said.endswith(
        ' ended after two/test_two.py::test_2, left behind: environment: P was absent and is "1" (put back)'
    )


def test_a_module_that_is_held_weakly_goes_when_it_likes(pytester: pytest.Pytester) -> None:
    """jinja2: a proxy in `sys.modules` that its owner removes when it is collected, in whatever test that is."""
    found = accused(
        pytester,
        "modules",
        """
        import gc, sys, types, weakref
        class Odd(types.ModuleType):
            def __eq__(self, other): raise RuntimeError("asked")
            __hash__ = object.__hash__
        kept = [types.ModuleType("m"), types.ModuleType("n")]
        def test_made():
            for one in kept:
                proxy = weakref.proxy(one, lambda _, name="weak_" + one.__name__: sys.modules.pop(name, None))
                sys.modules["weak_" + one.__name__] = proxy
        def test_between(): pass
        def test_first_goes(): kept.pop(0)
        def test_second_goes():
            weak = sys.modules["weak_n"]
            kept.clear()
            sys.modules["weak_n"] = weak
        def test_dead_is_no_trouble(): sys.modules["json"] = Odd("json")
        def test_after(): import json; assert json.loads("1") == 1
        """,
    )
    assert list(found) == ["test_dead_is_no_trouble"]


SHOP = """
import re
from typing import Protocol
from collections import OrderedDict
_strong_cache = OrderedDict((n, object()) for n in range(8))
MEMO_LIST = [object()]
_CLASS_ZONE_INSTANCE = []
memory = {"a": "x", "b": "y"}
PATTERNS = {"word": "[a-z]+", "raw": b"x"}
ROLES = {"a": ("x", "y")}
COLOURS = {"a": "x"}
NAMES = ["a", "b"]
class Shape(Protocol):
    def area(self): ...
class Square(Shape):
    def area(self): return 1
class Machine:
    patterns = {"text": ""}
    nested_cache = []
"""


def test_caches_patterns_and_copies(pytester: pytest.Pytester) -> None:
    """dateutil: a cache that loses its oldest; docutils: patterns compiled when needed; uncertainties: copies."""
    pytester.makepyfile(shop=SHOP, other="from shop import COLOURS\n")
    found = accused(
        pytester,
        "state",
        """
        import re, shop, other
        def test_cache():
            for n in range(9, 12):
                shop._strong_cache[n] = object()
                shop._strong_cache.popitem(last=False)
            shop.MEMO_LIST.append(1)
            shop._CLASS_ZONE_INSTANCE.append(object())
            shop.Machine.nested_cache.append(object())
        def test_cache_emptied(): shop._strong_cache.clear(); shop.MEMO_LIST = []
        def test_compiled():
            shop.PATTERNS["word"] = re.compile(shop.PATTERNS["word"])
            shop.PATTERNS["raw"] = re.compile(shop.PATTERNS["raw"])
            shop.Machine.patterns["text"] = re.compile("")
        def test_first_of_a_protocol(): shop.Square()
        def test_copy_put_back():
            names, roles = shop.NAMES[:], dict(shop.ROLES)
            shop.NAMES.append("c"), shop.ROLES.update(a=())
            shop.NAMES, shop.ROLES = names, roles
        def test_other_pattern(): shop.PATTERNS["word"] = re.compile("[0-9]+")
        def test_copy_of_what_another_module_has():
            before = dict(shop.COLOURS)
            shop.COLOURS["a"] = "z"
            shop.COLOURS = before
        def test_other_copy():
            shop.memory = {"a": "x", "b": "z"}
        def test_not_a_cache(): shop.memory.clear()
        def test_after():
            assert shop.PATTERNS["word"] == "[a-z]+" or shop.PATTERNS["word"].pattern == "[a-z]+"
            assert other.COLOURS == shop.COLOURS == {"a": "x"}
            assert shop.memory == {"a": "x", "b": "y"}
        """,
    )
    assert list(found) == [
        "test_other_pattern", "test_copy_of_what_another_module_has", "test_other_copy", "test_not_a_cache"
    ]  # fmt: skip


def test_what_changes_while_it_is_looked_at(pytester: pytest.Pytester) -> None:
    """jinja2: what is collected takes itself out of a dict, and the look may well be what makes it be collected."""
    fickle = """
        from collections import OrderedDict
        class Fickle(OrderedDict):
            failures = 0
            def items(self):
                Fickle.failures += 1
                if Fickle.failures % 3: raise RuntimeError("dictionary changed size during iteration")
                return super().items()
    """
    pytester.makepyfile(fickle=fickle, shop="CURRENCY = 'EUR'\nALIVE = {}\n")
    found = accused(
        pytester,
        "state",
        """
        import fickle, shop, pytest_vltair.leaks.namespaces as namespaces
        namespaces.DICTS = namespaces.DICTS | {fickle.Fickle}
        shop.ALIVE = fickle.Fickle(a="x")
        def test_nothing(): pass
        def test_left(): shop.CURRENCY = "USD"; shop.ALIVE["a"] = "y"
        def test_after(): assert shop.CURRENCY == "EUR" and shop.ALIVE["a"] == "x"
        """,
    )
    assert list(found) == ["test_left"]
    assert len(found["test_left"]) == 2


def test_files_that_may_not_be_looked_at(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """anyio: a tool raises where a coroutine, or what is imported in it, looks at files; later it does not."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)  # what measures a run looks at files too
    pytester.makepyfile(shop="CURRENCY = 'EUR'\n")
    found = accused(
        pytester,
        "state",
        """
        import os
        def test_blocked(monkeypatch):
            def blocked(*args): raise RuntimeError("blocking")
            with monkeypatch.context() as patch:
                for name in ("abspath", "realpath", "islink", "basename"): patch.setattr(os.path, name, blocked)
                import colorsys, shop
        def test_between(): pass
        def test_changed(): import shop; shop.CURRENCY = "USD"
        def test_after(): import shop; assert shop.CURRENCY == "EUR"
        """,
    )
    assert list(found) == ["test_changed"]


def test_threads_that_trio_keeps(pytester: pytest.Pytester) -> None:
    """anyio: trio keeps a thread for ten seconds in case that somebody needs one."""
    package = pytester.mkpydir("trio").joinpath("_core")
    package.mkdir()
    package.joinpath("__init__.py").write_text("")
    package.joinpath("_thread_cache.py").write_text(
        "import threading\n"
        "class Worker:\n"
        "    def __init__(self, job):\n"
        "        self.job, self.lock = job, threading.Lock()\n"
        "        self.lock.acquire()\n"
        "        threading.Thread(target=self._work, daemon=True).start()\n"
        "    def _handle_job(self): self.job()\n"
        "    def _work(self):\n"
        "        self._handle_job()\n"
        "        self.lock.acquire()\n"
    )
    found = accused(
        pytester,
        "threads",
        """
        import threading
        from trio._core._thread_cache import Worker
        def test_kept(): Worker(lambda: None)
        def test_busy(): Worker(threading.Event().wait)
        """,
    )
    assert list(found) == ["test_busy"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pipes are told by their names in /proc")
def test_the_pipe_that_libuv_keeps(pytester: pytest.Pytester) -> None:
    """anyio: uvloop's first loop makes a pipe for the whole process; there is one."""
    pytester.makepyfile(uvloop="import os\nheld = []\ndef new_loop(): held.append(os.pipe())\n")
    found = accused(
        pytester,
        "descriptors",
        """
        import uvloop
        def test_first(): uvloop.new_loop()
        def test_second(): uvloop.new_loop()
        """,
    )
    assert {who: len(what) for who, what in found.items()} == {"test_second": 2}


def test_what_is_said_of_a_locale(pytester: pytest.Pytester) -> None:
    found = accused(
        pytester,
        "locale",
        """
        import locale
        def test_mixed():
            before = locale.setlocale(locale.LC_ALL)
            locale.setlocale(locale.LC_NUMERIC, "POSIX" if before == "C" else "C")
            locale.setlocale(locale.LC_TIME, "C.UTF-8")
        def test_after(): pass
        """,
        "--vltair-locale=C.UTF-8",
    )
    assert found == {"test_mixed": ['LC_NUMERIC was "C.UTF-8" and is "C"']}


def left(pytester: pytest.Pytester, kinds: str) -> list[str]:
    """What is said to be left behind by whatever tests there are; all of them pass."""
    result = pytester.runpytest_subprocess(
        *PLAIN, "-p", "no:cacheprovider", "--vltair-leaks=report", "-o", f"vltair_leaks_kinds={kinds}"
    )
    assert set(result.parseoutcomes()) == {"passed"}, result.outlines
    return [line for line in result.outlines if "left behind" in line]
