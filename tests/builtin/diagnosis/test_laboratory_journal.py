"""A diagnosis that was stopped goes on; one that is finished leaves nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from builtin.diagnosis.laboratory_projects import ends, laboratory, project
from gates.builtin.diagnosis.laboratory import Progress
from gates.builtin.diagnosis.laboratory.journal import Journal
from gates.builtin.diagnosis.trial import Place, Ran, Read, Result, trial

TRIALS = [trial(), trial((), {"order": "reversed"}), trial(number=1)]
FILES = {"test_a.py": "def test_a(): pass\ndef test_b(): pass\n"}


class Stopped(BaseException):
    """Whoever runs it has had enough."""


def test_what_was_run_is_not_run_again_unless_the_tree_has_changed(tmp_path: Path) -> None:
    root = project(tmp_path / "p", FILES)
    first: list[Ran] = []

    def stopped() -> None:
        with laboratory(root) as local:
            first.extend(local.run(TRIALS[:2]))
            assert local.run(TRIALS[:2]) == first
            assert (local.trials, local.resumed) == (2, 0)
            raise Stopped

    with pytest.raises(Stopped):
        stopped()
    with laboratory(root) as local:
        again = local.run(TRIALS)
        assert (local.trials, local.resumed) == (1, 2)
        assert again[:2] == first
        assert local.base_seconds == first[0].seconds
    with laboratory(root) as local:  # that one came to its end
        local.run(TRIALS[:1])
        assert (local.trials, local.resumed) == (1, 0)
    (root / "test_a.py").write_text("def test_c(): pass\n")
    with laboratory(root) as local:
        assert [ends(ran) for ran in local.run(TRIALS)] == [{"test_c": "passed"}] * 3
        assert local.resumed == 0


def test_a_diagnosis_that_had_no_more_time_goes_on_with_what_it_knows(tmp_path: Path) -> None:
    root = project(tmp_path / "p", FILES)
    with laboratory(root, deadline=time.monotonic() + 600) as local:
        (base,) = local.run(TRIALS[:1])
        local.deadline = 0.0
        (late,) = local.run(TRIALS[1:2])
        assert late.status == "budget"
    with laboratory(root) as local:
        again, later = local.run(TRIALS[:2])
        assert (again, later.status) == (base, "done")
        assert (local.trials, local.resumed) == (1, 1)


def test_an_unreadable_journal_is_no_obstacle(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "k")
    place = Place("a.py", 3)
    whole = Ran(
        trial=trial(("a::b",), {"clock": "now", "umask": "077"}),
        results=(Result(nodeid="a::b", ended="failed", place=place),),
        reads=(Read(factor="clock", place=place, what="time"),),
        missed={"umask": "why"},
    )
    journal.note(whole)
    with journal.path.open("ab") as file:
        file.write(b'\n{"trial": {"tes\n\xff\xfe\n[]')
    journal.note(Ran(trial=trial(number=1)))
    journal.note(Ran(trial=trial(number=2), status="broken"))
    assert Journal(tmp_path, "k").read() == {whole.trial: whole, trial(number=1): Ran(trial=trial(number=1))}
    journal.path.unlink()
    journal.path.mkdir()
    assert journal.read() == {}
    journal.note(whole)


def test_the_progress_is_told(tmp_path: Path) -> None:
    told: list[Progress] = []
    with laboratory(project(tmp_path / "p", FILES), observer=told.append) as local:
        local.run(TRIALS)
    assert [(one.done, one.known) for one in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1].left == 0
