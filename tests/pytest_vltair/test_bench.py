"""A run that gates leads: what is a benchmark, what is said of it, and how it is timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.bench_parent import Plan, burst, lead

SUITE = """
    import random, time
    import pytest

    pytestmark = pytest.mark.vltair_bench(limit=7, timeout=20)

    LOG = []
    DRAWN = random.random()

    @pytest.fixture(params=[3, 4])
    def number(request):
        LOG.append("set up")
        return request.param

    @pytest.mark.vltair_bench(limit=2.5)
    def test_body(number):
        LOG.append(number)

    def test_after_body():
        LOG.append("other")

    def test_what_ran(benchmark):
        # a warm-up call, a timed one, two bursts of 2 x 3 calls, and one for the result, of each parameter
        assert LOG == ["set up", *[3] * 15, "set up", *[4] * 15, *["other"] * 15], LOG
        assert benchmark(lambda: 5) == 5

    class TestMany:
        count = 0
        def test_method(self, tmp_path):
            self.count += 1
            assert tmp_path.is_dir()

    @pytest.mark.codspeed_benchmark
    def test_waits():
        time.sleep(0.002)

    def test_draws(benchmark):
        assert benchmark(lambda: DRAWN) == 0.8444218515250481
        random.seed()

    def test_draws_again(benchmark):
        assert random.random() == DRAWN
        benchmark(int)
"""


def test_bodies_and_fixtures_are_timed_and_the_rest_is_left(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(_text(SUITE))
    (tmp_path / "test_other.py").write_text("def test_no_benchmark(): assert False\n")
    run = lead(tmp_path, orders=Plan(burst(2, 3), burst(2, 3)))
    assert run.code == 0, run.out + run.err
    assert run.err == ""
    assert run.said[0] == {
        "event": "hello",
        "token": "c0ffee",
        "side": "head",
        "pid": run.said[0]["pid"],
    }
    assert run.events[-1] == "done"
    assert {end for end, _ in run.endings.values()} == {"passed"}
    assert "1 deselected" in run.out
    first, *_ = run.collected["benchmarks"]
    assert first == {
        "id": "test_it.py::test_body[3]",
        "path": "test_it.py",
        "line": 15,
        "limit": 2.5,
        "timeout": 20.0,
    }
    assert [one["id"].partition("::")[2] for one in run.collected["benchmarks"]] == list(run.endings)
    assert len(run.times("test_what_ran")) == 4
    (ready,) = [one for one in run.said if one["event"] == "ready" and one["id"].endswith("test_waits")]
    assert ready["loops"] is None
    assert all(0.002 <= seconds < 1 for seconds in (ready["seconds"], *run.times("test_waits")))


def test_the_order_and_the_choice_are_those_that_are_told(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("".join(f"def test_{one}(benchmark): benchmark(int)\n" for one in "abc"))
    run = lead(tmp_path, orders=Plan(select=lambda ids: [ids[2], ids[0]]))
    assert list(run.endings) == ["test_c", "test_a"]
    run = lead(tmp_path, orders=Plan(select=lambda ids: []))
    assert run.events == ["hello", "collected", "done"]
    run = lead(tmp_path, orders=Plan(select=lambda ids: ["test_it.py::test_d"]))
    assert (run.code, run.events) == (4, ["hello", "collected"])
    assert run.err == "vltair: gates asked for a benchmark that was not collected: test_it.py::test_d\n"


def test_a_marker_that_is_put_on_late(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\ndef pytest_collection_modifyitems(items): items[0].add_marker(pytest.mark.vltair_bench)\n"
    )
    (tmp_path / "test_it.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    assert lead(tmp_path).endings == {"test_a": ("passed", "")}


def test_a_share_more_is_inside_what_is_timed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import time\ndef test_it(benchmark): benchmark(time.sleep, 0.01)\n")
    run = lead(tmp_path, orders=Plan(burst(3, 2), burst(3, 2, slow=0.5)))
    times = run.times("test_it")
    # how much longer either takes is up to the machine
    assert 0.01 <= min(times[:3]) < 0.05
    assert 0.015 <= min(times[3:]) < 0.05


def test_what_it_costs_to_be_timed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(benchmark): benchmark(int)\n")
    run = lead(tmp_path, orders=Plan(burst(20, 10000)))
    # an empty call in a bare loop takes 30 to 70 ns
    assert min(run.times("test_it")) < 2e-6


def test_packages_are_imported_after_the_collection_and_said(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    (tmp_path / "spaced" / "inner").mkdir(parents=True)
    (tmp_path / "broken.py").write_text("import sys; sys.exit(1)\n")
    (tmp_path / "test_it.py").write_text(
        "import sys\nassert 'pkg' not in sys.modules\n"
        "def test_it(benchmark):\n    import os; assert not [name for name in os.environ if 'VLTAIR' in name]\n"
        "    assert 'pkg' in sys.modules; benchmark(int)\n"
    )
    run = lead(
        tmp_path, "-p", "no:randomly", packages=("pkg", "spaced", "broken", "absent"), environment={"PYTHONPATH": "."}
    )
    assert run.endings == {"test_it": ("passed", "")}
    packages = {
        name: file and Path(file).relative_to(tmp_path).as_posix() for name, file in run.collected["packages"].items()
    }
    assert packages == {"pkg": "pkg/__init__.py", "spaced": "spaced", "broken": None, "absent": None}


PEDANTIC = """
    LOG = []

    def test_pedantic(benchmark):
        def setup():
            LOG.append("set up")
            return ([3, 1, 2],), {"reverse": True}
        def call(numbers, reverse):
            LOG.append("call")
            return sorted(numbers, reverse=reverse)
        result = benchmark.pedantic(call, setup=setup, teardown=lambda *_, **__: LOG.append("end"), rounds=4)
        assert result == [3, 2, 1]
        assert LOG == ["set up", "call", "end"] * 5

    def test_iterations(benchmark):
        assert benchmark.pedantic(sum, args=([1, 2],), kwargs={"start": 2}, rounds=2, iterations=7) == 5

    def test_set_up_without_arguments(benchmark):
        assert benchmark.pedantic(sum, args=([1, 2],), setup=lambda: None, warmup_rounds=2) == 3

    def test_both(benchmark):
        benchmark.pedantic(sum, args=([1, 2],), setup=lambda: (([],), {}))

    def test_rounds(benchmark):
        benchmark.pedantic(sum, args=([1, 2],), rounds=True)

    def test_iterations_of_a_set_up(benchmark):
        benchmark.pedantic(sum, args=([1, 2],), setup=int, iterations=2)

    def test_set_up_raises(benchmark):
        benchmark.pedantic(sum, setup=lambda: 1 / 0)
