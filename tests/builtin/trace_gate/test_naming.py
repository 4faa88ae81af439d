"""Naming: each command of a Validation text gets its verdict, by what pytest collected and never by a text search."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace.naming import selection, spans
from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.validation import Validation

IDS = (
    "tests/e2e/test_flow.py::TestFlow::test_end_to_end_minimal",
    "tests/unit/dag_cancel_test.py::test_cancel_records",
    "tests/unit/dag_test.py::test_cycle",
    "tests/unit/dag_test.py::test_ready_sorted[a-1]",
    "tests/unit/dag_test.py::test_ready_sorted[b::2]",
    "tests/unit/test_smoke.py::TestOuter::TestInner::test_true",
)
MARKS: Mapping[str, tuple[str, ...]] = {IDS[0]: ("slow",), IDS[5]: ("smoke",)}
THERE = Collected(IDS, MARKS, ("tests/grpc", "tests/unit/broken_test.py"))
SEED = Path("../shared/seeds/seed_001.md")


def verdicts(text: str, there: Collected | None = THERE) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(one.state, one.tests.items) for one in Validation(there).read(text, 7)]


@pytest.mark.requirement("TRA-4")
@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("`python -m pytest -q tests/unit/dag_test.py::test_cycle`", IDS[2:3]),
        ("`PYTHONHASHSEED=0 TZ=UTC python -m pytest -q tests/unit/dag_test.py::test_cycle` (remark)", IDS[2:3]),
        ("pytest tests/unit/dag_test.py::test_cycle", IDS[2:3]),
        ("`pytest -q tests/unit/dag_test.py::test_cycle tests/unit/dag_cancel_test.py::test_cancel_records`",
         (IDS[2], IDS[1])),
        ("`pytest tests/unit/dag_test.py::test_ready_sorted`", IDS[3:5]),
        ("`pytest 'tests/unit/dag_test.py::test_ready_sorted[b::2]'`", IDS[4:5]),
        ("`pytest tests/unit/test_smoke.py::TestOuter`", IDS[5:]),
        ("`pytest tests/unit/test_smoke.py::TestOuter::TestInner::test_true`", IDS[5:]),
        ("`pytest tests/unit/dag_test.py`", IDS[2:5]),
        ("`pytest ./tests/e2e/`", IDS[:1]),
        ("`pytest tests/unit/dag_*`", IDS[1:5]),
        ("`pytest tests/{e2e,nothing}/../unit/dag_cancel_test.py`", IDS[1:2]),
        ("`pytest tests/unit/*_test.py::test_c*`", (IDS[1], IDS[2])),
        ("`pytest tests/unit -k 'cycle or CANCEL'`", (IDS[1], IDS[2])),
        ("`pytest -qk 'TestOuter and not nothing'`", IDS[5:]),
        ("`pytest -k=dag_cancel`", IDS[1:2]),
        ('`pytest -q -m "slow"`', IDS[:1]),
        ("`pytest -m 'not slow and not smoke'`", IDS[1:5]),
        ("`pytest tests/unit/dag_test.py --deselect tests/unit/dag_test.py::test_cycle`", IDS[3:5]),
        ("`pytest tests --ignore=tests/unit`", IDS[:1]),
        ("`pytest -n 2 --maxfail 1 -p no:cacheprovider -W error tests/e2e`", IDS[:1]),
        ("`uv run --with pytest pytest tests/e2e`", IDS[:1]),
        ("`poetry run pytest tests/e2e`", IDS[:1]),
        ("`hatch run test:pytest tests/e2e`", IDS[:1]),
        ("`coverage run -m pytest tests/e2e > out.txt 2>&1 | tee log`", IDS[:1]),
        ("`bash -c 'cd tests && pytest e2e'`", IDS[:1]),
        ("`tox -e py312 -- tests/unit/dag_test.py::test_cycle`", IDS[2:3]),
        ("`tests/unit/dag_test.py::test_cycle`", IDS[2:3]),
        ("see tests/unit/dag_test.py::test_cycle, it shows that", IDS[2:3]),
        ("`python -m unittest tests.unit.test_smoke.TestOuter.TestInner.test_true`", IDS[5:]),
        ("$ pytest tests/e2e   # -> 6 passed", IDS[:1]),
        ("`pytest <<EOF tests/e2e\\nany text\\nEOF`", IDS[:1]),
    ],
)  # fmt: skip
def test_tests_that_are_there_are_resolved(text: str, tests: tuple[str, ...]) -> None:
    assert ("resolved", tests) in verdicts(text)
    assert {state for state, _ in verdicts(text)} <= {"resolved", "not-a-test"}


@pytest.mark.requirement("TRA-4")
@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("`pytest tests/unit/dag_test.py::test_ready`", [("tests/unit/dag_test.py::test_ready", IDS[3][:-5])]),
        ("`pytest tests/e2e/test_flow.py::test_end_to_end_minimal`",
         [("tests/e2e/test_flow.py::test_end_to_end_minimal", IDS[0])]),
        ("`pytest dag_test.py::test_cycle`", [("dag_test.py::test_cycle", IDS[2])]),
        ("`pytest tests/unit/dag_tests.py`", [("tests/unit/dag_tests.py", "tests/unit/dag_test.py")]),
        ("`pytest tests/e2e tests/none.py::test_a`", [("tests/none.py::test_a", "")]),
        ("`pytest -k nothing_of_this`", [("-k nothing_of_this", "")]),
        ("`pytest tests/unit/x_*`", [("tests/unit/x_*", "")]),
    ],
)  # fmt: skip
def test_what_is_not_there_is_missing_with_the_nearest(text: str, missing: list[tuple[str, str]]) -> None:
    (one,) = Validation(THERE).read(text, 1)
    assert (one.state, list(one.missing.items)) == ("missing", missing)


@pytest.mark.requirement("TRA-4")
@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("`cargo test --all`", ["not-a-test"]),
        ("`npm test`; `make check`", ["not-a-test", "not-a-test"]),
        ("`ruff .` and `mypy --strict src`", ["not-a-test", "not-a-test"]),
        ('`python -m build && python -m pip install dist/*.whl && python -c "import a"`', ["not-a-test"] * 3),
        ("`python - <<PY\\nimport a; print('ok')\\nPY`", ["not-a-test"]),
        ("`python scripts/version.py 0.6 --dry-run` prints planned edits; logs show the tag.", ["not-a-test"]),
        ("python scripts/check.py and pytest tests/e2e", ["not-a-test", "resolved"]),
        ("`uname` shows `Darwin` in job logs.", ["prose"]),
        ("Inspect the run; PR contains the artifact; CI green.", ["prose"]),
        ("make sure that it works", ["prose"]),
        ("python is what we use", ["prose"]),
        ("Release assets include `*.intoto.*` and `*.sig`.", ["prose"]),
        ("", []),
        ("`pytest /etc/tests`", ["missing"]),
        ("`pytest ../other/tests`", ["missing"]),
    ],
)  # fmt: skip
def test_what_runs_no_test_of_ours_is_said(text: str, states: list[str]) -> None:
    held = verdicts(text)
    assert [state for state, _ in held] == states


def test_the_whole_suite_is_there_and_names_none_in_particular() -> None:
    assert verdicts("`pytest -q`") == [("resolved", ())]
    assert verdicts("`pytest -q`", Collected((), {})) == [("missing", ())]


def test_what_could_not_be_collected_is_not_known() -> None:
    assert verdicts("`pytest tests/unit/broken_test.py::test_a`") == [(None, ())]
    assert verdicts("`pytest tests/grpc/test_a.py`") == [(None, ())]
    assert verdicts("`pytest tests/unit/dag_test.py::test_cycle`", None) == [(None, ())]
    assert verdicts("`ruff .`", None) == [("not-a-test", ())]


def test_a_line_is_that_of_the_text() -> None:
    assert [one.line for one in Validation(THERE).read("`pytest tests/e2e` and `ruff .`", 41)] == [41, 41]


def test_nesting_without_end_is_no_test() -> None:
    assert verdicts("`pytest $(" + "$(" * 60 + "`") != []


@given(st.text(alphabet="`pytest -km/.:[]{}*()'\"&|;<>\\\n\u2011AZ09=", max_size=60))
def test_any_text_has_verdicts(text: str) -> None:
    for state, tests in verdicts(text):
        assert set(tests) <= set(IDS)
        assert state in {"resolved", "missing", "not-a-test", "prose", None}


@given(st.lists(st.sampled_from(IDS), min_size=1, unique=True), st.sampled_from(["", "A=1 B=c ", "uv run "]))
def test_the_short_way_says_what_the_shell_does(ids: list[str], before: str) -> None:
    words = shlex.join(ids)
    whole = verdicts(f"`{before}pytest -q {words} `")
    assert verdicts(f"`{before}pytest -q {words}`") == whole == [("resolved", tuple(ids))]


def test_expressions_mean_what_pytest_means(pytester: pytest.Pytester) -> None:
    pytester.makefile(".ini", pytest="[pytest]\nmarkers =\n  slow: s\n  fast(n): f\n")
    pytester.mkdir("unit").joinpath("test_a.py").write_text(
        "import pytest\n@pytest.mark.slow\ndef test_Foo(): pass\n"
        "class TestBar:\n    @pytest.mark.parametrize('x', ['q/w', 'e'])\n    def test_baz(self, x): pass\n"
        "@pytest.mark.fast(1)\ndef test_fast(): pass\n",
        encoding="utf-8",
    )
    ids = _collected(pytester)
    marks = {one: ("slow",) for one in ids if "Foo" in one} | {one: ("fast",) for one in ids if "fast" in one}
    marks |= {one: ("parametrize",) for one in ids if "[" in one}
    there = Collected(tuple(ids), marks)
    for option, expression in (
        ("-k", "foo"), ("-k", "TESTBAR and not e]"), ("-k", "unit"), ("-k", "test_a.py"), ("-k", "slow or baz"),
        ("-m", "slow"), ("-m", "not slow"), ("-m", "slo"), ("-k", "not (foo or bar)"),
    ):  # fmt: skip
        wanted = selection.of_words(["pytest", option, expression])
        assert wanted is not None
        assert sorted(selection.select(wanted, there).tests) == _collected(pytester, option, expression), expression


def _collected(pytester: pytest.Pytester, *args: str) -> list[str]:
    lines = pytester.runpytest_subprocess("--collect-only", "-q", "-p", "no:randomly", *args).outlines
    return sorted(line for line in lines if "::" in line)


@pytest.mark.skipif(not SEED.is_file(), reason="the seed documents are not beside this project")
def test_the_corpus() -> None:
    reader = Validation(Collected((), {}))
    lines = SEED.read_text(encoding="utf-8").splitlines()
    texts = [line.partition("Validation:")[2].strip() for line in lines if line.strip().startswith("- Validation:")]
    read = [reader.read(text, 1) for text in texts]
    named = [[name for one in held for name, _ in one.missing.items if "::" in name] for held in read]
    assert len(texts) == 106
    assert len({name for names in named for name in names}) == 94
    assert sum(not names for names in named) == 22
    assert Counter(one.state for held in read for one in held) == {"missing": 87, "not-a-test": 20, "prose": 8}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("TZ=UTC LANG=C", [("TZ=UTC LANG=C", False)]),
        ("pytest a.py and look at it", [("pytest a.py and look at it", True)]),
        ("pytest a.py and ruff check src; then see", [("pytest a.py", True), ("ruff check src; then see", True)]),
    ],
)
def test_only_what_is_a_command_too_is_set_apart(text: str, pieces: list[tuple[str, bool]]) -> None:
    assert spans.spans(text) == pieces
