"""What sources can run, construct by construct: the figures are those of `coverage json` to the last line and branch.

A difference here means that a limit would be judged by other figures than those that the user sees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage.plugin import CodeRegion, FileReporter

from gates.builtin.coverage import analysis
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


@pytest.fixture
def lone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script's own state: it is made for one run of a process."""
    monkeypatch.setattr(analysis, "_measurers", [])
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    monkeypatch.setattr("warnings.simplefilter", lambda *_: None)


@pytest.mark.usefixtures("lone")
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_script_says_what_it_leaves_out_and_answers_for_the_rest(root: Path, tmp_path: Path, jobs: int) -> None:
    settings = tmp_path / "settings.ini"
    settings.write_text("[run]\nomit = */tries.py\n[report]\nomit = */empty.py\n", "utf-8")
    (tmp_path / "page.txt").write_text("<p>", "utf-8")
    (tmp_path / "wrong.py").write_text("x = (", "utf-8")
    paths = [root / "empty.py", tmp_path / "page.txt", tmp_path / "wrong.py", *(root / name for name in SOURCES)]
    files = [(str(path), "known" if path.name == "bom.py" else "", "") for path in paths]
    head, _ = told(tmp_path, {"config": str(settings), "files": files, "jobs": jobs, "known": {}})
    assert head["left_out"] == {"0": "report:omit", str(paths.index(root / "empty.py", 1)): "report:omit"}
    known = {head["key"]: ["known"]}
    analysis._measurers.clear()
    again, answers = told(tmp_path, {"config": str(settings), "files": files, "jobs": jobs, "known": known})
    assert again == {**head, "missing": head["missing"] - 1}
    assert list(head["unmeasured"].values()) == ["run:omit"]
    assert answers[1] == {"id": 1, "dropped": "it is no Python"}
    assert (answers[2]["line"], answers[2]["error"].endswith("'(' was never closed")) == (1, True)
    assert paths.index(root / "bom.py") not in answers
    assert [paths[number].name for number in answers if "parsed" in answers[number]] == [
        name for name in SOURCES if name not in {"empty.py", "bom.py"}
    ]


@pytest.mark.usefixtures("lone")
def test_the_script_says_what_is_wrong_with_settings_and_plugins(root: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.ini"
    settings.write_text("[run]\nplugins = no_such_plugin\n", "utf-8")
    asked = {"config": str(settings), "files": [(str(root / "tries.py"), "", "gone.Plugin")], "jobs": 1, "known": {}}
    assert "no_such_plugin" in told(tmp_path, asked)[0]["error"]
    settings.write_text("[report]\nignore_errors = true\nfail_under = 5\n", "utf-8")
    assert "gone.Plugin" in told(tmp_path, asked)[1][0]["error"]
    analysis._measurers.clear()
    (tmp_path / "wrong.py").write_text("x = (", "utf-8")
    asked["files"] = [(str(tmp_path / "wrong.py"), "", ""), (str(tmp_path / "gone.py"), "", "")]
    assert told(tmp_path, asked)[1] == {n: {"id": n, "dropped": "report:ignore_errors"} for n in range(2)}


def told(folder: Path, request: Mapping[str, Any]) -> tuple[Any, dict[int, Any]]:
    """What the script says of all files, and of each one."""
    (folder / "request.json").write_text(json.dumps(request), "ascii")
    assert analysis.main(["analysis.py", str(folder)]) == 0
    answers = folder / "answers.jsonl"
    lines = answers.read_text("ascii").splitlines() if answers.is_file() else []
    found = [json.loads(line) for line in lines]
    return json.loads((folder / "head.json").read_text("ascii")), {one["id"]: one for one in found}


def test_pragmas_are_comments_that_take_code_out(root: Path) -> None:
    found = reckoned.parsed(root, ["excluded.py", "loops.py", "long_statements.py"])
    # hidden(), no branch, one way, NO COVER, dull, the region, and the one that stands in a string.
    assert found["excluded.py"].pragmas == 7
    assert found["loops.py"].pragmas == 0
    assert found["long_statements.py"].pragmas == 0


def test_a_region_between_two_comments_is_one_pragma() -> None:
    pragmas = analysis.possible["Pragmas"](["(?s:# begin.*?# end)", "#.*never"], ["[#] one way"])
    source = "a = 1\n# begin\nb = 2\n# end\nc = '# never'  # one way\nd = 4  # never\n# begin # end\n"
    assert pragmas.found(source, source.split("\n")) == {2, 5, 6, 7}


class Page(FileReporter):
    """A file of a plugin that counts exits by itself."""

    counted = 2

    def lines(self) -> set[int]:
        return {1, 2, 3}

    def arcs(self) -> set[tuple[int, int]]:
        return {(1, 2), (1, 3), (2, -1)}

    def exit_counts(self) -> dict[int, int]:
        return {1: self.counted, 2: 1}

    def code_regions(self) -> list[CodeRegion]:
        return [CodeRegion("class", "whole", 1, {2, 3}), CodeRegion("function", "block", 2, {2, 3})]


def test_a_plugin_may_count_branches_and_names_its_own_regions(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("1\n2\n\n", "utf-8")
    page = Page(str(tmp_path / "page.txt"))
    take, pragmas = analysis.possible["parsed"], analysis.possible["Pragmas"]([])
    found = take(page, pragmas, python=False)
    assert (found["ways"], found["functions"], found["blank"], found["last"]) == (
        {1: [2, 3]},
        [("block", 2, 3)],
        "0",
        3,
    )
    page.counted = 3
    with pytest.raises(ValueError, match="not those that are named"):
        take(page, pragmas, python=False)


def test_functions_have_qualified_names_and_the_lines_of_their_bodies(root: Path) -> None:
    found = reckoned.parsed(root, ["nested.py", "decorated.py"])
    assert found["nested.py"].functions == (
        ("outer", 2, 15),
        ("outer.Inner.method", 4, 7),
        ("outer.Inner.method.deepest", 5, 6),
        ("outer.only", 10, 10),
        ("never", 18, 20),
        ("run", 23, 23),
    )
    held = {name: (first, last) for name, first, last in found["decorated.py"].functions}
    assert held["Thing.value"] == (24, 28)


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
