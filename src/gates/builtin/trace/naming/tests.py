"""Tests: which items a test names, by its marks, its docstring, its class's docstring, or its name.

Each file of collected tests is parsed once, and no function body is looked into.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from gates.model.evidence import sha256

ID = re.compile(
    r"(?<![\w./-])[A-Za-z][A-Za-z0-9]*(?:[-_.\u2010\u2011][A-Za-z0-9]+)*[-_.\u2010\u2011]?\d+[A-Za-z]?(?![\w-])"
)
"""What may be an id in a docstring: it ends with a number."""

MARKS = frozenset({"requirement", "covers"})
"""Marks whose arguments are ids, where they have no keyword."""

_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=\d)")
_NUMBER = re.compile(r"\d+[A-Za-z]?$")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Ids(msgspec.Struct, frozen=True):
    """The ids that there are, the beginnings that they share (`CE-`), and their words as names of tests have them."""

    known: frozenset[str]
    beginnings: frozenset[str]
    spoken: Mapping[tuple[str, ...], str]
    longest: int
    begins: re.Pattern[str]

    @classmethod
    def of(cls, ids: Iterable[str]) -> Ids:
        """The ids of these items; only those with a number can be told from words in a text."""
        known = frozenset(ids)
        numbered = [one for one in known if _NUMBER.search(one)]
        beginnings = frozenset(one for one in map(beginning, numbered) if len(one.strip("-_.")) > 1)
        spoken = {_words(one): one for one in sorted(numbered) if len(_words(one)) > 1}
        first = "|".join(sorted({re.escape(words[0]) for words in spoken}))
        begins = re.compile(rf"(?:^|_|(?<=\d))(?:{first or '(?!)'})(?=[_\d]|$)", re.IGNORECASE)
        return cls(known, beginnings, spoken, max(map(len, spoken), default=0), begins)

    def in_text(self, text: str) -> Iterator[str]:
        """The ids in a text, and what looks like one of this project's and is none."""
        for match in ID.finditer(text):
            found = match.group().replace("\u2011", "-").replace("\u2010", "-")
            if found in self.known or (beginning(found) in self.beginnings and found == found.upper()):
                yield found

    def in_name(self, name: str) -> Iterator[str]:
        """The ids in the name of a test: `test_ce_7_is_stable` names CE-7. Only those that there are."""
        if self.begins.search(name) is None:
            return
        words = _words(name)
        for first in range(len(words)):
            for last in range(min(len(words), first + self.longest), first + 1, -1):
                found = self.spoken.get(words[first:last])
                if found is not None:
                    yield found
                    break


class Source(msgspec.Struct, frozen=True):
    """A test in a file, without its parameters: the ids that it names with how, its line, and its digest.

    `marked` are ids in marks as they are written, for a test that did not run; of one that did, pytest knows better.
    """

    line: int
    named: tuple[tuple[str, str], ...]
    marked: tuple[str, ...]
    digest: str


def sources(text: str, ids: Ids) -> Mapping[str, Source]:
    """The functions of a file of tests by their names as node ids have them (`TestA::test_b`); {} for no Python."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    lines = text.splitlines(keepends=True)
    found: dict[str, Source] = {}
    for name, function, above, marks in _functions(module.body, "", (), _of_body(module.body)):
        documented = [doc for doc in (ast.get_docstring(function, clean=False), *above) if doc]
        named = dict.fromkeys((one, "docstring") for doc in documented for one in ids.in_text(doc))
        named |= dict.fromkeys((one, "name") for one in ids.in_name(name))
        first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
        body = "".join(lines[first - 1 : function.end_lineno])
        marked = tuple(dict.fromkeys((*_marked(function.decorator_list), *marks)))
        digest = sha256(body.encode("utf-8", "surrogatepass"))
        found[name] = Source(function.lineno, tuple(named), marked, digest)
    return found


def beginning(identifier: str) -> str:
    """An id without its number: `CE-` of `CE-7`."""
    return _NUMBER.sub("", identifier)


def by_file(ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Test ids by the file that they are in."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in ids:
        found[one.partition("::")[0]].append(one)
    return found


def inner(nodeid: str) -> str:
    """The name of a test within its file, without its parameters."""
    return nodeid.partition("::")[2].partition("[")[0]


def _functions(
    body: Sequence[ast.stmt], within: str, above: tuple[str, ...], marks: tuple[str, ...]
) -> Iterator[tuple[str, _Function, tuple[str, ...], tuple[str, ...]]]:
    """Each function with its name, and with the docstrings and the marked ids of the classes around it."""
    for one in body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + one.name, one, above, marks
        elif isinstance(one, ast.ClassDef):
            documented = ast.get_docstring(one, clean=False)
            texts = (*above, documented) if documented else above
            ids = (*marks, *_marked(one.decorator_list), *_of_body(one.body))
            yield from _functions(one.body, f"{within}{one.name}::", texts, ids)
        elif isinstance(one, ast.If | ast.Try | ast.With):
            yield from _functions([*one.body, *getattr(one, "orelse", ())], within, above, marks)


def _of_body(body: Sequence[ast.stmt]) -> tuple[str, ...]:
    """The ids in `pytestmark` of a module or class."""
    assigned = (one for one in body if isinstance(one, ast.Assign))
    return tuple(
        found
        for one in assigned
        if any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in one.targets)
        for found in _marked([one.value])
    )


def _marked(nodes: Iterable[ast.expr]) -> Iterator[str]:
    """The ids in marks such as `pytest.mark.requirement("CE-7")`, as far as they are written out."""
    for node in nodes:
        if isinstance(node, ast.List | ast.Tuple):
            yield from _marked(node.elts)
        elif isinstance(node, ast.Call) and not node.keywords:
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in MARKS:
                yield from (one.value for one in node.args if isinstance(one, ast.Constant) and type(one.value) is str)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part for part in _SPLIT.split(text.replace("::", "_").lower()) if part)
