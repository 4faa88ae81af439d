"""Shards and lanes of one suite: what ran anywhere ran, and what is missing is missing in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.coverage import consistency, lines, merge
from gates.builtin.coverage.facts import CoverageEvidence, File, Lane, Near, Patch
from gates.builtin.coverage.union import Uniting
from gates.model.evidence import Refusal, counted
from support import coverage_facts, measured_runs
from support.coverage_facts import changed, file, subject

Ways = Mapping[int, tuple[int, Sequence[str]]]


def shard(name: str, *files: File, platform: str = "linux", **wished: Any) -> CoverageEvidence:
    return coverage_facts.evidence(*files, lanes=[merge.lane(name, platform, files)], **wished)


def whole(*files: File, platform: str = "linux", **wished: Any) -> CoverageEvidence:
    return shard("1/1", *files, platform=platform, **wished)


def merged(*parts: CoverageEvidence) -> CoverageEvidence:
    found = merge.merge(parts)
    assert isinstance(found, CoverageEvidence), found
    assert consistency.fault(found) is None
    return found


def joined(**lanes: CoverageEvidence) -> CoverageEvidence:
    found = merge.join(lanes)
    assert isinstance(found, CoverageEvidence), found
    assert consistency.fault(found) is None
    return found


def refused(found: CoverageEvidence | Refusal) -> str:
    assert isinstance(found, Refusal)
    assert found.reason.fix
    return f"{found.reason.code}: {found.reason.message}"


def halves(first: File, second: File, **wished: Any) -> list[CoverageEvidence]:
    return [shard("1/2", first, **wished), shard("2/2", second, **wished)]


def one(found: CoverageEvidence, path: str = "src/a.py") -> File:
    return next(held for held in found.files.items if held.path == path)


def ways(held: File) -> dict[int, tuple[int, tuple[str, ...]]]:
    return {branch.line: (branch.total, branch.missing.items) for branch in held.branches.items}


def excluding(held: File, numbers: Iterable[int]) -> File:
    return msgspec.structs.replace(held, excluded=lines.encoded(lines.of(numbers)))


def test_what_ran_anywhere_ran() -> None:
    held = one(merged(*halves(file(ran=[1, 2, 3]), file(ran=[3, 9]))))
    assert lines.numbers(lines.decoded(held.ran)) == [1, 2, 3, 9]
    assert (held.statements, held.executed) == (10, 4)


def test_a_way_is_missing_only_where_all_miss_it() -> None:
    first = file(ways={1: (2, ["3", "exit"]), 5: (2, ["6"])})
    second = file(ways={1: (2, ["exit"]), 5: (2, ["8"])})
    assert ways(one(merged(*halves(first, second)))) == {1: (2, ("exit",)), 5: (2, ())}


def test_files_of_each_are_there() -> None:
    found = merged(*halves(file("src/b.py"), file("src/a.py")))
    assert [held.path for held in found.files.items] == ["src/a.py", "src/b.py"]


def test_figures_of_each_shard_stay() -> None:
    parts = halves(file(ran=[1], ways={1: (2, ["3"])}), file(ran=[1, 2], ways={1: (2, [])}))
    first = Lane(name="1/2", platform="linux", statements=10, executed=1, ways=2, taken=1)
    second = Lane(name="2/2", platform="linux", statements=10, executed=2, ways=2, taken=2)
    assert merged(*parts).lanes.items == (first, second)


def test_figures_of_each_lane_and_of_its_shards_stay() -> None:
    linux = merged(*halves(file(ran=[1, 2]), file(ran=[3])))
    found = joined(linux=linux, windows=whole(file(ran=[4]), platform="win32"))
    assert [(lane.name, lane.platform, lane.executed) for lane in found.lanes.items] == [
        ("linux", "linux", 3),
        ("linux 1/2", "linux", 2),
        ("linux 2/2", "linux", 1),
        ("windows", "win32", 1),
    ]
    assert one(found).executed == 4


def test_versions_of_all_are_named() -> None:
    found = joined(linux=whole(version="7.17.3"), windows=whole(version="7.11.0"), macos=whole(version="7.17.3"))
    assert found.version == "7.17.3, 7.11.0"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "evidence_missing: there are no shards of coverage to merge, or some say not which"),
        (["1/3", "3/3"], "evidence_missing: shard 2/3 of coverage is missing"),
        (["1/2", "1/2"], "evidence_foreign: shard 1/2 of coverage is there more than once"),
        (["1/2", "2/3"], "evidence_foreign: these are not shards of one suite: 1/2, 2/3"),
        (["linux", "windows"], "evidence_foreign: these are not shards of one suite: linux, windows"),
    ],
)
def test_shards_that_are_no_whole(names: list[str], said: str) -> None:
    assert refused(merge.merge([shard(name) for name in names])) == said


def test_a_shard_that_does_not_say_which_it_is() -> None:
    assert refused(merge.merge([coverage_facts.evidence()])).startswith("evidence_missing")


def test_no_lanes() -> None:
    assert refused(merge.join({})) == "evidence_missing: there is no lane to join"


def test_branches_and_lines_do_not_mix() -> None:
    bare = whole(file(), arcs=False)
    said = (
        "evidence_foreign: branches were measured in lane linux and only lines in lane windows, and the two do not mix"
    )
    assert refused(merge.join({"linux": whole(), "windows": bare})) == said
    assert refused(merge.join({"windows": bare, "linux": whole()})) == said
    parts = [shard("1/2", file()), shard("2/2", file(), arcs=False)]
    assert "measured in shard 1/2 and only lines in shard 2/2" in refused(merge.merge(parts))


def test_the_same_file_with_different_sources_is_refused() -> None:
    other = msgspec.structs.replace(file(), sha256="1" * 64)
    said = "evidence_foreign: src/a.py is the same file with different sources in shard 1/2 and shard 2/2"
    assert refused(merge.merge(halves(file(), other))) == said
    assert "in lane linux and lane windows" in refused(merge.join({"linux": whole(), "windows": whole(other)}))


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        ({"schema_version": 2}, "versions of the facts"),
        ({"source": "coverage.xml"}, "measurements"),
        ({"counted": True}, "settings of `branch`"),
        ({"contexts": False}, "demands on contexts"),
        ({"limit": 90}, "limits of the project's own"),
        ({"baselined": True}, "baselines"),
        ({"no_base": "there is no history"}, "base commits"),
        ({"patch": []}, "base commits"),
    ],
)
def test_what_belongs_to_one_suite_must_agree(wished: dict[str, Any], said: str) -> None:
    found = merge.join({"linux": whole(), "windows": whole(file(), **wished)})
    assert refused(found) == f"evidence_foreign: lane linux and lane windows have different {said}"


def test_a_damaged_set_of_lines_is_refused() -> None:
    bad = msgspec.structs.replace(file(), ran="!!")
    assert refused(merge.merge(halves(file(), bad))).startswith("evidence_corrupt: the evidence of coverage is damaged")


def test_functions_of_all_are_there_once_in_their_order_and_the_most_pragmas_count() -> None:
    first = file(functions=[("save", 5, 9), ("load", 1, 4)], pragmas=2)
    second = file(functions=[("load", 1, 4), ("close", 1, 2)], pragmas=1)
    held = one(merged(*halves(first, second)))
    found = [(function.name, function.first) for function in held.functions.items]
    assert found == [("close", 1), ("load", 1), ("save", 5)]
    assert held.pragmas == 2


def test_a_damaged_change_is_refused() -> None:
    bad = msgspec.structs.replace(changed(touched=[1]), touched="!!")
    assert refused(merge.merge(halves(file(), file(), patch=[bad]))).startswith("evidence_corrupt")


# Exclusions that differ between systems


def test_a_statement_that_one_system_excludes_counts_where_another_measures_it() -> None:
    posix = excluding(file(can=[1, 4], ran=[1, 4]), [2, 3])
    nt = excluding(file(can=[1, 2, 3], ran=[1, 2]), [4])
    held = one(joined(linux=whole(posix), windows=whole(nt)))
    assert lines.numbers(lines.decoded(held.lines)) == [1, 2, 3, 4]
    assert lines.numbers(lines.decoded(held.ran)) == [1, 2, 4]
    assert held.excluded == "0"


def test_what_all_exclude_stays_excluded() -> None:
    linux, windows = excluding(file(can=[1], ran=[1]), [2, 3]), excluding(file(can=[1, 2], ran=[1]), [3])
    held = one(joined(linux=whole(linux), windows=whole(windows)))
    assert lines.numbers(lines.decoded(held.excluded)) == [3]


def test_a_system_says_nothing_of_a_way_into_what_it_excludes() -> None:
    linux = excluding(file(can=[1, 4, 6], ran=[1, 4], ways={1: (2, ["6"])}), [2])
    windows = file(can=[1, 2, 4, 6], ran=[1, 4], ways={1: (3, ["2", "6"])})
    assert ways(one(joined(linux=whole(linux), windows=whole(windows))))[1] == (3, ("6", "2"))
    took = file(can=[1, 2, 4, 6], ran=[1, 2], ways={1: (3, ["6"])})
    assert ways(one(joined(linux=whole(linux), windows=whole(took))))[1] == (3, ("6",))


def test_systems_that_exclude_different_ways_answer_for_their_own() -> None:
    linux = excluding(file(can=[1, 4, 6], ran=[1, 4], ways={1: (2, ["6"])}), [2])
    windows = excluding(file(can=[1, 2, 6], ran=[1, 6], ways={1: (2, ["2"])}), [4])
    assert ways(one(joined(linux=whole(linux), windows=whole(windows)))) == {1: (2, ("2",))}
    linux = excluding(file(can=[1, 4, 6], ran=[1], ways={1: (2, ["4", "6"])}), [2])
    windows = excluding(file(can=[1, 2, 6], ran=[1], ways={1: (2, ["2", "6"])}), [4])
    assert ways(one(joined(linux=whole(linux), windows=whole(windows)))) == {1: (3, ("4", "6", "2"))}


def test_a_system_says_nothing_of_a_line_without_ways_of_its_own() -> None:
    linux = excluding(file(can=[1, 4], ran=[1, 4]), [2])
    windows = file(can=[1, 2, 4], ran=[1, 2], ways={1: (2, ["4"])})
    assert ways(one(joined(linux=whole(linux), windows=whole(windows)))) == {1: (2, ("4",))}


def test_who_counts_fewer_ways_is_not_believed_to_have_taken_the_others() -> None:
    """Another Python sees other ways on from a `with`; it cannot answer for one that it does not know."""
    older, newer = file(ways={3: (2, [])}), file(ways={3: (3, ["exit"])})
    assert ways(one(joined(py311=whole(older), py313=whole(newer)))) == {3: (3, ("exit",))}
    assert ways(one(joined(py313=whole(newer), py311=whole(older)))) == {3: (3, ("exit",))}


# The change and what tests promise to cover


def test_a_file_that_any_run_measured_is_measured() -> None:
    unmeasured = changed(touched=[1, 2, 3, 4], measured=False, omitted="omit (pyproject.toml:3)")
    first = shard("1/2", file("src/b.py"), patch=[unmeasured])
    second = shard("2/2", file(), patch=[changed(touched=[2, 3])])
    (patch,) = merged(first, second).patch.items
    (held,) = patch.files.items
    assert (held.measured, held.omitted, lines.numbers(lines.decoded(held.touched))) == (True, None, [2, 3])


def test_a_file_is_left_out_only_where_all_leave_it_out() -> None:
    left_out = changed(touched=[1], measured=False, omitted="omit")
    plain = changed(touched=[1], measured=False)
    for both, omitted in (((left_out, left_out), "omit"), ((left_out, plain), None), ((plain, left_out), None)):
        parts = [shard(f"{at}/2", file("src/b.py"), patch=[held]) for at, held in enumerate(both, start=1)]
        (patch,) = merged(*parts).patch.items
        assert (patch.files.items[0].measured, patch.files.items[0].omitted) == (False, omitted)


def test_the_nearest_tests_of_each_are_named_first() -> None:
    first = shard("1/2", file(), patch=[changed(touched=[1], near={"load": ["t1", "t2"]})])
    second = shard("2/2", file(), patch=[changed(touched=[1], near={"load": ["t3", "t1"], "save": ["t4"]})])
    (patch,) = merged(first, second).patch.items
    assert patch.files.items[0].near.items == (
        Near(function="load", tests=counted(["t1", "t3"])),
        Near(function="save", tests=counted(["t4"])),
    )


def test_without_a_base_there_is_no_change() -> None:
    found = merged(*halves(file(), file()))
    assert (found.patch.count, found.no_base) == (0, "HEAD is the first commit")


def test_an_empty_change_stays_one() -> None:
    assert merged(*halves(file(), file(), patch=[])).patch.items == (Patch(base="1" * 40, files=counted(())),)


def test_what_tests_cover_is_what_ran_in_those_of_any_shard() -> None:
    first = shard("1/2", file(), subjects=[subject("a", None, []), subject("b", "src/b.py", [1], 80.0)])
    second = shard("2/2", file(), subjects=[subject("a", "src/a.py", [2, 3]), subject("b", "src/b.py", [2], 90.0)])
    found = [
        (held.module, held.minimum, held.path, held.tests.count, lines.numbers(lines.decoded(held.ran)))
        for held in merged(first, second).subjects.items
    ]
    assert found == [
        ("a", 95.0, "src/a.py", 2, [2, 3]),
        ("b", 80.0, "src/b.py", 2, [1]),
        ("b", 90.0, "src/b.py", 2, [2]),
    ]


# Properties

NUMBERS = st.integers(1, 12)
NAMES = ("3", "5", "exit")


@st.composite
def runs(draw: st.DrawFn) -> list[File]:
    """Runs of one file: the same lines and ways, and in each some of them."""
    can = draw(st.sets(NUMBERS, min_size=1))
    totals = draw(st.dictionaries(st.sampled_from(sorted(can)), st.integers(2, 3), max_size=3))
    found = []
    for _ in range(draw(st.integers(1, 4))):
        missed = {
            line: (total, draw(st.lists(st.sampled_from(NAMES[:total]), unique=True))) for line, total in totals.items()
        }
        found.append(file(can=can, ran=draw(st.sets(st.sampled_from(sorted(can)))), ways=missed))
    return found


def united(files: Sequence[File]) -> File:
    uniting = Uniting(files[0])
    for held in files[1:]:
        uniting.add(held)
    return uniting.whole()


@given(files=runs())
def test_the_union_is_that_of_sets(files: list[File]) -> None:
    found = united(files)
    ran = set().union(*(lines.numbers(lines.decoded(held.ran)) for held in files))
    assert lines.numbers(lines.decoded(found.ran)) == sorted(ran)
    assert found.executed == len(ran)
    for line, (_, missing) in ways(found).items():
        assert set(missing) == set.intersection(*(set(ways(held)[line][1]) for held in files))


@st.composite
def views(draw: st.DrawFn) -> list[File]:
    """Runs on systems that exclude different lines; ways lead to lines, and only to those that are not excluded."""
    found = []
    targets = {1: ["3", "4", "exit"], 6: ["7", "8"]}
    for _ in range(draw(st.integers(1, 4))):
        excluded = draw(st.sets(st.sampled_from([3, 4, 7, 8])))
        can = set(range(1, 10)) - excluded
        held = {}
        for line, names in targets.items():
            seen = [name for name in names if not (name.isdigit() and int(name) in excluded)]
            if len(seen) > 1:
                held[line] = (len(seen), draw(st.lists(st.sampled_from(seen), unique=True)))
        ran = draw(st.sets(st.sampled_from(sorted(can))))
        found.append(excluding(file(can=can, ran=ran, ways=held), excluded))
    return found


@given(files=views(), data=st.data())
def test_the_order_of_the_runs_means_nothing(files: list[File], data: st.DataObject) -> None:
    found, again = united(files), united(data.draw(st.permutations(files)))
    assert (found.lines, found.ran, found.excluded, found.ways) == (again.lines, again.ran, again.excluded, again.ways)
    assert {line: (total, set(names)) for line, (total, names) in ways(found).items()} == {
        line: (total, set(names)) for line, (total, names) in ways(again).items()
    }


@given(files=views(), data=st.data())
def test_a_run_that_took_less_never_makes_more_of_the_whole(files: list[File], data: st.DataObject) -> None:
    """The law: losing what one run ran, or a way that it took, raises no figure."""
    at = data.draw(st.integers(0, len(files) - 1))
    held = files[at]
    never = {
        branch.line: (branch.total, data.draw(_more(branch.line, branch.missing.items, held)))
        for branch in held.branches.items
    }
    can = lines.numbers(lines.decoded(held.lines))
    ran = lines.numbers(lines.decoded(held.ran))
    kept = data.draw(st.sets(st.sampled_from(ran))) if ran else set()
    less = excluding(file(can=can, ran=kept, ways=never), lines.numbers(lines.decoded(held.excluded)))
    before, after = united(files), united([*files[:at], less, *files[at + 1 :]])
    assert lines.decoded(after.ran) & ~lines.decoded(before.ran) == 0
    assert (after.lines, after.statements) == (before.lines, before.statements)
    for line, (total, missing) in ways(after).items():
        old_total, old_missing = ways(before)[line]
        assert total - len(missing) <= old_total - len(old_missing)


def _more(line: int, missing: tuple[str, ...], held: File) -> st.SearchStrategy[list[str]]:
    out = lines.decoded(held.excluded)
    targets = {1: ["3", "4", "exit"], 6: ["7", "8"]}[line]
    taken = [name for name in targets if name not in missing and not (name.isdigit() and out >> int(name) & 1)]
    if not taken:
        return st.just(list(missing))
    return st.lists(st.sampled_from(taken), unique=True).map(lambda lost: [*missing, *lost])


# Against coverage.py itself

SAMPLE = '''\
"""Sample."""
import sys


def load(kind, items):
    if kind == "a":
        for item in items:
            if item > 2:
                break
        else:
            return None
        return item
    elif kind == "b":
        try:
            return [one for one in items if one][0]
        except IndexError:
            return -1
    while items:
        items.pop()
        if len(items) == 1:
            continue
    with open(__file__) as file:
        for line in file:
            if line.startswith("def"):
                return line
    return kind  # pragma: no cover


def never(
    one,
    two,
):
    if sys.platform == "none":
        return (
            one,
            two,
        )
'''
DRIVE = """\
import sys
import sample
{"1": lambda: sample.load("a", [1, 2]), "2": lambda: (sample.load("a", [5]), sample.load("b", [])),
 "3": lambda: sample.load("c", [1, 2, 3])}[sys.argv[1]]()
"""


def test_shards_come_to_what_coverage_combine_comes_to(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE, "utf-8")
    (tmp_path / "drive.py").write_text(DRIVE, "utf-8")
    data = [measured_runs.measure(tmp_path, name, "drive.py") for name in ("1", "2", "3")]
    parts = [measured_runs.facts(tmp_path, path, f"{at}/3") for at, path in enumerate(data, start=1)]
    done = measured_runs.coverage(tmp_path, "combine", "--keep", *(path.name for path in data))
    assert done.returncode == 0, done.stdout
    combined = measured_runs.facts(tmp_path, tmp_path / ".coverage")
    assert merged(*parts).files == combined.files
    assert len({encoded.ran for part in parts for encoded in part.files.items}) > 2
