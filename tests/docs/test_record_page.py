"""The page on the store names every table, view and column, and its queries run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gates.record.stored import store
from support import many_runs, stored
from support.many_runs import Failure

PAGE = (Path(__file__).parents[2] / "docs/how-to/read-the-store.md").read_text("utf-8")
SECTIONS = dict(zip(*[iter(re.split(r"^### (\w+)\n", PAGE, flags=re.MULTILINE)[1:])] * 2, strict=True))
QUERIES = [one for section in SECTIONS.values() for one in re.findall(r"```sql\n(.*?)```", section, re.DOTALL)]


def test_every_table_and_view_has_a_section_with_its_columns() -> None:
    connection = store.in_memory(Path(store.NAME)).connection
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        if not name.startswith("sqlite_")
    ]
    assert set(SECTIONS) == set(names)
    for name in names:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        listed = SECTIONS[name].partition("Columns:")[2].partition(".\n")[0]
        shown = re.findall(r"`(\w+)`", listed) or re.findall(r"^\| `(\w+)` \|", SECTIONS[name], re.MULTILINE)
        assert columns == set(shown), name


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_page_runs(tmp_path: Path, query: str) -> None:
    many_runs.write(tmp_path, 3, {1: Failure("t.py::a", "boom")})
    stored.take(tmp_path)
    stored.rows(tmp_path, query)


def test_every_view_has_an_example() -> None:
    views = {name for name in SECTIONS if name.startswith("v_")}
    assert {re.search(r"v_\w+", query)[0] for query in QUERIES} == views  # type: ignore[index]