"""


def test_pedantic(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(_text(PEDANTIC))
    run = lead(tmp_path, orders=Plan(burst(2, 9)))
    loops = {one["id"].partition("::")[2]: one["loops"] for one in run.said if one["event"] == "ready"}
    assert loops == {"test_pedantic": 1, "test_iterations": 7, "test_set_up_without_arguments": 1}
    both = "TypeError: benchmark.pedantic takes arguments from `setup` or from `args` and `kwargs`, not both"
    rounds = "ValueError: benchmark.pedantic: `rounds` must be a whole number from 1 on"
    serves = "ValueError: benchmark.pedantic: with `setup` each round is one call, so `iterations` must be 1"
    assert run.endings == {
        "test_pedantic": ("passed", ""),
        "test_iterations": ("passed", ""),
        "test_set_up_without_arguments": ("passed", ""),
        "test_both": ("failed", both),
        "test_rounds": ("failed", rounds),
        "test_iterations_of_a_set_up": ("failed", serves),
        "test_set_up_raises": ("failed", "ZeroDivisionError: division by zero"),
    }


INTERFACE = """
    import pytest

    @pytest.mark.benchmark(group="sums")
    @pytest.mark.parametrize("number", [2])
    def test_names(benchmark, number):
        assert (benchmark.name, benchmark.group) == ("test_names[2]", "sums")
        assert benchmark.fullname.endswith("::test_names[2]")
        assert (benchmark.param, benchmark.params) == ("2", {"number": 2})
        assert benchmark.enabled and not benchmark.disabled
        assert benchmark.stats is None
        benchmark.extra_info["number"] = number
        benchmark(sum, [number])
        assert 0 < benchmark.stats.stats.min <= benchmark.stats["median"] <= benchmark.stats.stats.max < 1
        assert benchmark.stats.rounds == len(benchmark.stats.data) == 2
        assert benchmark.stats.iqr == 0.0
        with pytest.raises(AttributeError): benchmark.stats._absent

    def test_decorates(benchmark):
        @benchmark
        def result(): return 3
        assert result == 3

    def test_other_name(codspeed_benchmark):
        assert codspeed_benchmark(sum, [1, 2]) == 3

    def test_weaves(benchmark):
        benchmark.patch("json.dumps")

    def test_fixture_weaves(benchmark_weave):
        benchmark_weave("json.dumps")

    def test_disables(benchmark):
        benchmark.disabled = True
        assert benchmark(sum, [1, 2]) == 3

    def test_catches(benchmark):
        with pytest.raises(ZeroDivisionError): benchmark(lambda: 1 / 0)
        assert benchmark.has_error
