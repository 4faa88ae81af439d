"""`gates runs retire` as it is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support import event_logs
from support.commands import Result, gates
from support.event_logs import closed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return event_logs.project(tmp_path / "project")


@pytest.fixture
def runs(root: Path) -> list[Path]:
    """A run of 400, 100 and 0 days ago."""
    now = datetime.now(UTC)
    return [closed(root / ".gates" / "events", now - timedelta(days=days)) for days in (400, 100, 0)]


def retire(root: Path, *words: str) -> Result:
    return gates("runs", "retire", *words, cwd=root)


def there(runs: list[Path]) -> list[bool]:
    return [path.exists() for path in runs]


def test_a_dry_run_shows_what_would_go(root: Path, runs: list[Path]) -> None:
    done = retire(root, "--older-than", "90d", "--dry-run")
    assert done.code == 0, done.err
    assert [line.split()[0] for line in done.out.splitlines()[:2]] == [path.stem for path in runs[:2]]
    assert done.out.endswith("would retire 2 runs older than 90 days; 1 stay\n")
    assert there(runs) == [True, True, True]


def test_the_settings_say_how_long(root: Path, runs: list[Path]) -> None:
    done = retire(root)
    assert done.code == 0, done.err
    assert done.out.endswith("retired 1 run older than 365 days; 2 stay\n")
    assert there(runs) == [False, True, True]
    (root / "gates.toml").write_text("[record]\nkeep = 30\n", "utf-8")
    report = retire(root, "--output-format", "json").report
    assert (report["verdict"], [one["run"] for one in report["retired"]]) == ("passed", [runs[1].stem])
    assert there(runs) == [False, False, True]
    done = gates("runs", "verify", cwd=root)
    assert (done.code, done.out) == (0, "whole: 1 closed run with 4 events, 2 more retired\n")
    again = retire(root)
    assert (again.code, again.err) == (5, "gates: no run is older than 30 days; 1 stay\n"), again


def test_a_log_that_was_tampered_with_is_left_alone_unless_it_is_said(root: Path, runs: list[Path]) -> None:
    runs[2].write_bytes(b"")
    done = retire(root, "--older-than", "90")
    assert done.code == 1
    assert f"nothing is retired: {runs[2].name}:1 was dropped; see `gates runs verify`" in done.err
    assert there(runs) == [True, True, True]
    assert retire(root, "--older-than", "90", "--even-tampered").code == 0
    assert there(runs) == [False, False, True]


@pytest.mark.parametrize("days", ["0", "-1", "soon", "1w", "nan", "9999999999d"])
def test_a_number_of_days_that_is_none_is_an_error(root: Path, days: str) -> None:
    assert retire(root, "--older-than", days).code == 2


def test_no_log_and_no_project_are_said(root: Path) -> None:
    assert retire(root).code == 5
    assert retire(root, "--project", "nowhere").code == 2
