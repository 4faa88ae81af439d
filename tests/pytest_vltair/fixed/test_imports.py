"""Imports: what is watched for is told once it is imported, and nothing about how it is found is changed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from pytest_vltair.importing import Imports

NAME = "vltair_watched_for"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What was told of a module that lies in a folder of its own, of which nobody has heard."""
    (tmp_path / f"{NAME}.py").write_text("import sys\nLOADER = __loader__\nNUMBER = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    seen: list[object] = []
    imports = Imports({NAME, "vltair_nowhere"}, lambda name, module: seen.append((name, vars(module)["NUMBER"])))
    imports.start()
    yield seen
    imports.stop()
    imports.stop()
    assert imports not in sys.meta_path
    sys.modules.pop(NAME, None)


def test_it_is_told_after_it_was_executed_and_by_nobody_but_its_loader(told: list[object]) -> None:
    module = importlib.import_module(NAME)
    assert told == [(NAME, 1)]
    spec = module.__spec__
    assert spec is not None
    for loader in (spec.loader, module.__loader__, module.LOADER):
        assert type(loader).__module__.startswith(("importlib.", "_frozen_importlib", "_pytest."))


def test_what_nobody_finds_is_not_found(told: list[object]) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("vltair_nowhere")
    assert told == []


def test_an_old_finder_is_passed_over(told: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [sys.meta_path[0], object(), *sys.meta_path[1:]])
    importlib.import_module(NAME)
    assert told == [(NAME, 1)]


def test_a_namespace_without_a_loader_is_left_as_it_is(told: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec:
            return ModuleSpec(name, None, is_package=True)

    ours = sys.meta_path[0]
    monkeypatch.setattr(sys, "meta_path", [ours, Finder()])
    found = ours.find_spec(NAME, None)
    assert found is not None
    assert found.loader is None
    assert ours.find_spec("another", None) is None


def test_a_loader_is_asked_through_who_stands_in_for_it(told: list[object]) -> None:
    found = importlib.util.find_spec(NAME)
    assert found is not None
    assert found.loader is not None
    assert "NUMBER = 1" in str(found.loader.get_source(NAME))  # type: ignore[attr-defined]
    bare = ModuleType(NAME)
    found.loader.exec_module(bare)
    assert told == [(NAME, 1)]
