"""Every cheap kind: a test that leaks it is named, and the next test sees things as they were."""

from __future__ import annotations

import re

import pytest

from support.recordings import PLAIN

LEAKS = {
    "environment": [
        ("os.environ['LEAK'] = '1'", "'LEAK' not in os.environ", 'LEAK was absent and is "1" (put back)'),
        ("del os.environ['KEPT']", "os.environ['KEPT'] == 'a'", 'KEPT was "a" and is gone (put back)'),
        ("os.environ['KEPT'] = 'b' * 300", "os.environ['KEPT'] == 'a'", 'KEPT was "a" and is "bb*...bb*" (put back)'),
        ("os.environ['A_TOKEN'] = 'hush'", "'A_TOKEN' not in os.environ", "A_TOKEN was set (its value is not shown)*"),
        ("os.environ['B_KEY'] = 'hush'", "True", "B_KEY was set (its value is not shown) (put back)"),
        ("os.environ['ODD'] = '\\udcff\\n'", "'ODD' not in os.environ", "ODD was absent and is *"),
    ],
    "directory": [("os.chdir('/')", "os.getcwd() != '/'", 'the current directory was "*" and is "/" (put back)')],
    "umask": [("os.umask(0o077)", "os.umask(0o022) == 0o022", "the umask was 022 and is 077 (put back)")],
    "timezone": [
        (
            "os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()",
            "time.timezone == 0",
            '*was "UTC/UTC" and is "JST/JST" (put back)',
        ),
        (
            "patch = pytest.MonkeyPatch(); patch.setenv('TZ', 'Asia/Tokyo'); time.tzset(); patch.undo()",
            "time.timezone == 0",
            '*"JST/JST" (put back)',
        ),
    ],
    "locale": [
        ("locale.setlocale(locale.LC_ALL, 'POSIX')", "locale.setlocale(locale.LC_ALL) == LOCALE", "* (put back)")
    ],
    "signals": [
        (
            "signal.signal(signal.SIGUSR1, nothing)",
            "signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL",
            "the handler of SIGUSR1 was SIG_DFL and is <function nothing at *> (put back)",
        )
    ],
    "import-path": [
        ("sys.path.insert(0, '/nowhere')", "'/nowhere' not in sys.path", 'sys.path gained "/nowhere" (put back)'),
        ("sys.path.remove(LAST)", "sys.path[-1] == LAST", 'sys.path lost "*" (put back)'),
        ("sys.path.reverse()", "sys.path == PATH", "sys.path is in another order (put back)"),
        ("sys.path = []", "sys.path == PATH", "sys.path lost * (put back)"),
        ("sys.meta_path.append([])", "[] not in sys.meta_path", "sys.meta_path gained [] (put back)"),
    ],
    "modules": [
        (
            "sys.modules['json'] = object()",
            "sys.modules['json'] is json",
            "json was replaced in sys.modules by object*",
        ),
        ("del sys.modules['json']", "sys.modules['json'] is json", "json was removed from sys.modules (put back)"),
        (
            "del sys.modules['json.decoder']; import json.decoder as other",
            "json.decoder is sys.modules['json.decoder'] is DECODER",
            "json.decoder was imported again: *(put back)",
        ),
        (
            "sys.modules['no_such'] = None",
            "'no_such' not in sys.modules",
            "no_such was absent and is None in sys.modules*",
        ),
    ],
    "warnings": [
        ("warnings.simplefilter('ignore')", "IGNORE not in warnings.filters", "warnings.filters gained ('ignore', *"),
        ("warnings.resetwarnings()", "warnings.filters", "warnings.filters lost *"),
    ],
    "logging": [
        (
            "logging.getLogger('app').setLevel(10)",
            "logging.getLogger('app').level == 0",
            '*was "NOTSET" and is "DEBUG"*',
        ),
        (
            "logging.getLogger('app').propagate = False",
            "logging.getLogger('app').propagate",
            "propagate of logger app *",
        ),
        (
            "logging.getLogger('new').disabled = True",
            "not logging.getLogger('new').disabled",
            "disabled of logger new *",
        ),
        ("logging.root.addHandler(HANDLER)", "HANDLER not in logging.root.handlers", "logger root gained a handler: *"),
        (
            "logging.getLogger('kept').removeHandler(KEPT)",
            "logging.getLogger('kept').handlers == [KEPT]",
            "*lost a handler*",
        ),
        ("logging.getLogger('app').addFilter(nothing)", "not logging.getLogger('app').filters", "*gained a filter: *"),
        ("logging.disable(50)", "logging.root.manager.disable == 0", 'logging.disable was "NOTSET" and is "CRITICAL"*'),
    ],
    "decimal": [
        (
            "decimal.getcontext().prec = 5",
            "decimal.getcontext().prec == 28",
            "the decimal context's prec was 28 and is 5 *",
        ),
        (
            "decimal.getcontext().traps[decimal.Inexact] = True",
            "not decimal.getcontext().traps[decimal.Inexact]",
            "the decimal context's traps was *",
        ),
        (
            "decimal.setcontext(decimal.BasicContext.copy())",
            "decimal.getcontext().prec == 28",
            "*prec was 28 and is 9*",
        ),
    ],
    "socket-timeout": [
        ("socket.setdefaulttimeout(3)", "socket.getdefaulttimeout() is None", "* was None and is 3.0 (put back)")
    ],
    "loop-policy": [
        ("asyncio.set_event_loop_policy(Policy())", "asyncio.events._event_loop_policy is None", "*Policy*")
    ],
    "random": [
        ("random.random()", "random.getstate() == STATE", "numbers were drawn from the global generator *"),
        ("random.seed(1); random.setstate(STATE)", "True", ""),
        ("seed(1); random.random()", "random.setstate(STATE) is None", ""),
        ("random.gauss(0, 1)", "random.getstate() == STATE", "numbers were drawn from the global generator *"),
        (
            "list(map(lambda _: random.getrandbits(32), range(624)))",
            "random.getstate() == STATE",
            "numbers were drawn *",
        ),
    ],
}

