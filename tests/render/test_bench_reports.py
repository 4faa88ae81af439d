"""Reports of comparisons: golden files, well-formed whatever names hold, and small enough for a comment."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.model.reason import Reason
from gates.render import comment
from gates.render.bench import markdown, picture, terminal, words
from support import bench_reports as made

GOLDEN = Path(__file__).parent.parent / "golden" / "bench"
REASON = Reason(code="too_noisy", message="the machine is *too* noisy", fix="gates bench selfcheck")
ROW, DAMAGED = made.mixed_row(), made.damaged()
SVG = "{http://www.w3.org/2000/svg}"


def agrees(path: Path, text: str) -> None:
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.parametrize("scenario", made.SCENARIOS)
def test_markdown_is_what_the_golden_file_holds(scenario: str) -> None:
    reason = REASON if scenario in {"proved", "damaged", "nothing"} else None
    agrees(GOLDEN / f"{scenario}.md", markdown.render(made.SCENARIOS[scenario](), "undecided", reason))


@pytest.mark.parametrize("scenario", made.SCENARIOS)
def test_the_terminal_form_is_what_the_golden_file_holds(scenario: str) -> None:
    reason = REASON if scenario in {"proved", "damaged", "nothing"} else None
    agrees(GOLDEN / f"{scenario}.txt", terminal.render(made.SCENARIOS[scenario](), "undecided", reason))


@pytest.mark.parametrize("scenario", made.SCENARIOS)
def test_the_picture_is_what_the_golden_file_holds(scenario: str) -> None:
    agrees(GOLDEN / f"{scenario}.svg", picture.render(made.SCENARIOS[scenario]()))


@pytest.mark.skipif("GATES_UPDATE_GOLDEN" in os.environ, reason="the files are being written")
def test_every_golden_file_is_still_rendered() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{name}.{form}" for name in made.SCENARIOS for form in ("md", "svg", "txt")
    }


def drawn(tables: Mapping[str, Any]) -> ET.Element:
    return ET.fromstring(picture.render(tables))


@pytest.mark.parametrize("scenario", made.SCENARIOS)
def test_all_that_is_drawn_is_inside_of_the_picture(scenario: str) -> None:
    root = drawn(made.SCENARIOS[scenario]())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for one in root.iter():
        for name, value in one.attrib.items():
            if name in {"x", "x1", "x2", "cx"}:
                assert 0 <= float(value) <= width
            if name in {"y", "y1", "y2", "cy"}:
                assert 0 <= float(value) <= height


def test_the_verdict_is_told_by_word_shape_and_class() -> None:
    rows = {}
    for group in drawn(made.mixed()).iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title") or ""
        shapes = [one.tag.removeprefix(SVG) for one in group if one.tag.removeprefix(SVG) in {"path", "circle", "rect"}]
        text = [one.text for one in group.iter(f"{SVG}text")]
        rows[title.partition(":: ")[0].rpartition("::")[2].partition(":")[0]] = (shapes[-1], text[-1])
    assert rows["test_parse[json]"] == ("path", "regressed")
    assert rows["test_render"] == ("path", "improved")
    assert rows["test_noisy"] == ("rect", "inconclusive")
    assert rows["test_parse[toml]"] == ("circle", "no change")


def test_the_limit_is_a_line_at_its_place_in_each_row() -> None:
    limits = [one for one in drawn(made.mixed()).iter(f"{SVG}line") if one.attrib["class"] == "l"]
    key, *lines = [float(one.attrib["x1"]) for one in limits]
    assert key > picture.NAME + picture.PLOT
    assert len(lines) == 5
    assert len(set(lines)) == 2
    zero = next(one for one in drawn(made.mixed()).iter(f"{SVG}line") if one.attrib["class"] == "z")
    assert min(lines) > float(zero.attrib["x1"])


def test_what_is_beyond_has_an_arrow_and_a_limit_that_is_beyond_has_no_line() -> None:
    groups = {group.findtext(f"{SVG}title", ""): group for group in drawn(made.wide()).iter(f"{SVG}g")}
    far = next(group for title, group in groups.items() if "test_far" in title)
    assert len(far.findall(f"{SVG}path")) == 2
    assert not [one for one in far.findall(f"{SVG}line") if one.attrib["class"] not in {"l", "i regressed"}]
    loose = next(group for title, group in groups.items() if "test_loose" in title)
    assert not [one for one in loose.findall(f"{SVG}line") if one.attrib["class"] == "l"]


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'`|*\n\x00\x1b\u202e:#["), min_size=1, max_size=60))
def test_no_name_is_anything_but_text(name: str) -> None:
    tables = {**DAMAGED, "benchmarks": [{**ROW, "name": name}]}
    root = drawn(tables)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "style", "rect", "text", "line", "g", "path", "circle",
    }  # fmt: skip
    text = markdown.render(tables, "passed")
    assert len([line for line in text.splitlines() if line.startswith("|")]) == 3
    assert not re.search(r"(?m)^\s*::|##\[|[\x00-\x09\x0b-\x1f\u202e]", text)


def test_a_comment_holds_it_and_what_blocks_is_never_cut() -> None:
    tables = made.many()
    text = markdown.render(tables, "failed")
    assert len(text.encode()) <= comment.LIMIT
    assert "test_499[" in text
    assert "BEN003" in text
    assert "base against itself" in text
    shown = text.count("| no change |")
    assert f"**Cut:** {499 - shown:,} more lines; the JSON report has them all." in text


def test_five_hundred_benchmarks_are_drawn_at_once() -> None:
    tables = made.many()
    began = time.process_time()
    root = drawn(tables)
    assert time.process_time() - began < 2
    assert len(list(root.iter(f"{SVG}g"))) == 500


def test_a_tiny_change_has_no_sign_of_its_own() -> None:
    assert [words.change(ratio) for ratio in (0.9999, 1.0001, 0.5, 101.0)] == [
        "+0.0 %",
        "+0.0 %",
        "-50.0 %",
        "+10000 %",
    ]
