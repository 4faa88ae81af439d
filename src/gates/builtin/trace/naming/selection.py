"""Selection: what the words of a pytest command select, and which collected tests that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePosixPath

import msgspec

from gates.builtin.trace.globs import braces, is_glob
from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.spans import NODE
from gates.builtin.trace.paths import inside
from gates.project.wiring import tools

VALUED = frozenset({
    "-W", "-c", "-n", "-o", "-p", "-r", "--asyncio-mode", "--basetemp", "--capture", "--color", "--confcutdir",
    "--cov-config", "--cov-context", "--cov-fail-under", "--cov-report", "--dist", "--durations", "--durations-min",
    "--hypothesis-profile", "--hypothesis-seed", "--import-mode", "--junit-prefix", "--junit-xml", "--junitxml",
    "--log-cli-level", "--log-file", "--log-level", "--maxfail", "--maxprocesses", "--numprocesses", "--override-ini",
    "--pythonwarnings", "--random-order-seed", "--reruns", "--rootdir", "--seed", "--tb", "--timeout", "--tx",
    "--verbosity", "--vltair-record", "--vltair-seed", "--vltair-shard",
})  # fmt: skip
"""Options of pytest and its common plugins whose next word is a value and no path to tests."""

SELECTING = {"-k": "keyword", "-m": "mark", "--deselect": "deselect", "--ignore": "ignore", "--ignore-glob": "ignore",
             "--requirement": "requirement"}  # fmt: skip
_PYTEST = frozenset({"pytest", "py.test", "pytest.exe"})


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Places as written, and the expressions that take tests out of them."""

    places: tuple[str, ...]
    keyword: str = ""
    mark: str = ""
    deselect: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Selected(msgspec.Struct, frozen=True):
    """The tests that a selection comes to, what it names that is not there, and whether some of it cannot be known."""

    tests: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: bool


def of_words(words: Sequence[str]) -> Selection | None:
    """What a simple command selects of pytest's tests; None where it starts neither pytest nor names a test."""
    called = tools.tools_of(words)
    if "pytest" in called:
        at = next((at for at, word in enumerate(words) if _is_pytest(words, at)), None)
        return None if at is None else _of_arguments(words[at + 1 :])
    dotted = _unittest(words)
    named = dotted or tuple(word for word in words if NODE.fullmatch(word))
    return Selection(places=named) if named else None


def select(wanted: Selection, collected: Collected, folder: str = "", within: str = "") -> Selected:
    """The tests that a selection comes to, as pytest would collect them in `folder`.

    `within` is what the project's own paths begin with where somebody stands at the root of its repository.
    """
    tests: dict[str, None] = {}
    missing: list[str] = []
    unknown = False
    for place in wanted.places or ("",):
        local = _joined(folder, place)
        found = list(_at(local, collected)) if local is not None else []
        if local and not found and within and f"{local}/".startswith(within):
            local = f"{local}/".removeprefix(within).rstrip("/")
            found = list(_at(local, collected))
        tests.update(dict.fromkeys(found))
        if not found and local is not None and collected.hidden(local):
            unknown = True
        elif not found and (place or not (wanted.keyword or wanted.mark)):
            missing.append(local or place or folder or ".")
    held = list(tests)
    if wanted.deselect or wanted.ignore:
        held = [one for one in held if not _is_taken_out(one, wanted, folder)]
    for option, expression in (("-k", wanted.keyword), ("-m", wanted.mark)):
        if expression and not missing and not unknown:
            held = _matching(option, expression, held, collected)
            if not held:
                missing.append(f"{option} {expression}")
    return Selected(tuple(held), tuple(missing), unknown)


def _is_pytest(words: Sequence[str], at: int) -> bool:
    is_name = PurePosixPath(words[at].replace("\\", "/")).name.rpartition(":")[2] in _PYTEST
    return is_name and (at == 0 or words[at - 1] not in tools.TAKING_VALUE)