HEAD = """
import asyncio, decimal, json, locale, logging, os, random, signal, socket, sys, time, warnings
import pytest
from random import seed
def nothing(*args): return True
class Policy(asyncio.DefaultEventLoopPolicy): pass
os.environ["KEPT"] = "a"
HANDLER, KEPT = logging.StreamHandler(), logging.StreamHandler()
logging.getLogger("kept").addHandler(KEPT)
IGNORE = ("ignore", None, Warning, None, 0)
LOCALE, STATE, PATH, LAST = locale.setlocale(locale.LC_ALL), random.getstate(), sys.path[:], sys.path[-1]
DECODER = json.decoder
os.umask(0o022)
"""


def suite() -> tuple[str, list[tuple[str, str]]]:
    """The text of a suite in which each second test leaks, and the name of each test with what is said of it."""
    parts, said = [HEAD], []
    for kind, leaks in LEAKS.items():
        for number, (leak, check, what) in enumerate(leaks):
            name = f"test_{kind.replace('-', '_')}_{number}"
            parts.append(f"def {name}():\n    {leak}\ndef {name}_after():\n    assert {check}\n")
            if what:
                said.append((name, f"{kind}: {what}"))
    return "\n".join(parts), said


def matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


@pytest.mark.parametrize(
    "options", [(), ("-p", "no:warnings"), ("-p", "no:logging")], ids=lambda one: one[-1] if one else ""
)
def test_each_leak_is_named_and_put_back(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    text, said = suite()
    pytester.makepyfile(test_leaks=text)
    kinds = " ".join(LEAKS)
    result = pytester.runpytest_subprocess(
        *PLAIN, "-pno:cacheprovider", "--vltair-leaks=report", "-o", f"vltair_leaks_kinds={kinds}", *options
    )
    assert result.ret == 0, result.outlines
    lines = [line.partition("::")[2] for line in result.outlines if " left behind: " in line]
    for name, what in said:
        assert any(matches(f"{name} left behind: {what}", line) for line in lines), (name, what, lines)
    accused = {line.partition(" ")[0] for line in lines}
    assert accused == {name for name, _ in said}
    assert not [line for line in lines if "could not" in line or "hush" in line]


def test_drawing_is_innocent_where_tests_have_a_seed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import random\ndef test_a(): random.random()\n")
    options = (*PLAIN, "--vltair-leaks=error", "-o", "vltair_leaks_kinds=random")
    assert pytester.runpytest_subprocess(*options).ret == 1
    assert pytester.runpytest_subprocess(*options, "--vltair-seed=1").ret == 0


def test_what_cannot_be_put_back_is_said_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, tempfile
        START = tempfile.mkdtemp()
        os.chdir(START)
        def test_a():
            os.rmdir(START)
            os.chdir("/")
        def test_b(): pass
        """
    )
    options = ("--vltair-leaks=report", "-o", "vltair_leaks_kinds=directory")
    result = pytester.runpytest_subprocess(*PLAIN, *options)
    result.stdout.fnmatch_lines(
        ["*::test_a left behind: directory: * (could not be put back)", "1 leak of 1 test; 1 could*"]
    )
