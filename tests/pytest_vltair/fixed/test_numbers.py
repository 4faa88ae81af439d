"""The numbers that tests draw: the same in each run, whatever else runs, in whatever order and however spread out.

What each test and fixture drew goes to one file per test, so that runs with workers can be compared.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.recordings import PLAIN, WITH_XDIST

CONFTEST = """
    import json, os, pathlib, random, re
    import pytest

    OUT = pathlib.Path(os.environ["NUMBERS"])

    @pytest.fixture(scope="session")
    def of_session():
        yield random.random()
        random.random()

    @pytest.fixture(scope="module", params=["a", "b"])
    def of_module(request):
        yield random.random()
        random.random()

    @pytest.fixture(scope="class")
    def of_class():
        return random.random()

    @pytest.fixture
    def own():
        return random.random()

    @pytest.fixture(autouse=True)
    def note(request):
        before = random.random()
        yield
        name = re.sub("@.*", "", request.node.nodeid)
        used = {key: value for key, value in request.node.funcargs.items() if isinstance(value, float)} \
            if hasattr(request.node, "funcargs") else {}
        drawn = [before, random.random(), used, getattr(request.node, "drawn", None)]
        OUT.joinpath(re.sub(r"\\W", "_", name)).write_text(json.dumps(drawn))

    @pytest.fixture
    def draw(request):
        def draw():
            request.node.drawn = random.random()
        return draw
    """
ONE = """
    import random, asyncio, unittest
    import pytest

    AT_IMPORT = random.random()

    def setup_module():
        random.random()

    def test_plain(draw): draw()

    def test_shared(of_session, own, draw): draw()

    def test_of_module(of_module, of_session, draw): draw()

    @pytest.mark.parametrize("number", [1, 2])
    def test_numbers(number, draw): draw()

    @pytest.mark.xdist_group("together")
    def test_late(draw, request):
        draw()
        first = request.node.drawn
        request.getfixturevalue("of_class")
        draw()
        request.node.drawn = [first, request.node.drawn]

    class TestSome:
        def test_a(self, of_class, draw): draw()
        def test_b(self, of_class, draw): draw()

    class TestUnit(unittest.TestCase):
        @classmethod
        def setUpClass(cls): cls.number = random.random()
        @pytest.fixture(autouse=True)
        def _node(self, request): self.node = request.node
        def test_a(self): self.node.drawn = [random.random(), self.number]
        def test_b(self): self.node.drawn = [random.random(), self.number]

    def test_async(draw):
        async def inner(): draw()
        asyncio.run(inner())

    def test_at_import(request): request.node.drawn = AT_IMPORT
    """
TWO = """
    import random
    import pytest

    @pytest.mark.xdist_group("together")
    def test_shared(of_session, of_module, draw): draw()

    def test_other(draw, own): draw()
    """


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes share compiled modules: most of their time goes into that otherwise."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def numbers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *args: str) -> dict[str, object]:
    out = Path(pytester.mkdir(f"out{len(list(pytester.path.iterdir()))}"))
    monkeypatch.setenv("NUMBERS", str(out))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--vltair-seed=7", *args)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    return {path.name: json.loads(path.read_text()) for path in out.iterdir()}


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_one=ONE, test_two=TWO)
    return pytester


def test_a_run_repeats_and_another_seed_gives_other_numbers(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = numbers(suite, monkeypatch, *PLAIN)
    assert len(first) == 16
    assert numbers(suite, monkeypatch, *PLAIN) == first
    other = numbers(suite, monkeypatch, *PLAIN, "--vltair-seed=8")
    assert all(other[name] != first[name] for name in first)
    drawn = [value for noted in first.values() for value in noted[:2]]  # type: ignore[index]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("order", ["reversed", "random", "interleaved"])
def test_the_order_changes_no_numbers(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    first = numbers(suite, monkeypatch, *PLAIN)
    assert numbers(suite, monkeypatch, *PLAIN, f"--vltair-order={order}") == first


def test_what_else_runs_changes_no_numbers(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    first = numbers(suite, monkeypatch, *PLAIN)
    fewer = numbers(suite, monkeypatch, *PLAIN, "-k", "not plain and not test_a and not numbers")
    assert 0 < len(fewer) < len(first)
    assert fewer == {name: first[name] for name in fewer}
    suite.makepyfile(test_aaa="import random\ndef test_first(of_session, of_module): random.seed()\n")
    more = numbers(suite, monkeypatch, *PLAIN)
    assert first == {name: more[name] for name in first}


MODES = ("load", "loadscope", "loadfile", "loadgroup", "worksteal")
SPREAD = [
    *(("2", mode) for mode in MODES),
    *(pytest.param(workers, mode, marks=pytest.mark.slow) for workers in ("1", "4") for mode in MODES),
]


@pytest.mark.parametrize(("workers", "mode"), SPREAD)
def test_workers_change_no_numbers(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str, mode: str
) -> None:
    pytest.importorskip("xdist")
    first = numbers(suite, monkeypatch, *PLAIN)
    assert numbers(suite, monkeypatch, *WITH_XDIST, "-n", workers, "--dist", mode) == first
