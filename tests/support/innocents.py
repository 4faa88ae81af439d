"""A suite of innocent tests: each changes something and puts it back, or changes what nobody is accused of."""

from __future__ import annotations

import pytest

COPIES = 4

CONFTEST = """
import logging, os, sys
import pytest

@pytest.fixture(scope="session")
def configured_logging():
    before = logging.getLogger().handlers[:]
    logging.basicConfig(level=logging.INFO, force=False)
    yield
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in root.handlers[:]:
        if handler not in before:
            root.removeHandler(handler)

@pytest.fixture(scope="session")
def session_variable():
    os.environ["SESSION"] = "1"
    yield
    del os.environ["SESSION"]

@pytest.fixture(scope="session")
def session_patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch

@pytest.fixture(scope="session")
def patched_by_another(session_patch):
    session_patch.setenv("PATCHED", "1")
    session_patch.syspath_prepend("/nowhere/session")
"""

LAZY = """
import logging, os, sys, warnings, decimal
os.environ["LAZY_{name}"] = "1"
sys.path.append("/nowhere/{name}")
warnings.filterwarnings("ignore", message="{name}")
logging.getLogger("{name}").addHandler(logging.NullHandler())
logging.getLogger("{name}").addHandler(logging.StreamHandler())
logging.getLogger("{name}").setLevel(logging.ERROR)
sys.modules["{name}_alias"] = None
CACHE = {{}}
INSTANCE = None
class Singleton:
    made = None
    @classmethod
    def get(cls):
        cls.made = cls.made or cls()
        return cls.made
"""

