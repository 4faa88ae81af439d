"""Bad input: whatever one benchmark does, it is one sentence, the others are compared, and nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from support.bench_projects import BENCH, PRODUCT, Run, check, project
from support.repositories import git

FAULTS = """
import os
import signal
import time

import pytest

import product


def test_crashes_at_head(benchmark):
    benchmark(product.fragile)


def test_crashes_at_base(benchmark):
    benchmark(product.frail)


def test_hangs(benchmark):
    benchmark(product.endless)


def test_forks(benchmark):
    benchmark(os.fork)


def test_prints(benchmark):
    benchmark(print, "x" * 100_000)


def test_moves(benchmark, tmp_path):
    benchmark(os.chdir, tmp_path)


def test_needs_a_fixture(benchmark, fresh):
    benchmark(product.work)


def test_raises(benchmark):
    benchmark(product.failing)


@pytest.mark.skip(reason="not now")
def test_skipped(benchmark):
    benchmark(product.work)


def test_idle(benchmark):
    pass


def test_after_all(benchmark):
    benchmark(product.work)
"""

FRAGILE = """

def crash():
    import os, signal
    os.kill(os.getpid(), signal.SIGSEGV)


def endless():
    import time
    while {endless}:
        time.sleep(1)


fragile, frail = {fragile}, {frail}


def failing():
    if {failing}:
        raise ValueError("not any more")
"""

FIXTURES = "import pytest\n\n\n@pytest.fixture\ndef {name}():\n    return 1\n"
IMPORTS = "from product import added\n\n\ndef test_imports(benchmark):\n    benchmark(added)\n"
SYNTAX = "def test_syntax(benchmark:\n"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over a project with every fault that a benchmark can have, in one file and two beside it."""
    base = FRAGILE.format(endless=False, fragile="work", frail="crash", failing=False)
    head = FRAGILE.format(endless=True, fragile="crash", frail="work", failing=True)
    root = project(
        tmp_path_factory.mktemp("faulty") / "project",
        base={
            "product.py": PRODUCT + base,
            "fixtures.py": FIXTURES.format(name="stale"),
            "tests/test_syntax.py": BENCH.format(name="syntax"),
            "tests/test_gone.py": BENCH.format(name="gone"),
        },
        head={
            "product.py": f"{PRODUCT}{head}\n\nadded = work\n",
            "fixtures.py": FIXTURES.format(name="fresh"),
            "tests/conftest.py": "from fixtures import *\n",
            "tests/test_faults.py": FAULTS,
            "tests/test_imports.py": IMPORTS,
            "tests/test_syntax.py": SYNTAX,
            "tests/test_gone.py": None,
        },
        **{"benchmark-timeout": "3.0"},
    )
    return check(root)


SEGFAULT = "its process is gone: ended by SIGSEGV (Fatal Python error: Segmentation fault)"
FINDINGS = """
BEN003 test_gone was a benchmark and is not there any more: base has it, and head has it not
BEN004 test_idle asked for `benchmark` and never called it at base and at head: it never calls benchmark
BEN004 test_skipped was skipped at base and at head: not now
BEN005 test_crashes_at_head took its process down at head: {segfault}
BEN005 test_forks let a copy of its process go on at base and at head: it forked, and the copy of the process went on
BEN005 test_hangs was not done in time at head: nothing was heard of it for 3 s, and its process was ended
BEN005 test_raises raised at head: call 1 raised ValueError: not any more
BEN005 test_syntax could not be collected at head: SyntaxError: '(' was never closed
BEN006 test_crashes_at_base has nothing to be compared with: it took its process down at base: {segfault}
BEN006 test_imports has nothing to be compared with: it could not be collected at base: {missing}
BEN006 test_needs_a_fixture has nothing to be compared with: it raised at base: fixture 'fresh' not found
""".format(segfault=SEGFAULT, missing="ImportError: cannot import name 'added' from 'product' (product.py)")


def test_each_fault_is_one_sentence(faulty: Run) -> None:
    said = sorted(one.partition("; ")[0].partition(" (pytest ")[0] for one in faulty.findings)
    assert said == FINDINGS.split("\n")[1:-1]


def test_the_others_are_compared_in_full(faulty: Run) -> None:
    assert sorted(faulty.compared) == ["test_after_all", "test_moves", "test_one", "test_prints", "test_two"]
    assert faulty.verdict == "failed"


def test_a_changed_directory_is_a_note(faulty: Run) -> None:
    assert "test_moves left the current directory changed" in faulty.notes


CONFTEST = "raise RuntimeError('not here')\n"


def test_a_conftest_that_fails_at_head_is_the_reason(tmp_path: Path) -> None:
    done = check(project(tmp_path / "project", {"tests/conftest.py": CONFTEST}))
    assert done.verdict == "undecided"
    expected = "the benchmarks of head could not be collected: tests/conftest.py: RuntimeError: not here"
    assert done.reason == f"tool_crashed: {expected}"


def test_a_conftest_that_needs_what_base_lacks_leaves_nothing_to_compare(tmp_path: Path) -> None:
    added = {"tests/conftest.py": "from product import added\n", "product.py": f"{PRODUCT}\n\nadded = 1\n"}
    done = check(project(tmp_path / "project", added))
    assert done.verdict == "failed"
    assert done.reason.startswith("nothing_examined: 2 benchmarks found")
    assert [re.sub(r" \(.*?\)", "", one) for one in done.findings] == [
        f"BEN006 {name} has nothing to be compared with: it could not be collected at base:"
        " tests/conftest.py: ImportError: cannot import name 'added' from 'product',"
        " though base has it: what only head can import belongs into a file of its own"
        for name in ("test_one", "test_two")
    ]