def _of_arguments(words: Sequence[str]) -> Selection:
    places: list[str] = []
    said: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        option, value = _option(word)
        if option in SELECTING:
            said.setdefault(SELECTING[option], []).append(next(rest, "") if value is None else value)
        elif option in VALUED and value is None:
            next(rest, None)
        elif not word.startswith("-"):
            places += braces(word)
    return Selection(
        places=tuple(places),
        keyword=(said.get("keyword") or [""])[-1],
        mark=(said.get("mark") or [""])[-1],
        deselect=tuple(said.get("deselect", ())),
        ignore=tuple(said.get("ignore", ())),
    )


def _option(word: str) -> tuple[str, str | None]:
    """An option and the value that is written with it: `-k=a`, `-ka`, `-qk`, `--maxfail=1`."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    short = re.fullmatch(r"-[qvxsl]*([kmWcnopr])(=?)(.*)", word, re.DOTALL)
    if short is None:
        return word, None
    return f"-{short[1]}", short[3] or None


def _unittest(words: Sequence[str]) -> tuple[str, ...]:
    """The tests that `python -m unittest pkg.test_a.TestB.test_c` names, as node ids."""
    if "unittest" not in words or "discover" in words:
        return ()
    after = words[list(words).index("unittest") + 1 :]
    return tuple(_node(word) for word in after if re.fullmatch(r"\w+(?:\.\w+)+", word))


def _node(dotted: str) -> str:
    parts = dotted.split(".")
    at = next((at for at, part in enumerate(parts) if part[:1].isupper()), len(parts))
    return "::".join(["/".join(parts[:at]) + ".py", *parts[at:]])


def _joined(folder: str, place: str) -> str | None:
    """A place from the project's root; None where it leads out of it."""
    path, colons, rest = place.replace("\\", "/").partition("::")
    if path.startswith("/") or (path[1:2] == ":" and path[0].isalpha()):
        return None
    local = inside(f"{folder}/{path}" if folder else path)
    return None if local is None else local + colons + rest


def _at(place: str, collected: Collected) -> Iterator[str]:
    found = collected.below(place)
    if found or not is_glob(place):
        yield from found
        return
    path, _, name = place.partition("::")
    wanted, inside = _pattern(path), _pattern(f"{path}/*")
    for file in collected.files:
        if wanted.fullmatch(file) or inside.fullmatch(file):
            held = collected.below(file)
            yield from held if not name else [one for one in held if _named(one, name)]


def _named(nodeid: str, name: str) -> bool:
    rest = nodeid.partition("::")[2]
    pattern = _pattern(name)
    return any(pattern.fullmatch(one) for one in (rest, rest.partition("[")[0], rest.partition("::")[0]))


@lru_cache(maxsize=4096)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def _is_taken_out(nodeid: str, wanted: Selection, folder: str) -> bool:
    places = (_joined(folder, one) for one in (*wanted.deselect, *wanted.ignore))
    return any(
        nodeid == one
        or nodeid.startswith((f"{one}/", f"{one}::", f"{one}["))
        or _pattern(one).fullmatch(nodeid.partition("::")[0])
        for one in places
        if one
    )


def _matching(option: str, expression: str, ids: Iterable[str], collected: Collected) -> list[str]:
    """The tests that pytest's own expressions pick; none where the expression is none."""
    from _pytest.mark import expression as pytests

    faults = (getattr(pytests, "ParseError", SyntaxError), SyntaxError, TypeError)  # by the version of pytest
    try:
        compiled = pytests.Expression.compile(expression)
        return [one for one in ids if compiled.evaluate(_matcher(option, one, collected))]
    except faults:
        return []


class _Names:
    """The names that an identifier of an expression is looked for in, as `KeywordMatcher` and `MarkMatcher` do."""

    def __init__(self, names: Iterable[str], *, part: bool) -> None:
        self._names = [one.lower() for one in names] if part else list(names)
        self._part = part

    def __call__(self, subname: str, /, **kwargs: object) -> bool:
        if not self._part:
            return subname in self._names and not kwargs
        wanted = subname.lower()
        return any(wanted in one for one in self._names)


def _matcher(option: str, nodeid: str, collected: Collected) -> _Names:
    marks = collected.marks.get(nodeid, ())
    if option == "-m":
        return _Names(marks, part=False)
    path, _, rest = nodeid.partition("::")
    base, bracket, parameters = rest.partition("[")
    *outer, last = base.split("::")
    return _Names([*path.split("/"), *outer, last + bracket + parameters, *marks], part=True)