"""


def test_the_interface_is_that_of_pytest_benchmark(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(_text(INTERFACE))
    run = lead(tmp_path)
    weaves = "RuntimeError: benchmark.weave and benchmark.patch cannot be timed here: call benchmark(function)"
    catches = "call 1 raised ZeroDivisionError: division by zero, and the test takes that for right"
    assert run.endings == {
        "test_names[2]": ("passed", ""),
        "test_decorates": ("passed", ""),
        "test_other_name": ("passed", ""),
        "test_weaves": ("failed", weaves),
        "test_fixture_weaves": ("failed", weaves),
        "test_disables": ("disabled", "the test sets benchmark.disabled"),
        "test_catches": ("failed", catches),
    }


def test_a_fixture_of_the_project_stands_over_ours(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\n@pytest.fixture\ndef benchmark(benchmark):\n"
        "    benchmark.group = 'ours'\n    return benchmark\n"
    )
    (tmp_path / "test_it.py").write_text(
        "def test_it(benchmark): assert benchmark.group == 'ours' and benchmark(int) == 0\n"
    )
    run = lead(tmp_path)
    assert run.endings == {"test_it": ("passed", "")}
    assert len(run.times("test_it")) == 2


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("limit=0", "needs a limit that is a percentage above 0"),
        ("limit=float('nan')", "needs a limit that is a percentage above 0"),
        ("limit='5 %'", "needs a limit that is a percentage above 0"),
        ("limit=True", "needs a limit that is a percentage above 0"),
        ("timeout=-1", "needs a timeout that is a number of seconds above 0"),
        ("5", "has a value without a name: write vltair_bench(limit=2.5, timeout=30)"),
        ("limits=5", "has a keyword 'limits', and limit and timeout are the only ones that it knows"),
    ],
)
def test_a_marker_that_says_what_cannot_be(pytester: pytest.Pytester, written: str, why: str) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.vltair_bench({written})\ndef test_it(): pass\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    said = written.replace("float('nan')", "nan")
    result.stdout.fnmatch_lines([f"*.py:2: test_it: the marker vltair_bench({said}) {why}"])


@pytest.mark.parametrize(
    ("place", "of"), [("pytestmark = mark", "test_it.py"), ("class TestA:\n    pytestmark = mark", "test_it.py::TestA")]
)
def test_a_marker_of_more_than_one_test(pytester: pytest.Pytester, place: str, of: str) -> None:
    test = "    def test_it(self): pass" if "class" in place else "def test_it(): pass"
    pytester.makepyfile(test_it=f"import pytest\nmark = pytest.mark.vltair_bench(limit=-2)\n{place}\n{test}\n")
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines([f"{of}: the marker vltair_bench(limit=-2) needs a limit that is a percentage above 0"])


def test_without_gates_a_marked_test_is_an_ordinary_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        import pytest

        RUNS = []

        @pytest.mark.vltair_bench
        def test_once():
            RUNS.append(1)

        def test_it():
            assert RUNS == [1]
            assert not [name for name in sys.modules if name.startswith("pytest_vltair.bench")]
    """)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--strict-markers")
    result.assert_outcomes(passed=2)
    assert "vltair:" not in result.stdout.str()


def _text(source: str) -> str:
    import textwrap

    return textwrap.dedent(source)