def test_base_that_cannot_collect_its_own_benchmarks_is_noted(tmp_path: Path) -> None:
    done = check(project(tmp_path / "project", {"tests/conftest.py": ""}, {"tests/conftest.py": CONFTEST}))
    assert sorted(done.compared) == ["test_one", "test_two"]
    assert (
        "base cannot collect its own benchmarks (tests/conftest.py: RuntimeError: not here): one of them that is gone"
        " now would not be noticed"
    ) in done.notes


def test_a_product_that_cannot_be_imported_is_the_reason(tmp_path: Path) -> None:
    done = check(project(tmp_path / "project", {"product.py": "import nothing_of_that_name\n"}))
    assert done.reason == (
        "tool_crashed: the benchmarks of head could not be collected: tests/test_work.py: ModuleNotFoundError:"
        " No module named 'nothing_of_that_name'"
    )


def test_a_product_that_cannot_be_imported_at_base_is_said_of_each(tmp_path: Path) -> None:
    broken = {"product.py": "import nothing_of_that_name\n"}
    done = check(project(tmp_path / "project", {"product.py": PRODUCT}, broken))
    assert done.reason.startswith("nothing_examined: 2 benchmarks found")
    assert len(done.findings) == 2
    assert all("No module named 'nothing_of_that_name'" in one for one in done.findings)


def test_no_benchmark_at_all_is_a_reason(tmp_path: Path) -> None:
    plain = {"tests/test_work.py": "def test_plain():\n    pass\n"}
    done = check(project(tmp_path / "project", plain, plain))
    assert done.reason.startswith("does_not_apply: there is no benchmark")


def test_a_base_without_the_project_is_a_reason(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {"product.py": PRODUCT}, {"product.py": None})
    assert check(root).reason == "no_base: base has no package of head (product); its packages: none"


ENDS = """
def write(word):
    with open({log!r}, "a") as log:
        print(word, file=log)


def pytest_sessionfinish():
    write("finished")


def pytest_terminal_summary():
    write("summed-up")
"""


def test_head_may_be_its_own_base_with_what_git_does_not_know_and_without_a_network(tmp_path: Path) -> None:
    root = project(tmp_path / "project", {"conftest.py": ENDS.format(log=str(tmp_path / "log"))})
    (root / "extra.py").write_text("def more():\n    return 1\n")
    (root / "product.py").write_text(f"{PRODUCT}\n\nfrom extra import more\n")
    done = check(root, base="HEAD", offline=True)
    # What a project does at the end of a run is done, and what it says there is said to nobody.
    assert set((tmp_path / "log").read_text().split()) == {"finished"}
    assert sorted(done.compared) == ["test_one", "test_two"]
    assert done.verdict == "passed"


TABLES = """
imports = ["product", "gone"]

[[tool.gates.bench.command]]
name = "script"
argv = ["python", "script.py"]

[[tool.gates.bench.command]]
name = "broken"
argv = ["python", "-c", "import product; product.fresh()"]
"""


def test_commands_and_imports_are_compared_beside_tests(tmp_path: Path) -> None:
    script = {"script.py": "import product\n\nproduct.work(1_000_000)\n"}
    head = {"product.py": f"{PRODUCT}\n\nfresh = work\n"}
    done = check(project(tmp_path / "project", head, script, more=TABLES))
    assert sorted(done.compared) == ["import product", "script", "test_one", "test_two"]
    said = sorted(done.findings)
    assert [one.partition(": it ended")[0] for one in said] == [
        "BEN005 import gone raised at base and at head",
        "BEN006 broken has nothing to be compared with: it raised at base",
    ]
    assert "AttributeError: module 'product' has no attribute 'fresh'" in said[1]


def test_a_package_in_src_is_that_of_each_side_whatever_the_options(tmp_path: Path) -> None:
    options = {"pytest.ini": "[pytest]\naddopts = -n 2 --cov=product --maxfail=1 -rA\n"}
    base = {"product.py": None, "src/product/__init__.py": PRODUCT, **options}
    done = check(project(tmp_path / "project", {"src/product/__init__.py": f"{PRODUCT}\nVALUE = 2\n"}, base))
    assert sorted(done.compared) == ["test_one", "test_two"]
    assert done.verdict == "passed"


def test_a_product_that_is_taken_from_elsewhere_is_the_reason(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "product.py").write_text(PRODUCT)
    conftest = {"tests/conftest.py": f"import sys\n\nsys.path.insert(0, {str(elsewhere)!r})\n"}
    done = check(project(tmp_path / "project", conftest))
    assert done.reason == (
        f"tested_installed_copy: product of base is imported from {elsewhere}/product.py, and not from the folder of"
        " this side"
    )


def test_a_gate_that_is_out_of_time_leaves_nothing(tmp_path: Path) -> None:
    slow = {"product.py": "import time\n\n\ndef work():\n    time.sleep(30)\n"}
    done = check(project(tmp_path / "project", slow, slow, timeout="4.0"))
    assert done.reason.startswith("timeout: ")


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    slow = {"product.py": "import time\n\n\ndef work():\n    time.sleep(0.5)\n"}
    root = project(tmp_path / "project", slow, slow)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    argv = [sys.executable, "-m", "gates", "check", "bench", "--base", "HEAD~1", "--project", str(root)]
    process = subprocess.Popen(
        argv,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 60
    while len(below(process.pid)) < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(1.0)
    running = below(process.pid)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=45)
    assert process.returncode == 130, said
    _, alive = psutil.wait_procs(running, timeout=2)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert not list(temporary.iterdir())
    assert len(git(root, "worktree", "list").splitlines()) == 1


def below(number: int) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process(number).children(recursive=True)
    return []
