"""What was recorded and what can run become facts; whether data is of another source is found out here."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import pytest
from coverage import Coverage
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.coverage import analysis, measuring
from gates.builtin.coverage.facts import Branch, File, Function
from gates.builtin.coverage.lines import LARGEST, between, decoded, encoded, numbers, of
from gates.builtin.coverage.parsed import Parsed
from gates.builtin.coverage.readers.data import Ran, Recorded, Report, Reported, Way
from gates.model.evidence import Counted, Refusal, counted
from gates.model.reason import Reason
from support import reckoned

PARSED = Parsed(
    sha256="0" * 64,
    last=12,
    lines=encoded(of([1, 2, 3, 5, 6, 8, 9, 10])),
    excluded=encoded(of([11])),
    blank=encoded(of([1, 7, 12])),
    first={4: 3},
    ways={2: (3, 5), 5: (6, -1), 8: (9, 10)},
    excused=encoded(of([8])),
    jumps=((5, 2, -1), (2, 1, 0)),
    functions=(("one", 1, 6), ("one.inner", 3, 4), ("two", 8, 10)),
    pragmas=2,
)
NONE: Counted[Any] = counted(())


def recorded(*arcs: tuple[int, int], lines: int | None = None, jumps: bool = True) -> Recorded:
    ran = of({line for arc in arcs for line in arc if line > 0}) if lines is None else lines
    return Recorded(version="7", arcs=jumps, files={"/d/a.py": Ran(lines=ran, arcs=frozenset(arcs))})


def made(data: Recorded | Report, parsed: Parsed = PARSED, **keys: Any) -> File:
    (found,) = several(data, {"a.py": parsed}, dict.fromkeys(data.files, "a.py"), **keys)
    return found


def several(data: Recorded | Report, *rest: Any, **keys: Any) -> tuple[File, ...]:
    found = (
        measuring.files(data, *rest, **keys) if isinstance(data, Recorded) else measuring.reported(data, *rest, **keys)
    )
    assert not isinstance(found, Refusal), found.reason
    return found


def refused(data: Recorded | Report, parsed: Parsed = PARSED) -> Reason:
    places = dict.fromkeys(data.files, "a.py")
    take = measuring.files(data, {"a.py": parsed}, places) if isinstance(data, Recorded) else None
    found = take if isinstance(data, Recorded) else measuring.reported(data, {"a.py": parsed}, places)
    assert isinstance(found, Refusal)
    return found.reason


def test_the_facts_of_a_file() -> None:
    found = made(recorded((-1, 1), (1, 2), (2, 4), (4, 5), (5, 2), (2, 5)))
    assert found == File(
        path="a.py",
        sha256="0" * 64,
        statements=8,
        lines=PARSED.lines,
        executed=4,
        ran=encoded(of([1, 2, 3, 5])),
        excluded=PARSED.excluded,
        pragmas=2,
        ways=6,
        branches=counted(
            (
                Branch(line=2, total=2, missing=NONE),
                Branch(line=5, total=2, missing=counted(("6",))),
                Branch(line=8, total=2, missing=NONE),
            )
        ),
        functions=counted((Function(name="one", first=1, last=6), Function(name="two", first=8, last=10))),
    )


def test_a_way_out_of_the_function_is_named_so() -> None:
    assert made(recorded((5, 6))).branches.items[1].missing == counted(("exit",))


def test_a_way_out_counts_from_whichever_line_of_the_head_it_was_recorded() -> None:
    parsed = msgspec.structs.replace(PARSED, ways={5: (6, -3)})
    assert made(recorded((5, -4)), parsed).branches == counted((Branch(line=5, total=2, missing=counted(("6",))),))


def test_a_jump_that_is_meant_for_another_line_counts_there() -> None:
    assert made(recorded((5, 2), (5, 6))).branches.items[1].missing == NONE
    assert made(recorded((2, 1), (2, 3))).branches.items[0].missing == counted(("5",))


def test_ways_that_are_excused_are_never_missing_and_counted() -> None:
    found = made(recorded((1, 2)))
    assert (found.ways, found.branches.items[2]) == (6, Branch(line=8, total=2, missing=NONE))


def test_without_jumps_there_are_no_branches() -> None:
    found = made(recorded(lines=of([1, 2, 4]), jumps=False))
    assert (found.ways, found.branches, found.executed) == (0, NONE, 3)


def test_paths_that_lead_to_one_file_are_put_together() -> None:
    files = {
        "/d/a.py": Ran(lines=of([2, 3]), arcs=frozenset({(2, 3)})),
        "D:\\a.py": Ran(lines=of([2, 5]), arcs=frozenset({(2, 5)})),
    }
    found = made(Recorded(version="7", arcs=True, files=files))
    assert numbers(decoded(found.ran)) == [2, 3, 5]
    assert found.branches.items[0].missing == NONE


def test_files_are_sorted_and_those_that_were_not_parsed_left_out() -> None:
    files = dict.fromkeys(("/x/b.py", "/x/a.py", "/x/c.py", "/x/elsewhere.py"), Ran(lines=0))
    places = {"/x/b.py": "b.py", "/x/a.py": "a.py", "/x/c.py": "c.py"}
    found = several(Recorded(version="7", arcs=False, files=files), {"b.py": PARSED, "a.py": PARSED}, places)
    assert [one.path for one in found] == ["a.py", "b.py"]


def test_functions_are_those_with_something_missing_or_touched() -> None:
    everything = recorded((2, 3), (2, 5), (5, 6), (5, -1), lines=decoded(PARSED.lines) & ~2)
    names = [one.name for one in made(everything).functions.items]
    assert names == ["one"]
    touched = made(everything, touched={"a.py": of([4])}).functions.items
    assert [one.name for one in touched] == ["one", "one.inner"]
    assert made(everything, touched={"b.py": of([9])}).functions.count == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (13, "the data is of another source than a.py: line 13 ran; the source has 12 lines"),
        (7, "the data is of another source than a.py: line 7 ran; "),
        (LARGEST, f"line {LARGEST} ran"),
    ],
)
def test_a_line_that_cannot_run_is_data_of_another_source(line: int, said: str) -> None:
    reason = refused(recorded((1, line)))
    assert reason.code == "evidence_stale"
    assert said in reason.message


@pytest.mark.parametrize("line", [0, 1, 4, 11])
def test_lines_that_run_outside_of_statements_are_no_reason_for_alarm(line: int) -> None:
    made(recorded(lines=1 << line, jumps=False))


def test_templates_have_line_numbers_of_their_own() -> None:
    """jinja2's tests run `broken.html`, of three lines, which is Python by chance, up to line 4."""
    data = recorded(lines=of([1, 13]), jumps=False)
    for path, alarm in (("page.html", False), ("script", True), ("a.pyw", True)):
        found = measuring.files(data, {path: PARSED}, dict.fromkeys(data.files, path))
        assert isinstance(found, Refusal) is alarm


