from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.config import baseline
from gates.config.baseline import Baseline, BaselineError, Figure, Known
from gates.model.measure import Denominator

NAMES = st.text('ab/.\n"\\é\u2028😀', min_size=1, max_size=8)
KNOWN = st.builds(
    Known,
    path=st.none() | NAMES,
    rule=st.sampled_from(["LNT001", "TYP001"]),
    tool_rule=st.none() | NAMES,
    fingerprint=st.text("0123456789abcdef", min_size=16, max_size=16),
    count=st.integers(1, 9),
)
FIGURES = st.builds(
    Figure,
    measure=NAMES,
    value=st.floats(allow_nan=False, allow_infinity=False),
    direction=st.sampled_from(["min", "max"]),
)
BASELINES = st.builds(
    Baseline,
    gate=st.just("lint"),
    denominator=st.builds(Denominator, count=st.integers(1, 9999), unit=NAMES),
    figures=st.lists(FIGURES, max_size=3, unique_by=lambda one: one.measure).map(tuple),
    known=st.lists(KNOWN, max_size=5, unique_by=baseline.order).map(tuple),
)

SMALL = Baseline(
    gate="lint",
    denominator=Denominator(count=12, unit="files"),
    figures=(Figure(measure="lint.muted", value=1.0, direction="max"),),
    known=(
        Known(path="a.py", rule="LNT001", tool_rule="ruff:F401", fingerprint="0" * 16, count=2),
        Known(path="b.py", rule="LNT001", tool_rule=None, fingerprint="1" * 16, count=1),
    ),
)
DATA = baseline.encode(SMALL)
LINES = DATA.split(b"\n")


def error(data: bytes, gate: str = "lint") -> BaselineError:
    with pytest.raises(BaselineError) as found:
        baseline.parse(data, gate)
    return found.value


def test_a_baseline_is_one_sorted_line_each_and_reads_back() -> None:
    assert DATA.decode().splitlines() == [
        '{"schema_version":1,"gate":"lint","figures":1}',
        '{"denominator":12,"unit":"files"}',
        '{"measure":"lint.muted","value":1.0,"direction":"max"}',
        '{"path":"a.py","rule":"LNT001","tool_rule":"ruff:F401","fingerprint":"0000000000000000","count":2}',
        '{"path":"b.py","rule":"LNT001","tool_rule":null,"fingerprint":"1111111111111111","count":1}',
    ]
    assert baseline.parse(DATA, "lint") == SMALL
    assert SMALL.size == 3


@given(BASELINES)
def test_what_is_written_is_read_whatever_the_order(one: Baseline) -> None:
    data = baseline.encode(one)
    found = baseline.parse(data, "lint")
    assert (found.denominator, set(found.figures), set(found.known)) == (
        one.denominator,
        set(one.figures),
        set(one.known),
    )
    assert baseline.encode(found) == data


@given(BASELINES, st.data())
def test_a_baseline_that_is_cut_off_is_refused_or_knows_less(one: Baseline, draw: st.DataObject) -> None:
    data = baseline.encode(one)
    cut = data[: draw.draw(st.integers(0, len(data) - 1))]
    try:
        found = baseline.parse(cut, "lint")
    except BaselineError:
        return
    assert set(found.known) <= set(one.known)
    assert (found.denominator, set(found.figures)) == (one.denominator, set(one.figures)), "no limit got lost"


@given(BASELINES, st.data())
def test_a_lost_line_is_refused_unless_it_only_makes_things_redder(one: Baseline, draw: st.DataObject) -> None:
    lines = baseline.encode(one).splitlines(keepends=True)
    at = draw.draw(st.integers(0, len(lines) - 1))
    try:
        found = baseline.parse(b"".join(lines[:at] + lines[at + 1 :]), "lint")
    except BaselineError:
        assert at < 2 + len(one.figures)
        return
    assert at >= 2 + len(one.figures)
    assert len(found.known) == len(one.known) - 1


@pytest.mark.parametrize(
    ("data", "line", "said", "code"),
    [
        (b"", 1, "is empty", "evidence_corrupt"),
        (b"[]\n", 1, "is damaged", "evidence_corrupt"),
        (DATA.replace(b'"lint","fig', b'"types","fig'), 1, "of the gate 'types', not of 'lint'", "evidence_foreign"),
        (DATA.replace(b'version":1', b'version":2'), 1, "2 is foreign to this gates", "schema_version_mismatch"),
        (DATA.replace(b'"figures":1', b'"figures":2'), 4, "is damaged", "evidence_corrupt"),
        (DATA.replace(b'"figures":1', b'"figures":9'), 4, "is damaged", "evidence_corrupt"),
        (DATA.replace(b'denominator":12', b'denominator":0'), 2, "is damaged", "evidence_corrupt"),
        (DATA.replace(b'"count":2', b'"count":-2'), 4, "is damaged", "evidence_corrupt"),
        (DATA.replace(b'"count":2', b'"count":2,"x":1'), 4, "is damaged", "evidence_corrupt"),
        (DATA.replace(b',"count":2', b""), 4, "is damaged", "evidence_corrupt"),
        (DATA + LINES[3] + b"\n", 6, "stands in the baseline twice", "evidence_corrupt"),
        (
            DATA.replace(b'"figures":1', b'"figures":2').replace(LINES[2], LINES[2] + b"\n" + LINES[2]),
            4,
            "this figure stands in the baseline twice",
            "evidence_corrupt",
        ),
        (DATA.replace(LINES[3], b"<<<<<<< HEAD"), 4, "a merge conflict", "evidence_corrupt"),
        (DATA + b"\xff\xfe\n", 6, "is damaged", "evidence_corrupt"),
        (DATA[:-1], 5, "its last line has no end", "evidence_corrupt"),
        (b"\n".join(LINES[:2]) + b"\n", 3, "a line is missing here", "evidence_corrupt"),
    ],
)
def test_a_damaged_baseline_is_named_with_its_line(data: bytes, line: int, said: str, code: str) -> None:
    found = error(data)
    assert (found.path, found.line, found.code) == ("gates-baseline/lint.jsonl", line, code)
    assert said in found.message


def test_a_baseline_that_is_no_file_is_refused(tmp_path: Path) -> None:
    assert baseline.read(tmp_path, "lint") is None
    (tmp_path / "gates-baseline" / "lint.jsonl").mkdir(parents=True)
    with pytest.raises(BaselineError, match=r"^gates-baseline/lint\.jsonl: the baseline is not a file"):
        baseline.read(tmp_path, "lint")
    (tmp_path / "gates-baseline" / "types.jsonl").write_bytes(baseline.encode(SMALL))
    with pytest.raises(BaselineError, match="of the gate 'lint'"):
        baseline.read(tmp_path, "types")
