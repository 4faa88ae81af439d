"""First imports: each is seen once, before and after, by whomever, and nobody else's stand-in is taken away."""

from __future__ import annotations

import _frozen_importlib
import importlib
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_vltair.importing import FirstImports

NAMES = ("vltair_outer", "vltair_inner", "vltair_broken")
Start = Callable[..., list[str]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Begins to see imports; a list grows by what is seen."""
    (tmp_path / "vltair_outer.py").write_text("import vltair_inner\n")
    (tmp_path / "vltair_inner.py").write_text("")
    (tmp_path / "vltair_broken.py").write_text("raise RuntimeError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    made: list[FirstImports] = []

    def begin(*, nested: bool = False, running: bool = True) -> list[str]:
        seen: list[str] = []

        def before(name: str) -> str:
            seen.append(f"before {name}")
            return name

        made.append(FirstImports(before, lambda name: seen.append(f"after {name}"), nested=nested))
        made[-1].install()
        made[-1].running = running
        return seen

    yield begin
    for one in reversed(made):
        one.remove()
    for name in NAMES:
        sys.modules.pop(name, None)


def test_an_import_is_seen_once_with_all_that_it_imports(start: Start) -> None:
    seen = start()
    for _ in range(2):
        importlib.import_module("vltair_outer")
    assert seen == ["before vltair_outer", "after vltair_outer"]


def test_what_a_module_imports_in_its_turn_is_seen_where_that_is_asked_for(start: Start) -> None:
    seen = start(nested=True)
    importlib.import_module("vltair_outer")
    assert seen == ["before vltair_outer", "before vltair_inner", "after vltair_inner", "after vltair_outer"]


def test_an_import_that_fails_is_over_too_and_no_frame_of_ours_is_told(start: Start) -> None:
    seen = start()
    with pytest.raises(RuntimeError, match="broken") as raised:
        exec("import vltair_broken", {})
    assert seen == ["before vltair_broken", "after vltair_broken"]
    assert [frame.name for frame in traceback.extract_tb(raised.tb)][1:] == ["<module>", "<module>"]
    importlib.import_module("vltair_inner")
    assert seen[2:] == ["before vltair_inner", "after vltair_inner"]


def test_nothing_is_seen_while_it_does_not_run_or_in_another_thread(start: Start) -> None:
    idle, seen = start(running=False), start()
    thread = threading.Thread(target=importlib.import_module, args=("vltair_outer",))
    thread.start()
    thread.join()
    assert "vltair_outer" in sys.modules
    assert idle == seen == []


def test_somebody_else_who_stands_in_stays() -> None:
    original = vars(_frozen_importlib)["_find_and_load"]
    first = FirstImports(str, len)
    first.install()
    second = FirstImports(str, len)
    second.install()
    theirs = vars(_frozen_importlib)["_find_and_load"]
    first.remove()
    assert vars(_frozen_importlib)["_find_and_load"] is theirs
    second.remove()
    vars(_frozen_importlib)["_find_and_load"] = original
