"""What sources can run, construct by construct: the figures are those of `coverage json` to the last line and branch.

A difference here means that a limit would be judged by other figures than those that the user sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.coverage.lines import decoded, numbers
from support import reckoned

SETTINGS = """\
[report]
exclude_also =
    if TYPE_CHECKING:
    raise NotImplementedError.*
    .*# dull$
    (?s:# dull: start.*?# dull: stop)
partial_also =
    [#] one way
"""

SOURCES: Mapping[str, bytes] = {
    "long_statements.py": b"""\
import functools

def run(given=(
    1,
    2,
)):
    found = [
        one
        for one in given
        if one
    ]
    if (
        found and
        len(found) > 5
    ):
        return functools.reduce(
            lambda a, b: a + b,
            found,
        )
    text = '''
    several
    lines'''
    return {
        'a': 1,
        **{
            'b': text,
        },
    }
""",
    "decorated.py": b"""\
import functools

def wrap(
    name,
):
    def inner(function):
        @functools.wraps(function)
        def called(*args):
            return function(*args)
        return called
    return inner

@wrap(
    'a',
)
@wrap('b')
class Thing:
    '''Documented.'''

    attribute = 1

    @property
    def value(self):
        '''Documented.

        Longer.
        '''
        return self.attribute

    @staticmethod
    def never(): return 1

def run():
    return wrap('a')(lambda: 1)()
""",
    "matched.py": b"""\
def which(value):
    match value:
        case 1 | 2:
            return 'few'
        case {'a': a} if a:
            return a
        case [first, *_]:
            return first
        case _:
            pass
    return None

def run():
    which(1), which([1]), which('x')
""",
    "tries.py": b"""\
def attempt(fail):
    try:
        if fail:
            raise ValueError
        return 1
    except KeyError:
        return 2
    except (ValueError, TypeError) as error:
        if not error.args:
            return 3
        raise
    else:
        print('never')
    finally:
        if fail:
            fail = False

def group():
    try:
        raise ExceptionGroup('a', [ValueError()])
    except* ValueError:
        pass

def run():
    attempt(True)
    attempt(False)
    group()
""",
    "loops.py": b"""\
def forever():
    while True:
        if forever:
            break
    while 1:
        return 1

def loop(items):
    for one in items:
        if one == 1:
            continue
        if one == 2:
            break
    else:
        print('no break')
    while items:
        items.pop()
    else:
        items = None
    for _ in []: print(_)
    return [x for x in range(3) if x], {x: y for x in range(2) for y in range(2)}, (lambda: 1)

def run():
    forever()
    loop([1, 2])
""",
    "withs.py": b"""\
import contextlib

def use(items, flag):
    with contextlib.nullcontext() as one:
        for item in items:
            with contextlib.nullcontext(), \\
                 contextlib.nullcontext():
                if item:
                    continue
                if (flag and
                        item is None):
                    break
    with (
        contextlib.nullcontext() as two,
        contextlib.nullcontext(),
    ):
        if flag:
            return 1
    with contextlib.nullcontext(): one = two
    while flag is None:
        with contextlib.nullcontext():
            with contextlib.nullcontext():
                if one is two:
                    flag = 1
    return one

def run():
    use([1, 0, 2], False)
    use([], None)
    with contextlib.suppress(ZeroDivisionError):
        with contextlib.nullcontext():
            if use:
                1 / 0
""",
    "asynchronous.py": b"""\
import asyncio
import contextlib

@contextlib.asynccontextmanager
async def manager():
    yield 1

async def numbers():
    for one in range(3):
        yield one

async def main():
    async with manager() as one:
        async for other in numbers():
            if other == one:
                await asyncio.sleep(0)
    found = [x async for x in numbers() if x > 5]
    if found:
        return found
    async with \\
            manager():
        if not found:
            pass

def run():
    asyncio.run(main())
""",
    "excluded.py": b"""\
from typing import TYPE_CHECKING, Protocol, overload
if TYPE_CHECKING:  # types only
    from collections.abc import (
        Iterable,
    )

class Shape(Protocol):
    def area(self) -> int: ...
    def name(
        self,
    ) -> str:
        ...  # nothing yet

@overload
def load(a: int) -> int: ...
@overload
def load(a: str) -> str: ...
def load(a):
    return a

def abstract():
    raise NotImplementedError('later')  # sometime

def hidden():  # pragma: no cover
    if abstract:
        return 1
    return 2

def partly(a, b):
    if a:  # pragma: no branch
        b = 1
    if b:  # one way
        a = 2
    if a == 3:  # PRAGMA: NO COVER
        return 4
    elif a == 4:
        return 5
    else:  # dull
        return b

# dull: start
def region():
    return 1
# dull: stop

TEXT = '# ' + '''
# pragma: no cover
'''
MARK = '#' if TYPE_CHECKING else '# one'

def run():
    load(1)
    partly(1, 2)
""",
    "one_liners.py": b"""\
if True: a = 1; b = 2
else: a = 3
x = 1 if a else 2; y = lambda: 3
class A: pass
class B: '''doc'''
def f(): pass
def g(): return 1
def h():
    '''Only a docstring.'''
def i():
    global a
    a = None
    del a
    return
def j(z):
    if z: return 1
    elif z is None: return 2
    assert z, (
        'message'
    )
def run():
    f(); g(); h(); i(); j(1)
""",
    "nested.py": b"""\
def outer(n):
    class Inner:
        def method(self):
            def deepest():
                if n:
                    return 1
            return deepest()
    if n:
        def only():
            return 1
    elif n == 2:
        return [
            i for i in range(n)
        ]
    return Inner().method()

def never():
    class Local:
        x = 1
    return Local

def run():
    outer(1)
""",
    "text.py": b"def run():\n    return '''\n\n# one\n''', (\n\n# two\n)\n\n# three\n",
    "empty.py": b"",
    "comments_only.py": b"# one\n\n# two\n",
    "docstring_only.py": b'"""Only\na docstring."""\n',
    "no_newline.py": b"def run():\n    if run:\n        return 1",
    "crlf.py": b"def run():\r\n    if run:\r\n        return (1,\r\n            2)\r\n\r\n    return 3\r\n",
    "old_mac.py": b"def run():\r    if run:\r        return 1\r    return 3\r",
    "bom.py": b"\xef\xbb\xbf# coding: utf-8\ndef run():\n    if run:\n        return '\xc3\xa9'\n    return 1\n",
    "latin.py": b"# -*- coding: latin-1 -*-\ndef run():\n    if not run:\n        return '\xe9'\n    return 1\n",
    "feeds.py": b"import os\n\x0c\ndef run():\n    if os:\n\x0c\n        return 1\n\x0c# comment\n    return 2\n",
}

RUN = "".join(f"import {name[:-3]} as one\nif hasattr(one, 'run'): one.run()\n" for name in SOURCES)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of all constructs, measured."""
    root = tmp_path_factory.mktemp("constructs").resolve()
    for name, source in SOURCES.items():
        (root / name).write_bytes(source)
    (root / "run.py").write_text(RUN, "utf-8")
    (root / ".coveragerc").write_text(SETTINGS, "utf-8")
    reckoned.coverage(root, "run", "--branch", "run.py")
    return root


@pytest.fixture(scope="module")
def figures(root: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The figures by path: ours, theirs."""
    return reckoned.ours(root), reckoned.theirs(root)


@pytest.mark.parametrize("name", [*SOURCES, "run.py"])
def test_figures_are_those_of_coverage(name: str, figures: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    ours, theirs = figures
    assert ours[name] == theirs[name]


def test_no_file_is_left_out(figures: tuple[Mapping[str, Any], Mapping[str, Any]]) -> None:
    assert set(figures[0]) == set(figures[1])
    assert len(figures[0]) == len(SOURCES) + 1


def test_lines_without_branches_are_those_of_coverage(root: Path, tmp_path: Path) -> None:
    for path in root.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / ".coveragerc").write_text(SETTINGS, "utf-8")
    reckoned.coverage(tmp_path, "run", "run.py")
    assert reckoned.ours(tmp_path.resolve()) == reckoned.theirs(tmp_path)


def test_pragmas_are_comments_that_take_code_out(root: Path) -> None:
    found = reckoned.parsed(root, ["excluded.py", "loops.py", "long_statements.py"])
    # hidden(), no branch, one way, NO COVER, dull, the region, and the one that stands in a string.
    assert found["excluded.py"].pragmas == 7
    assert found["loops.py"].pragmas == 0
    assert found["long_statements.py"].pragmas == 0


def test_functions_have_qualified_names_and_all_their_lines(root: Path) -> None:
    found = reckoned.parsed(root, ["nested.py", "decorated.py"])
    assert found["nested.py"].functions == (
        ("outer", 1, 15),
        ("outer.Inner.method", 3, 7),
        ("outer.Inner.method.deepest", 4, 6),
        ("outer.only", 9, 10),
        ("never", 17, 20),
        ("run", 22, 23),
    )
    assert found["decorated.py"].functions[3:5] == (("Thing.value", 22, 28), ("Thing.never", 30, 31))


def test_only_empty_and_commented_lines_outside_of_statements_are_blank(root: Path) -> None:
    found = reckoned.parsed(
        root, ["comments_only.py", "text.py", "feeds.py", "docstring_only.py", "long_statements.py", "empty.py"]
    )
    assert numbers(decoded(found["comments_only.py"].blank)) == [1, 2, 3]
    assert numbers(decoded(found["text.py"].blank)) == [9, 10]
    assert numbers(decoded(found["feeds.py"].blank)) == [2, 5, 7]
    assert found["docstring_only.py"].blank == "0"
    assert numbers(decoded(found["long_statements.py"].blank)) == [2]
    assert (found["empty.py"].last, found["feeds.py"].last) == (0, 8)


def test_jumps_back_to_a_with_statement_are_led_on(root: Path) -> None:
    found = reckoned.parsed(root, ["withs.py", "loops.py"])
    assert found["loops.py"].jumps == ()
    assert (5, 4, 13) in found["withs.py"].jumps
    assert (23, 22, 20) in found["withs.py"].jumps
