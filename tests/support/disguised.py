"""Disguised: every kind of leak in ten disguises, each followed by a test that must see nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_vltair.leaks.kinds import PROBES

SHOP = """
NAME = "shop"
RATES = {"a": "x"}
class Cart:
    opts = ["x"]
    class Meta: order = "asc"
class Base:
    registry = {"a": "A"}
    def __init_subclass__(cls): cls.registry["a"] = cls.__name__
def total(): return 1
"""

HELPER = r"""
import asyncio, decimal, locale, logging, os, signal, socket, subprocess, sys, threading, time, types, warnings
def leak_environment(n): os.environ["LEAK"] = n
def leak_directory(n): os.chdir("/")
def leak_umask(n): os.umask(0o077 if n != "3" else 0o007)
def leak_timezone(n):
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Tokyo"; time.tzset()
    if before is None: del os.environ["TZ"]
    else: os.environ["TZ"] = before
def leak_locale(n): locale.setlocale(locale.LC_NUMERIC, "C")
def leak_import_path(n):
    if n == "1": sys.path.append("/leak")
    elif n == "2": sys.path.insert(0, sys.path.pop())
    else: sys.path_hooks.append(lambda p: (_ for _ in ()).throw(ImportError))
def leak_modules(n):
    if n == "1": sys.modules["json"] = types.ModuleType("json")
    elif n == "2": sys.modules.pop("json")
    else: sys.modules["not_there"] = None
def leak_warnings(n): warnings.simplefilter("error", type("W%s" % n, (UserWarning,), {}))
def leak_signals(n): signal.signal(signal.SIGUSR1 if n != "2" else signal.SIGTERM, lambda *a: None)
def leak_logging(n):
    if n == "1": logging.getLogger("a.b").addHandler(logging.StreamHandler())
    elif n == "2": logging.disable(logging.ERROR)
    else: logging.getLogger().setLevel(5); logging.getLogger("zz").disabled = True
def leak_decimal(n):
    if n == "1": decimal.getcontext().prec = 3
    elif n == "2": decimal.setcontext(decimal.Context(rounding=decimal.ROUND_UP))
    else: decimal.getcontext().traps[decimal.Inexact] = True
def leak_socket_timeout(n): socket.setdefaulttimeout(3)
def leak_loop_policy(n):
    class P(asyncio.DefaultEventLoopPolicy): pass
    asyncio.set_event_loop_policy(P())
def leak_threads(n): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
sys.kept = []
def leak_children(n): sys.kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))
def leak_descriptors(n):
    if n == "1": sys.kept.append(open(__file__))
    elif n == "2": sys.kept.append(socket.socket())
    else: os.open(__file__, os.O_RDONLY)
def leak_state(n):
    import shop
    if n == "1": shop.NAME = "other"; shop.RATES["a"] = "y"
    elif n == "2": shop.Cart.Meta.order = "desc"; shop.Cart.opts.append("y")
    else:
        shop.total = lambda: 2
        type("Sub", (shop.Base,), {})
def leak_files(n):
    with open(os.path.join(os.path.dirname(__file__), "made%s.txt" % n), "w") as f: f.write("x")
    if n == "3": os.chmod(os.path.join(os.path.dirname(__file__), "shop", "__init__.py"), 0o600)
