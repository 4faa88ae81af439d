"""Seeds: which texts are one, what is made of them, the marker, the hook, and what is drawn for a run with workers."""

from __future__ import annotations

import random
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed.libraries import LIBRARIES
from pytest_vltair.fixed.seed import Seed
from pytest_vltair.fixed.seeding import derive, name_of, of_phase, parameter
from support.factors import applied, make
from support.recordings import PLAIN, WITH_XDIST

NO_CACHE = ("-p", "no:cacheprovider")


def asked(text: str) -> Seed:
    return make(Seed, text)


@varied(st.one_of(st.text(), st.integers().map(str), st.text("0123456789", max_size=1100)))
def test_any_text_is_a_seed_or_one_sentence(text: str) -> None:
    if text == "random" or re.fullmatch("[0-9]{1,1000}", text):
        factor = asked(text)
        assert text == "random" or factor.number == int(text)
        assert factor.demanded == str(factor.number)
    else:
        with pytest.raises(pytest.UsageError) as caught:
            asked(text)
        (said,) = caught.value.args
        assert said.startswith(f"pytest.ini:1: vltair_seed = {text!r} ")
        assert said.endswith(("nor random", 'did you mean "random"?', "has more digits than a seed can use"))


def test_a_seed_that_is_nearly_random() -> None:
    with pytest.raises(pytest.UsageError, match=r'is neither a number from 0 on nor random: did you mean "random"\?$'):
        asked("ramdom")


def test_random_draws_32_bits() -> None:
    drawn = {asked("random").number for _ in range(20)}
    assert len(drawn) == 20
    assert max(drawn) < 2**32


@pytest.mark.requirement("PYT-5")
def test_what_is_made_of_a_seed_is_the_same_for_ever() -> None:
    """A change of these numbers changes those of every project: it is told in the release notes."""
    assert derive(0, "tests/test_a.py::test_b") == 2458406686
    names = (b"setup", b"call", b"teardown")
    assert [of_phase(0, one) for one in names] == [622679600, 3431870270, 3921085238]


@pytest.mark.requirement("PYT-5")
@varied(st.integers(0), st.lists(st.text(), min_size=1, max_size=3), st.lists(st.text(), min_size=1, max_size=3))
def test_other_names_make_other_seeds(number: int, one: list[str], other: list[str]) -> None:
    assert 0 <= derive(number, *one) < 2**32
    same = "\0".join(one) == "\0".join(other)
    assert (derive(number, *one) == derive(number, *other)) is same
    assert derive(number, *one) != derive(number + 1, *one)


def test_a_name_that_is_no_unicode_makes_a_seed() -> None:
    assert derive(0, "test_[\udcff]") != derive(0, "test_[\udcfe]")


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("test_a.py::test[a@b]", "test_a.py::test[a@b]"),
        ("test_a.py::test[a@b]@group", "test_a.py::test[a@b]"),
        ("test_a.py::other@group", "test_a.py::other@group"),
        ("test_a.py::test[a]", "test_a.py::test[a]"),
    ],
)
def test_the_group_of_xdist_is_no_part_of_a_name(nodeid: str, name: str) -> None:
    item: Any = SimpleNamespace(nodeid=nodeid, name="test[a@b]", parent=SimpleNamespace(nodeid="test_a.py"))
    assert name_of(item) == name


@pytest.mark.parametrize(
    ("given", "ids", "expected"),
    [
        (None, None, "value None"),
        (1.5, None, "value 1.5"),
        ("a", ["first", "second"], "id second"),
        ("a", lambda value: value, "value 'a'"),
        ("a", [None, None], "value 'a'"),
        (pytest.ExitCode.OK, None, f"value {pytest.ExitCode.OK}"),
        (object(), None, "index 1"),
    ],
)
def test_a_parameter_is_told_by_what_does_not_move(given: object, ids: object, expected: str) -> None:
    request: Any = SimpleNamespace(param=given, param_index=1)
    assert parameter(SimpleNamespace(ids=ids), request) == expected  # type: ignore[arg-type]
    assert parameter(SimpleNamespace(ids=ids), SimpleNamespace()) == ""  # type: ignore[arg-type]


