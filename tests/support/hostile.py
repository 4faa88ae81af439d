"""Hostile: suites that treat the process badly, with what the guard has to say of each test."""

from __future__ import annotations

HEAD = """
import builtins, gc, logging, os, random, resource, shutil, signal, sys, threading, time, types, unittest.mock as mock
import pytest
"""

HARMLESS = (
    HEAD
    + """
def test_patched_by_mock():
    with mock.patch("random.random", return_value=1), mock.patch("time.time", side_effect=RuntimeError):
        assert random.random() == 1
    with mock.patch("time.monotonic", side_effect=RuntimeError), mock.patch("time.sleep", side_effect=RuntimeError):
        pass
def test_patched_by_monkeypatch(monkeypatch):
    for name in ("getstate", "setstate", "seed", "random", "Random"): monkeypatch.setattr(random, name, None)
    for name in ("time", "tzset", "sleep", "tzname", "monotonic"): monkeypatch.setattr(time, name, None)
    for name in ("getcwd", "chdir", "umask", "listdir", "kill"): monkeypatch.setattr(os, name, None)
    monkeypatch.setattr(threading, "enumerate", None)
    monkeypatch.setattr(builtins, "open", None)
    monkeypatch.setattr(logging, "root", None)
    monkeypatch.setattr(signal, "getsignal", None)
    monkeypatch.undo()
def test_generator_replaced(monkeypatch): monkeypatch.setattr(random, "_inst", mock.Mock())
def test_modules_replaced(monkeypatch):
    monkeypatch.setitem(sys.modules, "random", mock.Mock())
    monkeypatch.setitem(sys.modules, "time", types.ModuleType("time"))
    import time as stand_in
    assert not hasattr(stand_in, "time")
def test_builtins_patched(monkeypatch):
    monkeypatch.setattr(builtins, "map", None)
    monkeypatch.setattr(builtins, "id", None)
    monkeypatch.undo()
def test_environment_emptied(monkeypatch):
    for name in list(os.environ): monkeypatch.delenv(name)
def test_traced():
    before = sys.gettrace(), sys.getprofile()
    sys.settrace(lambda *_: None), sys.setprofile(lambda *_: None), threading.settrace(lambda *_: None)
    sys.settrace(before[0]), sys.setprofile(before[1]), threading.settrace(None)
def test_collected(): gc.disable(); gc.freeze(); gc.unfreeze(); gc.enable()
def test_recursion():
    def deeper(): deeper()
    with pytest.raises(RecursionError): deeper()
def test_recursion_limit():
    before = sys.getrecursionlimit()
    with pytest.raises(RecursionError): sys.setrecursionlimit(1)
    sys.setrecursionlimit(before + 50); sys.setrecursionlimit(before)
def test_own_folder_removed(tmp_path): shutil.rmtree(tmp_path)
def test_in_a_removed_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(tmp_path)
def test_no_descriptors():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    held = []
    with pytest.raises(OSError):
        while True: held.append(os.dup(0))
    for one in held: os.close(one)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
def test_forked():
    child = os.fork()
    if not child:
        os.environ["CHILD"] = "1"
        os._exit(0)
    os.waitpid(child, 0)
def test_pool():
    import multiprocessing
    pool = multiprocessing.get_context("fork").Pool(1)
    assert pool.map(abs, [-1]) == [1]
    pool.close(); pool.join()
@pytest.mark.xfail(raises=SystemExit, strict=True)
def test_exits(): sys.exit(3)
"""
)
"""Nobody is accused, and every test passes; those that patch much take it back before the guard's turn."""

SHOP = "G = 1\nL = [1]\nD = {'a': {}}\n"

HARMFUL = (
    HEAD
    + """
import shop
class Bad:
    def __eq__(self, other): raise RuntimeError("eq")
    def __hash__(self): raise RuntimeError("hash")
    def __repr__(self): raise RuntimeError("repr")
    def __bool__(self): raise RuntimeError("bool")
    def __getattr__(self, name): raise RuntimeError("attr")
    def __call__(self, *args): pass
    @property
    def __class__(self): raise RuntimeError("class")
def test_zone_in_a_thread():
    def there(): os.environ["TZ"] = "Asia/Tokyo"; time.tzset()
    thread = threading.Thread(target=there); thread.start(); thread.join()
def test_is_back_1(): assert time.tzname[0] != "JST"
def test_environment_emptied():
    for name in ("PATH", "HOME"): os.environ.pop(name, None)
def test_environment_replaced(): assert os.environ["PATH"]; os.environ["A\\nB\\x1b[31m"] = "x\\ny"
def test_directory_removed(tmp_path): os.chdir(tmp_path); shutil.rmtree(tmp_path)
def test_is_back_2(): os.getcwd()
def test_modules_cleared():
    kept = {name: sys.modules[name] for name in ("sys", "builtins")}
    for name in [name for name in sys.modules if name in {"json", "random", "email"}]: del sys.modules[name]
    sys.modules["random"] = mock.Mock()
def test_is_back_3(): import random; assert type(random.random()) is float
def test_global(): shop.G = Bad()
def test_containers(): shop.L.append(Bad()); shop.D["a"] = Bad()
def test_deep():
    nested = []
    for _ in range(100_000): nested = [nested]
    shop.L.append(nested)
def test_paths(): sys.path.append(Bad()); sys.meta_path.append(Bad()); sys.path.append(5)
def test_handler(): signal.signal(signal.SIGUSR1, Bad())
def test_module(): sys.modules["json"] = Bad()
def test_is_back_4(): import json; assert json.loads("1") == shop.G == 1 and shop.L == [1] and shop.D == {"a": {}}
def test_no_descriptors(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    sys.held = []
    with pytest.raises(OSError):
        while True: sys.held.append(open(tmp_path / str(len(sys.held)), "w"))
def test_is_back_5(): open(os.devnull).close()
"""
)
"""Each test that is here by another name than `is_back` leaves something, of the kinds below."""

LEFT = {
    "test_zone_in_a_thread": {"timezone", "environment"},
    "test_environment_emptied": {"environment"},
    "test_environment_replaced": {"environment"},
    "test_directory_removed": {"directory"},
    "test_modules_cleared": {"modules"},
    "test_global": {"state"},
    "test_containers": {"state"},
    "test_deep": {"state"},
    "test_paths": {"import-path"},
    "test_handler": {"signals"},
    "test_module": {"modules"},
    "test_no_descriptors": {"descriptors"},
}
