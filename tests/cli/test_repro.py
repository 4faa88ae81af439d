"""`gates repro` over real projects, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.commands import Result, gates
from support.repro_projects import BACKEND, project, published

VARYING = BACKEND.replace('Path("demo.py").read_bytes()', "repr(sorted(set('abcdefgh'), key=hash)).encode()")
PLAIN = '\n[tool.gates.repro]\nmeans = "in-process"\nexcuse = ["owner"]\n'
FORMS = ("json", "markdown", "text")
RECORD = "gates-baseline/repro.json"


def repro(root: Path, *words: str) -> Result:
    return gates("repro", *words, cwd=root)


def committed(root: Path, date: str = "2026-01-01T00:00:00Z") -> Path:
    env = {**os.environ, "GIT_COMMITTER_DATE": date}
    for words in (("init", "-q"), ("add", "-A"), ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x")):
        subprocess.run(["git", *words], cwd=root, env=env, check=True)
    return root


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose artifacts are the same everywhere."""
    return committed(project(tmp_path_factory.mktemp("same") / "project", more=PLAIN))


@pytest.fixture(scope="module")
def varying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose wheel holds a set in its order."""
    return committed(project(tmp_path_factory.mktemp("varying") / "project", backend=VARYING, more=PLAIN))


@pytest.fixture(scope="module")
def explained(varying: Path) -> Result:
    files = [word for form in FORMS for word in ("--output-file", f"{form}={varying.parent / form}")]
    return repro(varying, "--output-format", "json", *files)


def test_the_json_names_member_factor_cause_and_cure(explained: Result) -> None:
    assert explained.code == 1, explained.err
    said = explained.report
    assert (said["schema_version"], said["verdict"], said["reason"]) == (1, "failed", None)
    by_kind = {one["kind"]: one for one in said["artifacts"]}
    assert (by_kind["sdist"]["identical"], by_kind["sdist"]["differences"]) == (True, [])
    assert len(by_kind["sdist"]["sha256"]) == 1
    wheel = by_kind["wheel"]
    assert (wheel["name"], wheel["identical"]) == ("demo-1.0-py3-none-any.whl", False)
    assert len(wheel["sha256"]) > 1
    (row,) = wheel["differences"]
    assert (row["member"], row["attribute"], row["factor"]) == ("demo.py", "content", "hashseed")
    assert row["cause"]
    assert row["cure"]
    assert set(row) == {"member", "attribute", "factor", "cause", "cure", "before", "after", "excerpt"}


def test_the_json_names_what_was_varied_and_what_was_not(explained: Result) -> None:
    factors = explained.report["factors"]
    assert "hashseed" in factors["varied"]
    assert all(set(one) == {"name", "reason"} and one["reason"] for one in factors["not_varied"])
    assert set(explained.report["methods"]) == set(factors["varied"])
    assert all(explained.report["methods"].values())


def test_every_form_is_written_beside_it(varying: Path, explained: Result) -> None:
    written = {form: (varying.parent / form).read_text() for form in FORMS}
    assert json.loads(written["json"]) == explained.report
    assert written["text"].splitlines()[0] == "repro failed: the wheel is not the same bytes everywhere"
    assert "wheel: content of demo.py, by hashseed" in written["text"]
    assert written["markdown"].startswith("## repro: failed")


def test_it_is_judged_as_check_judges_it(varying: Path, explained: Result) -> None:
    checked = gates("check", "repro", "--output-format", "json", cwd=varying)
    assert (checked.code, checked.verdicts["repro"]) == (explained.code, "failed")
    assert checked.rules == {"REP001"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--output-file", "pdf=x.pdf"], "write it as FORMAT=PATH with one of text, json, markdown"),
        (["--output-file", "json=no/such/x.json"], "there is no directory no/such"),
        (["--dry-run"], "--dry-run is for --record"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_built(varying: Path, words: list[str], said: str) -> None:
    done = repro(varying, *words)
    assert done.code == 2
    assert said in done.err
    assert "repro started" not in done.err


def test_what_differs_is_not_recorded(varying: Path) -> None:
    done = repro(varying, "--record")
    assert done.code == 1
    assert "the record was not written: demo-1.0-py3-none-any.whl is not the same in all of its builds" in done.err
    assert not (varying / RECORD).exists()


def test_a_record_is_shown_written_kept_and_held_to(same: Path) -> None:
    tried = repro(same, "--record", "--dry-run", "--output-format", "json")
    assert tried.code == 0, tried.out + tried.err
    assert tried.report["record"] is None
    assert f"+++ b/{RECORD}" in tried.err
    assert not (same / RECORD).exists()
    done = repro(same, "--record")
    assert done.code == 0
    assert f"wrote {RECORD}" in done.err
    held = json.loads((same / RECORD).read_text())
    assert [one["kind"] for one in held["artifacts"]] == ["sdist", "wheel"]
    # The commit of the record is of another time, and no other source.
    committed(same, "2030-01-01T00:00:00Z")
    again = repro(same, "--record", "--output-format", "json")
    assert (again.code, again.report["record"]["standing"]) == (0, "as recorded")
    assert "the record says this already" in again.err

    held["artifacts"][1]["sha256"] = "0" * 64
    (same / RECORD).write_text(json.dumps(held))
    other = repro(same, "--output-format", "json")
    assert (other.code, other.report["record"]["standing"]) == (1, "different")
    settled = repro(same, "--record", "--output-format", "json")
    assert (settled.code, settled.report["verdict"]) == (0, "passed")
    assert repro(same).code == 0

    (same / RECORD).write_text("{")
    damaged = repro(same, "--output-format", "json")
    assert (damaged.code, damaged.report["reason"]["code"]) == (3, "evidence_corrupt")
    assert damaged.report["artifacts"] == []
    assert repro(same).out.startswith("repro undecided: the record gates-baseline/repro.json is damaged")
    (same / RECORD).unlink()


def test_gates_baseline_writes_the_record_too(same: Path) -> None:
    done = gates("baseline", "repro", cwd=same)
    assert done.code == 0, done.err
    assert json.loads((same / RECORD).read_text())["gate"] == "repro"
    (same / RECORD).unlink()


def whole(folder: Path) -> None:
    del folder


def spoiled(folder: Path) -> None:
    path = folder / "demo-1.0.tar.gz"
    path.write_bytes(path.read_bytes() + b"\0" * 8)


@pytest.mark.parametrize(
    ("change", "code", "verdicts"),
    [(whole, 0, {"wheel": "bit-equal", "sdist": "bit-equal"}), (spoiled, 1, {"wheel": "bit-equal"})],
)
def test_against_names_files_from_where_it_is_called(
    same: Path, tmp_path: Path, change: Callable[[Path], None], code: int, verdicts: dict[str, str]
) -> None:
    change(published(same, tmp_path / "dist"))
    done = gates("repro", "--project", str(same), "--against", "dist", "--output-format", "json", cwd=tmp_path)
    assert done.code == code, done.out + done.err
    rows: list[dict[str, Any]] = done.report["against"]
    assert {one["kind"]: one["verdict"] for one in rows}.items() >= verdicts.items()
    assert all(not Path(one["source"]).is_absolute() for one in rows)


def test_against_what_is_not_there_is_undecided(same: Path) -> None:
    done = repro(same, "--against", "no-such.whl")
    assert done.code == 3
    assert done.out.startswith("repro undecided: there is no no-such.whl to compare with")


def test_without_a_backend_that_builds_it_is_undecided(tmp_path: Path) -> None:
    root = project(tmp_path / "project", backend="raise SystemExit('no')\n", more=PLAIN)
    done = repro(root)
    assert done.code == 3
    assert done.out.startswith("repro undecided: ")
    assert "Traceback" not in done.out + done.err