def test_all_is_put_back_and_shown(pytestconfig: pytest.Config) -> None:
    before = random.getstate()
    finders = list(sys.meta_path)
    with applied(asked("5"), pytestconfig) as factor:
        first = random.random()
        factor.generators.seed(derive(5, ""))
        assert random.random() == first
        after = random.getstate()
        assert factor.shown() == "5"
        assert random.getstate() == after
    assert random.getstate() == before
    assert sys.meta_path == finders


def test_random_that_does_not_follow_is_shown(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with applied(asked("5"), pytestconfig) as factor:
        monkeypatch.setattr(random, "random", lambda: 0.5)
        assert factor.shown() == "not followed by random"


def test_every_library_is_known_by_a_module_that_names_it() -> None:
    assert {name.partition(".")[0] for name in LIBRARIES} == {
        *("random", "numpy", "torch", "tensorflow", "faker", "factory", "mimesis", "model_bakery", "polyfactory")
    }


# Runs


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def test_marker_and_fixtures_agree(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import random
        import pytest

        pytestmark = pytest.mark.vltair_seed(3)

        @pytest.mark.vltair_seed(4294967295)
        def test_nearest(vltair_seed, vltair_rng):
            assert vltair_seed == 2**32 - 1
            assert vltair_rng.random() == random.Random(2**32 - 1).random()

        def test_of_module(vltair_seed): assert vltair_seed == 3

        @pytest.mark.vltair_seed(number=0)
        def test_by_name(vltair_seed): assert vltair_seed == 0

        DRAWN = []

        @pytest.mark.parametrize("again", [1, 2])
        def test_same_marker_same_numbers(again):
            DRAWN.append(random.random())
            assert len(set(DRAWN)) == 1
        """
    )
    for seed in ("--vltair-seed=0", "--vltair-seed=1"):
        pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, seed).assert_outcomes(passed=5)


@pytest.mark.parametrize(
    "said", ["", "-1", "4294967296", "'3'", "True", "1.0", "1, 2", "seed=1", "1, number=1", "None"]
)
def test_a_marker_that_names_no_seed(pytester: pytest.Pytester, said: str) -> None:
    pytester.makepyfile(
        f"import pytest\n@pytest.mark.vltair_seed({said})\ndef test_a(vltair_seed): pass\ndef test_b(): pass\n"
    )
    result = pytester.runpytest_inprocess(*PLAIN, *NO_CACHE)
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(
        [f"vltair_seed({said}) of test_a_*.py::test_a names no seed: write one number, 0 to 4294967295"]
    )


def test_third_parties_seed_their_own(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import random
        import pytest

        own = random.Random(0)

        def pytest_vltair_seed(seed):
            assert 0 <= seed < 2**32
            own.seed(seed)

        @pytest.fixture(scope="session")
        def shared(): return own.random()

        @pytest.fixture
        def draw(): return own.random
        """
    )
    pytester.makepyfile(
        """
        import random, sys

        def test_a(draw): print("A", draw())
        def test_b(draw, request):
            first = draw()
            print("B", first, request.getfixturevalue("shared"))
        def test_c(draw, shared): print("C", draw(), shared)
        """
    )

    def drawn(*args: str) -> dict[str, list[str]]:
        result = pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, "-s", "-q", *args)
        assert result.ret == 0
        found = (line.lstrip(".").split() for line in result.outlines)
        return {words[0]: words[1:] for words in found if words and words[0] in {"A", "B", "C"}}

    first = drawn("--vltair-seed=1")
    assert first["B"][1] == first["C"][1]
    assert len({first["A"][0], *first["B"], first["C"][0]}) == 4
    assert drawn("--vltair-seed=1", "-k", "test_c") == {"C": first["C"]}
    assert drawn("--vltair-seed=2")["A"] != first["A"]


FAILING = """
    import os

    FAILS = [os.environ["FAILS"] == "always"]

    def pytest_runtest_logstart():
        FAILS[0] = True

    def pytest_vltair_seed():
        if FAILS[0]:
            raise KeyError("sides")
    """


@pytest.mark.parametrize(("module", "args"), [("dice", ("-p", "dice")), ("conftest", ())])
def test_a_third_party_that_fails_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, module: str, args: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_it="def test_a(tmp_path): pass\ndef test_b(): pass\n", **{module: FAILING})
    said = f"vltair_seed: what plugin *{module}* seeds cannot be seeded: KeyError: 'sides'"
    monkeypatch.setenv("FAILS", "always")
    result = pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, *args, "--vltair-seed=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {said}"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    monkeypatch.setenv("FAILS", "in tests")
    result = pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, *args, "--vltair-seed=1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["_* ERROR at setup of test_a _*", said, "_* ERROR at *"], consecutive=True)
    result.stdout.fnmatch_lines(["_* test_b _*", said])


