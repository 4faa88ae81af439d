"""What a project's own settings do to a trial: what it pins is said, and an optimised run gives no warning."""

from __future__ import annotations

from pathlib import Path

from builtin.diagnosis.child_runs import run
from gates.builtin.diagnosis.effects import missed
from gates.builtin.diagnosis.factors import HELD
from gates.builtin.diagnosis.laboratory.command import UNASSERTED
from gates.builtin.diagnosis.trial import trial

TEST = "def test_a(): pass\n"


def test_a_project_that_pins_its_zone_holds_it(tmp_path: Path) -> None:
    ini = "[pytest]\nvltair = fix\nvltair_timezone = UTC\n"
    ran = run(tmp_path, {"pytest.ini": ini, "test_a.py": TEST}, environment={"TZ": "Asia/Tokyo"}, plugins=True)
    effects = ran.of("seen")[0]["effects"]
    assert effects["held"]["timezone"] == "vltair_timezone"
    reason = missed(trial((), {"timezone": "Asia/Tokyo"}), [effects])["timezone"]
    assert reason == f"{HELD}: vltair_timezone in pytest's configuration."


def test_a_project_without_pins_holds_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, {"pytest.ini": "[pytest]\n", "test_a.py": TEST}, environment={"TZ": "Asia/Tokyo"}, plugins=True)
    effects = ran.of("seen")[0]["effects"]
    assert effects["held"] == {}
    assert not missed(trial((), {"umask": "077"}), [effects])["umask"].startswith(HELD)


def test_variables_that_are_pinned_are_not_asked_for(tmp_path: Path) -> None:
    ini = "[pytest]\nvltair = fix\nvltair_columns = 80\n"
    asked = "COLUMNS=40 TOPIC=x"
    ran = run(
        tmp_path, {"pytest.ini": ini, "test_a.py": TEST}, environment={"COLUMNS": "40", "TOPIC": "x"}, plugins=True
    )
    effects = ran.of("seen")[0]["effects"]
    shown = {"environment": {"TOPIC": "x", "COLUMNS": "80"}}
    assert missed(trial((), {"environment": asked}), [{**effects, **shown}]) == {}
    assert missed(trial((), {"environment": "COLUMNS=40"}), [effects])["environment"].startswith(HELD)


def test_assertions_that_are_off_are_no_warning_that_ends_the_run(tmp_path: Path) -> None:
    ini = "[pytest]\nfilterwarnings = error\n"
    files, optimised = {"pytest.ini": ini, "test_a.py": TEST}, {"PYTHONOPTIMIZE": "1"}
    assert run(tmp_path, files, environment=optimised).status
    ran = run(tmp_path, files, environment=optimised, arguments=["-W", UNASSERTED])
    assert not ran.status, ran.output
    assert ran.one("test_a.py::test_a")["ended"] == "passed"
