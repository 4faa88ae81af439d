"""What is heard of before it is done, handed over directly: nothing measures or traces what an audit hook calls."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.leaks import audit, files
from pytest_vltair.leaks.between import Between
from pytest_vltair.leaks.children import Children
from pytest_vltair.leaks.descriptors import LIMIT, Descriptors
from pytest_vltair.leaks.files import Files, Running
from pytest_vltair.leaks.touched import Touched


def noting(*, skipped: str = "skip") -> Touched:
    return Touched(lambda path: skipped not in path, lambda _: True)


def test_writing_through_a_link_touches_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    seen = noting()
    seen("open", (str(tmp_path / "link"), "w", os.O_WRONLY))
    assert {Path(path).name: one.content for path, one in seen.before.items()} == {"link": b"target", "target": b"old"}


def test_the_first_look_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first")
    seen = noting()
    path = seen.note(str(tmp_path / "a"))
    (tmp_path / "a").write_text("second")
    seen.fresh.clear()
    assert seen.note(str(tmp_path / "a")) == path
    assert [one.content for one in seen.before.values()] == [b"first"]
    assert seen.fresh == {path}


def test_what_is_no_path_is_no_change(tmp_path: Path) -> None:
    seen = noting()
    for event, args in (
        ("os.truncate", (7, 0)),
        ("os.chmod", (7, 0o600, -1)),
        ("sqlite3.connect", (None,)),
        ("open", (str(tmp_path / "skip"), "w", os.O_WRONLY)),
    ):
        seen(event, args)
    assert not seen.before


def test_what_is_moved_is_found_where_it_went(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    seen = noting()
    for source, target in (("a", "b"), ("missing", "c"), ("a", "skip"), ("skip", "b")):
        seen("os.rename", (str(tmp_path / source), str(tmp_path / target), -1, -1))
    assert seen.moved == {str(tmp_path / "a"): str(tmp_path / "b")}


class Plugins:
    """As much of a plugin manager as a probe needs to listen."""

    def __init__(self) -> None:
        self.running: list[Running] = []

    def register(self, plugin: Running, _name: str) -> None:
        """Keep it, to end it."""
        self.running.append(plugin)


@pytest.fixture
def plugins() -> Iterator[Plugins]:
    made = Plugins()
    yield made
    for one in made.running:
        one.pytest_unconfigure()


def probe(root: Path, plugins: Plugins, **options: object) -> Files:
    params = SimpleNamespace(dir=root)
    config: Any = SimpleNamespace(
        rootpath=root, pluginmanager=plugins, option=SimpleNamespace(**options), invocation_params=params
    )
    return Files(config)


def test_which_paths_are_of_concern(tmp_path: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_temporary", lambda: (str(tmp_path / "pytest-of-"),))
    monkeypatch.setattr(files, "_caches", lambda: [str(tmp_path / "caches")])
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    made = probe(root, plugins, xmlpath="out.xml")
    concerns = {
        "project/a.txt": True,
        "project/.git/index": False,
        "project/src/__pycache__/a.pyc": False,
        "project/.coverage.host.1": False,
        "project/out.xml": False,
        "elsewhere/a.txt": True,
        "elsewhere/.hypothesis/x": False,
        "caches/a": False,
        "pytest-of-me/pytest-0/a": False,
    }
    assert {name: made._concerns(str(tmp_path / name)) for name in concerns} == concerns
    assert not made._concerns("/dev/null")
    updating = probe(root, plugins, snapshot_update=True)
    assert not updating._concerns(str(root / "a.txt"))
    assert updating._concerns(str(tmp_path / "elsewhere" / "a.txt"))


def test_only_tests_are_listened_to(tmp_path: Path, plugins: Plugins) -> None:
    seen = noting()
    running = Running(seen)
    plugins.register(running, "")
    running("os.remove", (str(tmp_path / "before"), -1))
    running.pytest_runtest_setup()
    running("os.remove", (str(tmp_path / "within"), -1))
    teardown = running.pytest_runtest_teardown()
    next(teardown)
    running("os.remove", (str(tmp_path / "teardown"), -1))
    with pytest.raises(StopIteration):
        teardown.send(None)
    running("os.remove", (str(tmp_path / "after"), -1))
    assert {Path(path).name for path in seen.before} == {"within", "teardown"}


def test_a_child_that_is_announced_is_looked_for() -> None:
    made = Children()
    try:
        known = made.look()
        signs = made.signs(known)
        assert signs is not None
        assert [one.read() == one.expected for one in signs] == [True, True]
        made._hear("subprocess.Popen", ())
        assert signs[0].read() != signs[0].expected
        assert made.signs(known) is None
    finally:
        audit.ignore(made._hear)


def test_what_was_opened_below_python_is_remembered_up_to_a_bound(tmp_path: Path) -> None:
    made = Descriptors()
    audit.ignore(made._hear)
    made._hear("open", ("a", "r", 0))
    made._hear("socket.__new__", (None, 2, 1, 0))
    assert not made._raw
    for number in range(LIMIT + 1):
        made._hear("open", (os.fsencode(tmp_path / str(number)), None, os.O_RDONLY))
    assert made._raw == {str(tmp_path / str(LIMIT))}


class Baseline:
    """A baseline of one kind, in which more is open each time that somebody looks."""

    def __init__(self) -> None:
        self.one = SimpleNamespace(probe=SimpleNamespace(kind="descriptors"), known={0: "a"})
        self.watched = [self.one, SimpleNamespace(probe=SimpleNamespace(kind="umask"))]
        self.looks = 0
        self.drop: Any = None

    def look(self, one: object) -> dict[int, str]:
        """One more than before."""
        assert one is self.one
        self.looks += 1
        return dict.fromkeys(range(self.looks), "a")


def through(phase: Any) -> None:
    next(phase)
    with pytest.raises(StopIteration):
        phase.send(None)


def test_what_is_opened_between_phases_is_nobodys() -> None:
    baseline: Any = Baseline()
    between = Between(baseline)
    audit.ignore(between._hear)
    between._hear("open", ())
    assert baseline.looks == 0
    through(between.pytest_runtest_setup())
    between._hear("open", ())
    between._hear("open", ())
    assert baseline.looks == 1
    through(between.pytest_runtest_call())
    assert baseline.one.known == {0: "a", 1: "a"}
    through(between.pytest_runtest_teardown())
    between._hear("open", ())
    assert baseline.looks == 2
