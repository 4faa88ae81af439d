from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from gates.builtin.trace import items
from gates.builtin.trace.documents import document
from gates.builtin.trace.readers import registry

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the five documents are not beside this repository")

COUNTS = {
    "seed_000.md": {"done": 1, "partial": 4, "in-progress": 6, "open": 3},
    "seed_001.md": {"done": 5, "open": 142},
    "seed_002.md": {"done": 1, "open": 1, "blocked": 1},
    "seed_003.md": {"done": 24, "in-progress": 13},
    "seed_004.md": {"done": 5, "open": 15},
}


def joined(name: str) -> items.Joined:
    return items.join([registry.read(document.read(SEEDS, name), registry.builtin())])


@pytest.mark.parametrize("name", COUNTS)
def test_each_seed_has_its_items(name: str) -> None:
    assert Counter(item.status for item in joined(name).items) == COUNTS[name]


@pytest.mark.parametrize("name", COUNTS)
def test_the_line_of_each_item_has_its_id_or_its_title(name: str) -> None:
    lines = document.read(SEEDS, name).lines
    for item in joined(name).items:
        text = lines[item.place.line - 1]
        wanted = " ".join(item.title.split()[:2]) if item.derived else item.id
        assert wanted in re.sub(r"[`*]", "", text), (item.id, text)


def test_seed_001_names_94_tests() -> None:
    named = {
        token
        for item in joined("seed_001.md").items
        for command in item.validation.items
        for token in re.findall(r"[\w/.]+\.py::\w+", command.command)
    }
    assert len(named) == 94


def test_seed_001_has_one_row_without_a_task() -> None:
    alone = [item.id for item in joined("seed_001.md").items if not item.others.count]
    assert alone == ["XB-5"]


def test_seed_001_names_files_and_says_which_are_planned() -> None:
    held = {item.id: item for item in joined("seed_001.md").items}
    tokens = {file.token: file.planned for file in held["CE-11"].files.items}
    assert tokens["orchestrator/context/versioning.py"]
    assert not tokens["orchestrator/context/context_store.py"]
    assert "orchestrator/core/{scheduler.py,errors.py}" in {file.token for file in held["OC-7"].files.items}


def test_seed_003_gives_the_dates_of_its_logs() -> None:
    assert sum(item.dates.count for item in joined("seed_003.md").items) >= 87


def test_seed_000_contradicts_itself() -> None:
    said = [remark for remark in joined("seed_000.md").remarks if remark.code == "TRC010"]
    assert [remark.line for remark in said] == [36]
