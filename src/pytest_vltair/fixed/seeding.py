"""Seeding: which seed is set when: before each phase of a test, around each fixture of wider scope and each import."""

from __future__ import annotations

import sys
from binascii import crc32
from collections.abc import Generator
from enum import Enum
from typing import Any

import pytest

from pytest_vltair.fixed.generators import Generators, Saved
from pytest_vltair.importing import FirstImports

MARKER = "vltair_seed"

OWN = ("_pytest.", "pytest_vltair.", "xdist.")
SILENT = sys.stdlib_module_names | {"_pytest", "execnet", "pluggy", "pytest", "pytest_vltair", "xdist"}
"""Packages that draw nothing when they are imported."""

_FUNCTION = pytest.Function

PLAIN = (str, bytes, int, float, complex, bool, type(None))


class Seeding:
    """Sets seeds; knows which one is next."""

    def __init__(self, number: int, generators: Generators) -> None:
        self.tell_workers = False
        self._number = number
        self._generators = generators
        self._imports = FirstImports(self._begin_import, self._end_import, nested=True)
        self._start = of_text(f"{number}\0")
        self._parent: object = None
        self._above: list[list[pytest.Mark]] = []
        self._of_test = 0
        self._bare = False
        self._foreign: bool | None = None

    def start(self) -> None:
        """Give every module numbers of its own when it is imported; whoever imports it first keeps his."""
        self._imports.install()
        self._imports.running = True

    def stop(self) -> None:
        """Leave imports alone."""
        self._imports.remove()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config) -> None:
        """Hand a seed that was drawn to the workers, which get the command line and nothing else before conftests."""
        if self.tell_workers:
            given = config.invocation_params
            args = list(given.args)
            at = args.index("--") if "--" in args else len(args)
            args.insert(at, f"--vltair-seed={self._number}")
            config.invocation_params = config.InvocationParams(args=args, plugins=given.plugins, dir=given.dir)

    def pytest_report_header(self, config: pytest.Config) -> str | None:
        """That another plugin's seeds are off, where there is one."""
        if getattr(config.option, "randomly_reset_seed", False):
            # It seeds after everybody else, so that its seeds would be the ones that count.
            config.option.randomly_reset_seed = False
            return (
                "vltair: pytest-randomly sets no seeds, as with --randomly-dont-reset-seed; vltair_seed = keep lets it"
            )
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Keep another plugin from seeding also where no header is printed."""
        self.pytest_report_header(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Seed what makes up the parameters of its tests, and what a plugin of the project draws meanwhile."""
        self._generators.seed(derive(self._number, "collect", collector.nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Seed the set-up, unless there is nobody who could draw in it."""
        if item.parent is not self._parent:
            # The lists themselves: a mark that is added while tests run is added to them.
            self._parent = item.parent
            self._above = [node.own_markers for node in item.listchain()[:-1]]
        number = marked(item) if item.own_markers or any(self._above) else None
        self._of_test = of_text(name_of(item), self._start) if number is None else number
        if self._foreign is None:
            self._generators.testing = True
            self._foreign = _draws_elsewhere(item.config)
        self._bare = type(item) is _FUNCTION and not item.fixturenames and not self._foreign
        if not self._bare:
            self._generators.seed(of_phase(self._of_test, b"setup"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """Seed the test itself."""
        self._generators.seed(of_phase(self._of_test, b"call"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Seed the teardown, unless there is nobody who could draw in it."""
        if not self._bare:
            self._generators.seed(of_phase(self._of_test, b"teardown"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Give a fixture of wider scope numbers of its own, and leave those of the test as they were."""
        __tracebackhide__ = True
        if fixturedef.scope == "function":
            return (yield)
        scope = (fixturedef.scope, request.node.nodeid, str(getattr(fixturedef, "baseid", "")), fixturedef.argname)
        names = (*scope, parameter(fixturedef, request))
        ending = _Ending(self._generators, derive(self._number, "finish", *names))
        # Finalizers run last in, first out: what the fixture itself adds comes between these two.
        fixturedef.addfinalizer(ending.end)
        before = self._generators.save()
        self._generators.seed(derive(self._number, "fixture", *names))
        try:
            return (yield)
        finally:
            self._generators.load(before)
            fixturedef.addfinalizer(ending.begin)

    def _begin_import(self, name: str) -> Saved | None:
        if name.partition(".")[0] in SILENT:
            return None
        return self._generators.aside(derive(self._number, "import", name))

    def _end_import(self, saved: Saved | None) -> None:
        if saved is not None:
            self._generators.back(saved)


class _Ending:
    """The teardown of one fixture: seeded when it begins, and all put back when it ends."""

    def __init__(self, generators: Generators, number: int) -> None:
        self._generators = generators
        self._number = number
        self._before: Any = None

    def begin(self) -> None:
        self._before = self._generators.save()
        self._generators.seed(self._number)

    def end(self) -> None:
        if self._before is not None:
            self._generators.load(self._before)
            self._before = None


def parameter(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> str:
    """What tells the parameter of a fixture from others: its value if that can be written, else its place."""
    if not hasattr(request, "param"):
        return ""
    value, index = request.param, getattr(request, "param_index", 0)
    ids = getattr(fixturedef, "ids", None)
    if isinstance(ids, list | tuple) and index < len(ids) and isinstance(ids[index], str):
        return f"id {ids[index]}"
    if isinstance(value, Enum):
        return f"value {value}"
    if type(value) in PLAIN:
        return f"value {value!r}"
    return f"index {index}"


def _draws_elsewhere(config: pytest.Config) -> bool:
    """Whether any plugin has a hand in set-up or teardown that may draw numbers."""
    hooks = (config.hook.pytest_runtest_setup, config.hook.pytest_runtest_teardown)
    return any(
        not getattr(impl.function, "__module__", "").startswith(OWN) for hook in hooks for impl in hook.get_hookimpls()
    )


def derive(number: int, *names: str) -> int:
    """32 bits that depend on a seed and names, the same in every process and on every machine."""
    return of_text("\0".join((str(number), *names)))


def of_text(text: str, start: int = 0) -> int:
    """32 bits that depend on a text; generators mix them themselves, so that a checksum is good enough.

    `start` is what the text before it came to.
    """
    return crc32(text.encode("utf-8", "surrogatepass"), start)


def of_phase(number: int, phase: bytes) -> int:
    """The seed of set-up, call or teardown of a test that has this seed."""
    return crc32(phase, number)


def name_of(item: pytest.Item) -> str:
    """The node id of a test without the group that xdist's `--dist loadgroup` puts after it."""
    nodeid = item.nodeid
    if "@" in nodeid and item.parent is not None:
        plain = f"{item.parent.nodeid}::{item.name}"
        if nodeid.startswith(f"{plain}@"):
            return plain
    return nodeid


def marked(item: pytest.Item) -> int | None:
    """What the nearest marker of a test says, where there is one.

    Raises:
        pytest.fail.Exception: it says no number.
    """
    node: Any = item
    while node is not None:
        for marker in node.own_markers:
            if marker.name == MARKER:
                return _said(marker, item)
        node = node.parent
    return None


def _said(marker: pytest.Mark, item: pytest.Item) -> int:
    values: list[Any] = [*marker.args, *marker.kwargs.values()]
    if len(values) == 1 and set(marker.kwargs) <= {"number"}:
        (number,) = values
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**32:
            return int(number)
    said = ", ".join([*map(repr, marker.args), *(f"{name}={value!r}" for name, value in marker.kwargs.items())])
    pytest.fail(f"{MARKER}({said}) of {item.nodeid} names no seed: write one number, 0 to {2**32 - 1}", pytrace=False)