def test_an_empty_module_runs_its_first_line() -> None:
    empty = Parsed(
        sha256="",
        last=0,
        lines="0",
        excluded="0",
        blank="0",
        first={},
        ways={},
        excused="0",
        jumps=(),
        functions=(),
        pragmas=0,
    )
    assert made(recorded((-1, 1), (1, -1)), empty).statements == 0
    assert refused(recorded((1, 2)), empty).code == "evidence_stale"


def report(arcs: bool = True, **keys: Any) -> Report:
    said = Reported(**{"lines": of([2, 3]), "ran": of([2]), "ways": (Way(line=2, total=3, missing=("#2",)),), **keys})
    return Report(tool="LCOV", version="2", arcs=arcs, made=None, files={"src/a.py": said})


def test_a_report_says_itself_what_can_run() -> None:
    found = made(report(excluded=of([9])))
    assert (found.statements, found.executed, found.lines, found.ran) == (2, 1, "c", "4")
    assert (found.excluded, found.pragmas, found.sha256, found.ways) == (encoded(of([9])), 2, "0" * 64, 3)
    assert found.branches == counted((Branch(line=2, total=3, missing=counted(("#2",))),))
    assert [one.name for one in found.functions.items] == ["one", "one.inner"]


def test_ways_of_a_report_that_are_on_no_line_are_counted() -> None:
    found = made(report(unplaced=4))
    assert found.ways == 7
    assert found.branches.items[1] == Branch(line=0, total=4, missing=NONE)
    assert made(report(arcs=False, unplaced=4)).ways == 0


def test_docstrings_that_a_report_lists_as_having_run_are_no_statements() -> None:
    found = made(report(lines=of([2, 3, 4]), ran=of([2, 4]), surplus=1))
    assert (found.statements, found.executed) == (2, 1)
    reason = refused(report(surplus=1))
    assert (reason.code, "another source than a.py: 1 of the lines" in reason.message) == ("evidence_stale", True)


def test_a_report_of_another_source_is_refused() -> None:
    reason = refused(report(lines=of([2, 7])))
    assert (reason.code, "LCOV counts line 7" in reason.message) == ("evidence_stale", True)


