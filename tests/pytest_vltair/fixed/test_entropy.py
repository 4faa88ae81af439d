"""Entropy: what tests get from the operating system follows their seed, and all is put back exactly."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed.entropy import Entropy, Stream
from pytest_vltair.fixed.seed import Seed
from support.factors import applied, make
from support.recordings import PLAIN

PATCHED: tuple[tuple[Any, str], ...] = (
    (os, "urandom"),
    (random, "_urandom"),
    (random, "seed"),
    (random.Random, "seed"),
    *(((os, "getrandom"),) if hasattr(os, "getrandom") else ()),
)
DRAWS = """
    import os, random, secrets, subprocess, sys, tempfile, threading, uuid
    import pytest

    STARTED = []

    @pytest.fixture(scope="session")
    def shared(): return uuid.uuid4()

    def draw():
        own = random.Random()
        random.seed()
        return [
            os.urandom(4).hex(), os.getrandom(4).hex() if hasattr(os, "getrandom") else "", secrets.token_hex(4),
            secrets.SystemRandom().random(), uuid.uuid4(), own.random(), random.random(), random.Random(3).random(),
        ]

    @pytest.mark.parametrize("name", ["A", "B"])
    def test_draws(name, shared):
        print(name, shared, *draw())

    def test_threads():
        got = []
        threads = [threading.Thread(target=lambda: got.append(os.urandom(8))) for _ in range(8)]
        [one.start() for one in threads], [one.join() for one in threads]
        assert len(set(got)) == 8

    def test_a_child_has_its_own():
        code = "import os; print(os.urandom(8))"
        assert len({subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)}) == 2

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
    def test_a_fork_has_its_own():
        read, write = os.pipe()
        pid = os.fork()
        if not pid:
            os.write(write, os.urandom(8))
            os._exit(0)
        os.waitpid(pid, 0)
        child = os.read(read, 8)
        os.close(read), os.close(write)
        assert child not in {os.urandom(8) for _ in range(4)}

    @pytest.mark.parametrize("again", [1, 2])
    def test_files_of_one_seed_do_not_meet(again):
        names = tempfile._get_candidate_names()
        STARTED.append([next(names) for _ in range(3)])
        assert not (len(STARTED) == 2 and set(STARTED[0]) & set(STARTED[1]))

    def test_wrong_sizes_are_wrong():
        for wrong in (-1, "4", 1.5, None):
            with pytest.raises((TypeError, ValueError)):
                os.urandom(wrong)
    """


@varied(st.integers(0), st.lists(st.integers(0, 40), max_size=6))
def test_a_stream_repeats_and_goes_on(number: int, sizes: list[int]) -> None:
    stream = Stream()
    stream.seed(number)
    first = [stream.read(size) for size in sizes]
    assert list(map(len, first)) == sizes
    state = stream.save()
    after = stream.read(16)
    assert stream.read(16) != after
    stream.load(state)
    assert stream.read(16) == after
    stream.seed(number)
    assert [stream.read(size) for size in sizes] == first
    stream.seed(number + 1)
    assert [stream.read(16) for _ in sizes] != [stream.read(16) for _ in sizes] or not sizes


def test_all_is_put_back(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def held() -> list[object]:
        return [owner.__dict__[name] for owner, name in PATCHED]

    before = held()
    with applied(make(Seed, "1"), pytestconfig):
        with applied(make(Entropy, "seeded", seed="1"), pytestconfig) as factor:
            assert not set(map(id, before[:-1])) & set(map(id, held()[:-1]))
            assert factor.shown() == factor.demanded == "seeded"
            assert os.urandom(8) != os.urandom(8)
            with monkeypatch.context() as patch:
                patch.setattr(os, "urandom", bytes)
                assert factor.shown() == "os.urandom was replaced"
        assert held() == before
        with applied(make(Entropy, "seeded", seed="1"), pytestconfig):
            monkeypatch.setattr(os, "urandom", bytes)
        assert os.urandom is bytes
    monkeypatch.undo()
    os.urandom = before[0]  # type: ignore[assignment] # what undo put back was ours
    assert held() == before


def test_it_needs_a_seed() -> None:
    with pytest.raises(pytest.UsageError, match="needs a seed to follow, and vltair_seed is kept as it is"):
        make(Entropy, "seeded")
    with pytest.raises(pytest.UsageError, match="is none of seeded"):
        make(Entropy, "random", seed="1")


def test_tests_repeat(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=DRAWS)

    def drawn(*args: str) -> dict[str, list[str]]:
        args = (*PLAIN, "-p", "no:cacheprovider", "-sq", "-o", "vltair_entropy=seeded", *args)
        result = pytester.runpytest_subprocess(*args)
        assert result.ret == 0, result.stdout.str()
        found = (line.lstrip(".").split() for line in result.outlines)
        return {words[0]: words[1:] for words in found if words and words[0] in {"A", "B"}}

    first = drawn("--vltair-seed=1")
    assert drawn("--vltair-seed=1", "-k", "draws", "--vltair-order=reversed") == first
    other = drawn("--vltair-seed=2", "-k", "draws")
    one, two = first["A"], first["B"]
    assert one[0] == two[0]
    assert one[-1] == two[-1] == other["A"][-1] == str(random.Random(3).random())
    for place in range(1, len(one) - 1):
        assert len({one[place], two[place], other["A"][place]}) == 3 or one[place] == two[place] == ""


def test_a_system_without_getrandom(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "getrandom", raising=False)
    with applied(make(Seed, "1"), pytestconfig), applied(make(Entropy, "seeded", seed="1"), pytestconfig) as factor:
        assert factor.shown() == "seeded"
        assert not hasattr(os, "getrandom")