def test_workers_have_the_seed_that_was_drawn(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import pathlib

        def test_a(vltair_seed, worker_id, request):
            from pytest_vltair.fixed.seed import SEED
            pathlib.Path("drawn_" + worker_id).write_text(request.config.stash[SEED].demanded)
        """
    )
    result = pytester.runpytest_subprocess(
        *WITH_XDIST, *NO_CACHE, "--vltair-seed=random", "-n2", "--dist=each", "--tx=2*popen"
    )
    result.assert_outcomes(passed=2)
    (header,) = (line for line in result.outlines if line.startswith("vltair: off"))
    (number,) = re.findall(r"--vltair-seed=(\d+)$", header)
    assert [path.read_text() for path in sorted(pytester.path.glob("drawn_gw*"))] == [number, number]


def test_tests_patch_what_seeds_use(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, random, time

        def test_a(monkeypatch):
            for name in ("random", "seed", "getstate", "setstate"):
                monkeypatch.setattr(random, name, lambda *args: 0.5)
            monkeypatch.setattr(random.Random, "seed", None)
            monkeypatch.setattr(random.Random, "getstate", None)
            monkeypatch.setattr(os, "urandom", lambda size: b"x" * size)
            monkeypatch.setattr(time, "time", None)
            assert random.random() == 0.5
            assert os.urandom(2) == b"xx"

        def test_b():
            assert random.random() != 0.5
            assert os.urandom(2) != b"xx" or os.urandom(2) != b"xx"
        """
    )
    for args in ((), ("-o", "vltair_entropy=seeded")):
        pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, "--vltair-seed=1", *args).assert_outcomes(passed=2)


def test_a_library_that_a_test_imports_has_its_seed(pytester: pytest.Pytester) -> None:
    pytest.importorskip("numpy")
    pytester.makepyfile(
        test_it="""
        def test_a():
            import numpy.random
            print("A", numpy.random.random())

        def test_b():
            import numpy.random
            print("B", numpy.random.random())
        """,
    )

    def drawn(which: str) -> list[str]:
        result = pytester.runpytest_subprocess(*PLAIN, *NO_CACHE, "-sq", "--vltair-seed=1", f"test_it.py{which}")
        return sorted(line.lstrip(".") for line in result.outlines if line.lstrip(".")[:2] in {"A ", "B "})

    both = drawn("")
    assert len(both) == 2
    assert drawn("::test_a") + drawn("::test_b") == both


def test_what_a_module_draws_when_it_is_imported_is_its_own(pytester: pytest.Pytester) -> None:
    """Whoever imports it first, in a test or while collecting: its numbers and those of everybody else are the same."""
    pytester.makepyfile(
        outer="import random\nimport inner\nVALUE = random.random()\n",
        inner="import random\nVALUE = random.random()\nrandom.seed(5)\n",
        test_a="""
            import random
            import pytest
            def test_outer():
                first = random.random()
                import outer
                print("drew outer", first, random.random(), outer.VALUE)
            @pytest.mark.parametrize("again", [1, 2])
            def test_inner(again):
                first = random.random()
                import inner
                print("drew inner", again, first, random.random(), inner.VALUE)
            """,
        test_b="""
            import random
            FIRST = random.random()
            import inner
            def test_b(): print("drew b", FIRST, random.random(), inner.VALUE)
            """,
    )

    def drawn(*args: str) -> set[str]:
        result = pytester.runpytest_subprocess(*PLAIN, "-rP", "--vltair-seed=1", *args)
        return {line for line in result.outlines if line.startswith("drew ")}

    whole = drawn()
    assert len(whole) == 4
    assert drawn("--vltair-order=reversed") == whole
    alone = [drawn(f"test_a.py::{name}") for name in ("test_outer", "test_inner[1]", "test_inner[2]")]
    assert set().union(*alone, drawn("test_b.py")) == whole
    assert len({line.rpartition(" ")[2] for line in whole}) == 2