def test_a_report_that_has_a_file_twice_is_refused() -> None:
    twice = report()
    found = Report(
        tool="LCOV", version="", arcs=True, made=None, files={**twice.files, "a.py": Reported(lines=2, ran=2)}
    )
    reason = refused(found)
    assert reason.code == "evidence_corrupt"
    assert reason.message.startswith("a.py and src/a.py are both a.py")


def test_source_that_was_replaced_is_found_out_where_coverage_passes(tmp_path: Path) -> None:
    """C5: coverage.py reports the data of one source over another, 100 % and exit code 0."""
    root = tmp_path.resolve()
    (root / "a.py").write_text("x = 1\ny = 2\nz = 3\n", "utf-8")
    reckoned.coverage(root, "run", "--branch", "a.py")
    (root / "a.py").write_text("x = 1\n\nz = 3\n", "utf-8")
    assert reckoned.coverage(root, "report", "--format=total").strip() == "100"
    reason = refused_by(root)
    assert reason.code == "evidence_stale"
    assert "a.py: line 2 ran" in reason.message


def refused_by(root: Path) -> Reason:
    found = measuring.files(
        reckoned.recorded(root), reckoned.parsed(root, ["a.py"]), dict.fromkeys(reckoned.recorded(root).files, "a.py")
    )
    assert isinstance(found, Refusal)
    return found.reason


SIMPLE = st.sampled_from(["pass", "x = [\n{i}    1,\n{i}]", "return", "raise x", "y = lambda: 1", "# c", "", "'''d'''"])
HEADS = st.sampled_from(
    [
        "if x:",
        "if x:  # pragma: no branch",
        "for y in x:",
        "while True:",
        "while x:  # pragma: no cover",
        "with x:",
        "with x, \\\n{i}        y:",
        "def f(a,\n{i}      b):",
        "class C:",
        "async def g():",
    ]
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> list[str]:
    """The lines of some statements, nested."""
    indent = "    " * depth
    found: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        if depth < 4 and draw(st.booleans()):
            found.append(indent + draw(HEADS).format(i=indent))
            found.extend(draw(blocks(depth + 1)))
            if draw(st.booleans()) and found[-1].strip() and "if x:" in found[-2:]:
                found.append(indent + "else:")
                found.extend(draw(blocks(depth + 1)))
        else:
            found.append(indent + draw(SIMPLE).format(i=indent))
    return [*found, f"{indent}last = {depth}"]


def compiled(source: str) -> bool:
    try:
        compile(source, "a.py", "exec")
    except SyntaxError:
        return False
    return True


SOURCES = (
    blocks()
    .map(lambda lines: "def outer(x):\n" + "".join(f"    {one}\n" for line in lines for one in line.split("\n")))
    .filter(compiled)
)


@hypothesis.settings(max_examples=100, deadline=None)
@given(SOURCES, st.data())
def test_whatever_ran_the_figures_are_those_of_coverage(source: str, rolls: st.DataObject) -> None:
    last = source.count("\n")
    number = st.integers(1, last)
    arcs = rolls.draw(st.sets(st.tuples(number, number | number.map(lambda line: -line)), max_size=60))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "a.py"
        path.write_text(source, "utf-8")
        path.with_name("empty.ini").touch()
        settings = str(path.with_name("empty.ini"))
        found = parsed_by(analysis.Measurer({"files": [], "config": settings}), str(path))
        cov = Coverage(data_file=None, config_file=False)
        cov.get_data().add_arcs({str(path): arcs})
        theirs = cov._analyze(str(path))
        ran = Ran(lines=of({line for arc in arcs for line in arc if line > 0} & allowed(found)), arcs=frozenset(arcs))
        ours = made(Recorded(version="7", arcs=True, files={str(path): ran}), found)
    assert numbers(decoded(ours.lines)) == sorted(theirs.statements)
    assert ours.ways == theirs.numbers.n_branches
    missing = {line: Counter(map(named, ends)) for line, ends in theirs.missing_branch_arcs().items()}
    assert {one.line: Counter(one.missing.items) for one in ours.branches.items if one.missing.count} == missing
    assert set(numbers(decoded(ours.ran))) == theirs.executed & set(numbers(decoded(ours.lines)))


def parsed_by(measurer: analysis.Measurer, path: str) -> Parsed:
    told = analysis.possible["parsed"](measurer.reporter(path), measurer.pragmas, python=True)
    return msgspec.convert(told, Parsed, str_keys=True)


def allowed(parsed: Parsed) -> set[int]:
    """Lines that a real run could have run: nothing of them is a statement's, else the data would be refused."""
    return set(numbers(between(1, parsed.last) & ~(decoded(parsed.blank) & ~2)))


def named(end: int) -> str:
    return "exit" if end < 0 else str(end)
