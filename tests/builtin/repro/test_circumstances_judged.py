"""Which factors count as varied, the values that they are set to, and what a machine without means is told."""

import os
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.repro.circumstances import checkout, means, plan, values, varied
from gates.builtin.repro.circumstances.means import Means
from gates.builtin.repro.circumstances.plan import Rooms
from gates.builtin.repro.facts import FACTORS, FactorName
from gates.builtin.repro.settings import ZIP_EPOCH
from support import circumstances

NONE = Means(
    clock="time-machine", library="", machine="/m", spaces=False, mounting=(), disorderfs="", foreign="de_DE.utf8"
)
EPOCHS = st.integers(min_value=0, max_value=4_000_000_000)


def seen(value: int) -> dict[FactorName, str]:
    found: dict[FactorName, str] = {name: f"{name} {value}" for name in FACTORS}
    return {**found, "clock": str(values.clock(circumstances.EPOCH, value)), "rebuild": "first"}


ROUNDS = {
    "reference": (seen(0), seen(0)),
    "varied": (seen(1), seen(1)),
    "other": (seen(2), seen(2)),
    "again": ({**seen(1), "rebuild": "second"}, {**seen(1), "rebuild": "second"}),
}


def reasons(rounds: varied.Seen, with_means: Means = NONE) -> dict[FactorName, str]:
    found = varied.factors(rounds, with_means, circumstances.EPOCH)
    assert [one.name for one in found] == list(FACTORS)
    assert all(one.varied == (not one.reason) == bool(one.values.items) for one in found)
    return {one.name: one.reason for one in found if not one.varied}


def test_all_are_varied_where_the_rounds_differ() -> None:
    assert reasons(ROUNDS) == {}


@pytest.mark.parametrize("name", [one for one in FACTORS if one != "rebuild"])
@pytest.mark.parametrize("which", ["varied", "other"])
def test_a_factor_that_looks_like_the_reference_was_not_varied(name: FactorName, which: str) -> None:
    same = {**ROUNDS[which][0], name: ROUNDS["reference"][0][name]}
    assert "saw the same" in reasons({**ROUNDS, which: (same, same)})[name]


@pytest.mark.parametrize("name", FACTORS)
def test_builds_of_a_round_that_disagree_prove_nothing(name: FactorName) -> None:
    which = "varied"
    odd = {**ROUNDS[which][1], name: "odd"}
    assert set(reasons({**ROUNDS, which: (ROUNDS[which][0], odd)})) == {name}


@pytest.mark.parametrize("which", ["reference", "varied", "other"])
def test_a_build_that_says_nothing_proves_nothing(which: str) -> None:
    alone = set(FACTORS) - {"rebuild"}
    assert set(reasons({**ROUNDS, which: (ROUNDS[which][0], {})})) >= alone
    assert set(reasons({name: builds for name, builds in ROUNDS.items() if name != which})) >= alone


def test_nothing_at_all_proves_nothing() -> None:
    assert set(reasons({})) == set(FACTORS)


def test_means_that_are_missing_are_named() -> None:
    bare = msgspec.structs.replace(NONE, clock=None, foreign=None)
    found = reasons(ROUNDS, bare)
    assert "time-machine" in found["clock"]
    assert "de_DE.UTF-8" in found["locale"]
    assert set(found) == {"clock", "locale"}


def test_values_are_the_same_wherever_they_were_seen() -> None:
    elsewhere = {
        name: tuple({**build, "path": f"/x{build['path']}", "user": f"{build['user']} /x"} for build in builds)
        for name, builds in ROUNDS.items()
    }
    first, second = (varied.factors(rounds, NONE, circumstances.EPOCH) for rounds in (ROUNDS, elsewhere))
    assert first == second


@given(EPOCHS)
def test_clocks_are_days_apart_and_after_every_checkout(epoch: int) -> None:
    clocks = [values.clock(epoch, value) for value in range(3)]
    assert all(abs(a - b) > 366 * values.DAY for a in clocks for b in clocks if a != b)
    first, second = (time.gmtime(moment) for moment in clocks[:2])
    parts = ("tm_year", "tm_mon", "tm_mday", "tm_wday", "tm_yday", "tm_hour", "tm_min", "tm_sec")
    assert [one for one in parts if getattr(first, one) == getattr(second, one)] == []
    assert len({time.gmtime(moment).tm_year for moment in clocks}) == 3
    assert len({moment % 2 for moment in clocks}) == 2
    times = [[values.checked_out(epoch, value, number) for number in range(50)] for value in range(3)]
    assert all(ZIP_EPOCH < moment < min(clocks) for row in times for moment in row)
    assert all(len(set(row)) == 50 for row in times)
    assert len({moment for row in times for moment in row}) == 150


@given(st.integers(min_value=ZIP_EPOCH + 100 * values.DAY, max_value=4_000_000_000))
def test_a_checkout_is_older_than_its_commit(epoch: int) -> None:
    assert all(values.checked_out(epoch, value, 0) < epoch for value in range(3))