def leak(kind, n): globals()["leak_" + kind.replace("-", "_")](n)
"""
"""A library that leaks each kind in three ways."""

STATE = """
import asyncio, contextlib, decimal, json, locale, logging, os, pytest, shop, signal, socket, sys, threading, time
import unittest, warnings
import helper
def state():
    seen = {
        "environment": dict(os.environ), "directory": os.getcwd(), "timezone": time.tzname,
        "locale": locale.setlocale(locale.LC_ALL), "path": list(sys.path), "hooks": len(sys.path_hooks),
        "modules": (sys.modules.get("json"), "not_there" in sys.modules), "warnings": list(warnings.filters),
        "signals": [signal.getsignal(one) for one in (signal.SIGUSR1, signal.SIGTERM)],
        "logging": (logging.getLogger("a.b").handlers[:], logging.root.manager.disable, logging.getLogger().level),
        "disabled": logging.getLogger("zz").disabled, "decimal": repr(decimal.getcontext().__reduce__()[1][:6]),
        "traps": dict(decimal.getcontext().traps), "timeout": socket.getdefaulttimeout(),
        "policy": type(asyncio.get_event_loop_policy()).__name__, "shop": (shop.NAME, dict(shop.RATES), shop.total),
        "class": (shop.Cart.Meta.order, list(shop.Cart.opts), dict(shop.Base.registry)),
        "files": [one for one in os.listdir(os.path.dirname(__file__)) if one.startswith("made")],
        "mode": os.stat(shop.__file__).st_mode, "descriptors": len(os.listdir("/proc/self/fd")),
        "umask": os.umask(0o22),
    }
    os.umask(seen["umask"])
    seen["environment"].pop("PYTEST_CURRENT_TEST", None)
    return seen
STATE = []
def check():
    now = state()
    if not STATE: STATE.append(now); return
    assert {k: (v, now[k]) for k, v in STATE[0].items() if v != now[k]} == {}
def test_first():
    check()
    check()
"""

FORMS = {
    "teardown": """
@pytest.fixture
def fx_KIND(): yield; helper.leak(WHAT)
def test_KIND_teardown(fx_KIND): pass
""",
    "thread": """
def test_KIND_thread():
    t = threading.Thread(target=helper.leak, args=(WHAT,)); t.start(); t.join()
""",
    "setupclass": """
class Test_KIND_setupclass(unittest.TestCase):
    @classmethod
    def setUpClass(cls): helper.leak(WHAT)
    def test_it(self): pass
""",
    "async": """
class Test_KIND_async(unittest.IsolatedAsyncioTestCase):
    async def test_it(self): helper.leak(WHAT)
""",
    "subtest": """
class Test_KIND_subtest(unittest.TestCase):
    def test_it(self):
        with self.subTest("x"): helper.leak(WHAT)
""",
    "doctest": """
def doc_KIND_doctest():
    '''
    >>> import helper; helper.leak(WHAT)
    '''
""",
    "context": """
def test_KIND_context():
    import contextlib
    with contextlib.suppress(ZeroDivisionError): helper.leak(WHAT); 1 / 0
""",
    "skip": """
def test_KIND_skip(): helper.leak(WHAT); pytest.skip("later")
""",
    "cleanup": """
class Test_KIND_cleanup(unittest.TestCase):
    def test_it(self): self.addCleanup(helper.leak, WHAT)
""",
    "fixture": """
@pytest.fixture(scope="class")
def wide_KIND_fixture(): helper.leak(WHAT); yield
class Test_KIND_fixture:
    def test_it(self, wide_KIND_fixture): pass
""",
}
"""How a test comes to leak: KIND is for a name, `WHAT` for the arguments."""

NOT_OF_THE_PROCESS = {("signals", "thread"), ("decimal", "thread"), ("decimal", "async")}
"""Only the main thread sets handlers; contexts of decimal are those of a thread or a task."""


def cases() -> Iterator[tuple[str, str]]:
    """Kinds, and the forms in which they leak; draws of random numbers repeat, and are none."""
    for kind in PROBES:
        for form in FORMS:
            if kind != "random" and (kind, form) not in NOT_OF_THE_PROCESS:
                yield kind, form


def make(pytester: pytest.Pytester) -> None:
    """Write the suite, with a test after each that leaks."""
    parts = [STATE]
    for number, (kind, form) in enumerate(cases()):
        name = kind.replace("-", "_")
        parts.append(FORMS[form].replace("KIND", name).replace("WHAT", f"{name!r}, {str(number % 3 + 1)!r}"))
        parts.append(f"def test_after_{name}_{form}(): check()")
    pytester.mkpydir("shop").joinpath("__init__.py").write_text(SHOP)
    pytester.makepyfile(helper=HELPER, test_disguised="\n".join(parts))