SUITE = """
import asyncio, contextlib, decimal, functools, importlib, io, locale, logging, os, pathlib, random, signal, socket
import subprocess, sys, tempfile, threading, time, types, unittest, unittest.mock, warnings
import pytest

@functools.lru_cache
def cached(number): return number * 2

REGISTRY = {}

@pytest.fixture
def variable():
    os.environ["FUNCTION"] = "1"
    yield
    del os.environ["FUNCTION"]

@pytest.fixture(scope="module")
def module_variable():
    os.environ["MODULE"] = "1"
    yield
    del os.environ["MODULE"]

@pytest.fixture(scope="module")
def dynamic_variable():
    os.environ["DYNAMIC"] = "1"
    yield
    os.environ.pop("DYNAMIC", None)

@pytest.fixture(scope="module", params=["one", "two"])
def parametrized(request):
    os.environ["PARAM"] = request.param
    yield request.param
    del os.environ["PARAM"]

@pytest.fixture(scope="module")
def module_umask():
    before = os.umask(0o027)
    yield
    os.umask(before)

@pytest.fixture(scope="module")
def module_directory(tmp_path_factory):
    with contextlib.chdir(tmp_path_factory.mktemp("here")):
        yield

@pytest.fixture(scope="class")
def class_zone():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        yield
    time.tzset()

def test_nothing(): pass
def test_setenv(monkeypatch): monkeypatch.setenv("A", "1")
def test_delenv(monkeypatch): monkeypatch.delenv("PATH")
def test_setenv_by_hand():
    os.environ["A"] = "1"
    del os.environ["A"]
def test_same_value(): os.environ["PATH"] = os.environ["PATH"]
def test_patch_dict():
    with unittest.mock.patch.dict(os.environ, {"A": "1"}, clear=True): pass
def test_patch_modules():
    with unittest.mock.patch.dict(sys.modules, {"json": None, "new": types.ModuleType("new")}): pass
def test_chdir(monkeypatch, tmp_path): monkeypatch.chdir(tmp_path)
def test_contextlib_chdir(tmp_path):
    with contextlib.chdir(tmp_path): pass
def test_syspath(monkeypatch, tmp_path): monkeypatch.syspath_prepend(tmp_path)
def test_setattr(monkeypatch): monkeypatch.setattr(os, "getcwd", lambda: "/patched")
def test_patched_time(monkeypatch): monkeypatch.setattr(time, "time", lambda: 0.0)
def test_patched_random(monkeypatch): monkeypatch.setattr(random, "random", lambda: 0.5)
def test_patched_getpid(monkeypatch): monkeypatch.setattr(os, "getpid", lambda: 1)
def test_patched_environ(monkeypatch): monkeypatch.setattr(os, "environ", {})
def test_patched_handlers(monkeypatch): monkeypatch.setattr(logging.getLogger("x"), "handlers", [])
def test_session_variable(session_variable): assert os.environ["SESSION"]
def test_module_variable(module_variable): assert os.environ["MODULE"]
def test_function_variable(variable): assert os.environ["FUNCTION"]
def test_patched_by_another(patched_by_another): assert os.environ["PATCHED"]
def test_parametrized(parametrized): assert os.environ["PARAM"] == parametrized
def test_module_umask(module_umask): pass
def test_module_directory(module_directory): pass
def test_dynamic(request, monkeypatch):
    monkeypatch.setenv("DYNAMIC", "mine")
    monkeypatch.syspath_prepend("/nowhere/dynamic")
    request.getfixturevalue("dynamic_variable")
def test_lazy_import():
    import lazy_NAME
    assert os.environ["LAZY_lazy_NAME"]
def test_lazy_singleton():
    import lazy_NAME
    lazy_NAME.Singleton.get()
    lazy_NAME.CACHE["a"] = 1
    lazy_NAME.INSTANCE = object()
def test_lazy_within_patches(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("LAZY_second_NAME", "before")
    import second_NAME
def test_lazy_by_importlib(monkeypatch, tmp_path):
    tmp_path.joinpath("third_NAME.py").write_text("import os, decimal\\nos.environ['THIRD_NAME'] = '1'\\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    importlib.import_module("third_NAME")
def test_failing_import(monkeypatch, tmp_path):
    tmp_path.joinpath("bad_NAME.py").write_text("import os\\nos.environ['BAD_NAME'] = '1'\\n1 / 0\\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    with pytest.raises(ZeroDivisionError): import bad_NAME
def test_missing_import():
    with pytest.raises(ModuleNotFoundError): import no_such_NAME
def test_reimport(monkeypatch):
    import colorsys
    monkeypatch.delitem(sys.modules, "colorsys")
    import colorsys
def test_reload():
    import colorsys
    importlib.reload(colorsys)
def test_cache(): cached(NUMBER)
def test_module_cache(): REGISTRY.setdefault("NAME", object())
def test_caplog(caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "some.logger")
    logging.getLogger("some.logger").debug("said")
def test_caplog_at_level(caplog):
    with caplog.at_level(logging.DEBUG, "another"): pass
def test_configured_logging(configured_logging): logging.info("said")
def test_new_logger(): logging.getLogger("new.NAME").warning("said")
def test_null_handler(): logging.getLogger("null.NAME").addHandler(logging.NullHandler())
def test_handler_by_hand():
    handler = logging.StreamHandler(io.StringIO())
    logger = logging.getLogger("by.hand")
    logger.addHandler(handler)
    logger.removeHandler(handler)
def test_assert_logs():
    with unittest.TestCase().assertLogs("logs", "INFO"): logging.getLogger("logs").info("said")
def test_logging_disabled():
    logging.disable(logging.CRITICAL)
    logging.disable(logging.NOTSET)
def test_tmp_path(tmp_path): tmp_path.joinpath("file").write_text("text")
def test_capsys(capsys): print("said"); capsys.readouterr()
def test_capfd(capfd): os.write(1, b"said"); capfd.readouterr()
def test_catch_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("said", stacklevel=1)
def test_pytest_warns():
    with pytest.warns(UserWarning): warnings.warn("said", stacklevel=1)
def test_recwarn(recwarn): warnings.warn("said", stacklevel=1)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_filter_by_mark(): warnings.warn("said", DeprecationWarning, stacklevel=1)
def test_localcontext():
    with decimal.localcontext() as context:
        context.prec = 5
        decimal.Decimal(1) / 3
def test_decimal_flags(): decimal.Decimal(1) / 3
def test_asyncio_run():
    async def main(): await asyncio.sleep(0)
    asyncio.run(main())
def test_thread():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
def test_subprocess(): subprocess.run([sys.executable, "-S", "-c", ""], check=True)
def test_mock_patch():
    with unittest.mock.patch("os.getcwd"): os.getcwd()
def test_signal():
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, before)
def test_locale():
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "C")
    locale.setlocale(locale.LC_ALL, before)
def test_umask(): os.umask(os.umask(0o077))
def test_zone(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
    time.tzset()
def test_zone_in_thread():
    def there():
        before = os.environ.get("TZ")
        os.environ["TZ"] = "Asia/Tokyo"
        time.tzset()
        if before is None: del os.environ["TZ"]
        else: os.environ["TZ"] = before
        time.tzset()
    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
def test_default_timeout():
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(3)
    socket.setdefaulttimeout(before)
def test_policy(): asyncio.get_event_loop_policy()
def test_random_of_its_own(): random.Random(1).random()
def test_random_seeded(): random.seed(1); random.random(); random.gauss(0, 1)
def test_random_put_back():
    state = random.getstate()
    random.random()
    random.setstate(state)
def test_meta_path():
    finder = type("Finder", (), {"find_spec": staticmethod(lambda *_: None)})
    sys.meta_path.insert(0, finder)
    import wave
    sys.meta_path.remove(finder)
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail(strict=True)
def test_expected_failure(): assert False
def test_fork():
    child = os.fork()
    if not child: os._exit(0)
    os.waitpid(child, 0)
class TestClass:
    @classmethod
    def setup_class(cls): os.environ["CLASS"] = "1"
    @classmethod
    def teardown_class(cls): del os.environ["CLASS"]
    def setup_method(self): os.environ["METHOD"] = "1"
    def teardown_method(self): del os.environ["METHOD"]
    def test_one(self): pass
    def test_zone(self, class_zone): assert time.timezone == -20700
class TestUnittest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.before = os.getcwd()
        os.chdir(tempfile.gettempdir())
    @classmethod
    def tearDownClass(cls): os.chdir(cls.before)
    def setUp(self):
        os.environ["UNIT"] = "1"
        self.addCleanup(os.environ.pop, "UNIT")
    def test_one(self): self.assertIn("UNIT", os.environ)
    def test_sub(self):
        with self.subTest("one"): pass
class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def test_one(self): await asyncio.sleep(0)
"""


def make(pytester: pytest.Pytester) -> int:
    """The number of test functions written, at the least: copies of one suite, each with lazy modules of its own."""
    pytester.makeconftest(CONFTEST)
    for number in range(COPIES):
        name = f"copy{number}"
        text = SUITE.replace("NAME", name).replace("NUMBER", str(number))
        for lazy in (f"lazy_{name}", f"second_{name}"):
            pytester.path.joinpath(f"{lazy}.py").write_text(LAZY.format(name=lazy))
        pytester.path.joinpath(f"test_{name}.py").write_text(text)
    return SUITE.count("def test_") * COPIES