def test_every_factor_has_three_values() -> None:
    rows = (values.PATHS, values.UMASKS, values.MODES, values.ZONES, values.LISTINGS, values.USERS, values.MACHINES)
    assert all(len(row) == len(set(row)) == 3 for row in rows)
    assert len(values.HASH_SEEDS) == len(set(values.HASH_SEEDS)) > 6
    assert len({len(path.split("/")) for path in values.PATHS} | {len(path) for path in values.PATHS}) > 3
    assert len({tuple(values.locale(value, "de_DE.utf8").items()) for value in range(3)}) == 3
    assert len(set(values.CPUS)) == 3


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["C", "C.utf8", "POSIX", "de_DE", "de_DE.utf8", "tr_TR.UTF-8"], "tr_TR.UTF-8"),
        (["C", "C.UTF-8", "de_DE.utf8"], "de_DE.utf8"),
        (["C", "C.utf8", "zu_ZA.utf8", "af_ZA.utf8"], "af_ZA.utf8"),
        (["C", "C.utf8", "POSIX", "de_DE"], None),
        ([], None),
    ],
)
def test_the_third_locale_is_one_that_is_compiled(names: list[str], found: str | None) -> None:
    assert values.foreign(names) == found


def test_no_name_of_a_factor_stands_for_two_places_where_nothing_is_shuffled() -> None:
    from gates.builtin.repro.circumstances.child.world import ORDERS

    for word, order in (("sorted", plan.ORDERED), ("reversed", plan.ORDERED[::-1]), ("shuffled", plan.SHUFFLED)):
        names = ["golf", *plan.ORDERED[:-1]]
        ORDERS[word](names, lambda name: name)
        assert tuple(names) == order


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
@pytest.mark.parametrize(("value", "plain", "able"), [(0, 0o644, 0o755), (1, 0o600, 0o700), (2, 0o664, 0o775)])
def test_a_checkout_keeps_what_can_be_executed(tmp_path: Path, value: int, plain: int, able: int) -> None:
    root = circumstances.project(tmp_path / "project")
    (root / "link").symlink_to("setup.txt")
    copied = tmp_path / "copy"
    checkout.make(root, copied, circumstances.EPOCH, modes=value, mtimes=value)
    modes = {path.relative_to(copied).as_posix(): path.lstat().st_mode & 0o7777 for path in checkout.below(copied)}
    assert {modes["setup.txt"], modes["data/a.txt"]} == {plain}
    assert {modes["data/run.sh"], modes["data"], copied.stat().st_mode & 0o7777} == {able}
    assert (copied / "link").readlink() == Path("setup.txt")
    times = [path.lstat().st_mtime for path in [copied, *checkout.below(copied)]]
    assert len(times) == len(set(times))
    assert set(times) == {float(values.checked_out(circumstances.EPOCH, value, number)) for number in range(len(times))}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the stronger means are Linux'")
def test_a_machine_without_tools_varies_inside_the_process(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    root = circumstances.project(tmp_path / "project")
    with circumstances.workshop(root, environ={"PATH": str(tools)}) as workshop:
        found = workshop._means
        made = workshop.build("sdist", {"owner": 1, "listing": 1})
    assert (found.spaces, found.mounting, found.disorderfs, found.foreign) == (False, (), "", None)
    assert made.seen["owner"] == "4711:4711:4712:4711:4712:mason:masons"
    assert made.seen["listing"] == "reversed"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the stronger means are Linux'")
@pytest.mark.parametrize("tool", ["unshare", "disorderfs"])
def test_a_tool_that_does_nothing_is_not_taken_for_a_means(tmp_path: Path, tool: str) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / tool).write_text("#!/bin/sh\nexit 0\n")
    (tools / tool).chmod(0o755)
    environ = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    root = circumstances.project(tmp_path / "project")
    with circumstances.workshop(root, environ=environ) as workshop:
        found = workshop._means
        assert workshop.build("sdist", {"owner": 1, "listing": 1}).seen["listing"] == "reversed"
    assert found.mounting == ()
    assert not (found.spaces and tool == "unshare")


def test_a_report_that_is_damaged_says_nothing(tmp_path: Path) -> None:
    rooms = Rooms(
        **{name: tmp_path / name for name in Rooms.__struct_fields__ if name not in ("prefix", "below")},
        prefix=".",
        below=None,
    )
    assert (plan.seen(rooms), plan.refused(rooms)) == ({}, ())
    for text in (b"", b"{", b"[]", b'{"path": 1}'):
        rooms.report.write_bytes(text)
        assert plan.seen(rooms) == {}
    rooms.report.write_bytes(b'{"path": "/p", "stranger": "x"}')
    assert plan.seen(rooms) == {"path": "/p"}
    rooms.refused.write_bytes(b"/b\0/a\0/b\0")
    assert plan.refused(rooms) == ("/a", "/b")


def test_a_project_in_a_subdirectory_is_built_there(tmp_path: Path) -> None:
    top = circumstances.project(tmp_path / "top", git=True)
    root = circumstances.project(top / "part")
    circumstances.commit(top)
    with circumstances.workshop(root) as workshop:
        made = workshop.build("sdist", {"listing": 1, "path": 1})
        assert circumstances.told(made)["path"][0].endswith("deeper/still/checkout/part")


def test_the_reference_locale_is_not_coerced() -> None:
    assert {values.locale(value, None)["PYTHONUTF8"] for value in range(3)} == {"0"}
    assert means.entering(0) == ()
