"""The mirror: what is read, what is refused, how old it may be, and that it answers as the service does."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.audit.facts import Mirror
from gates.builtin.audit.judging import answers
from gates.builtin.audit.mirror.records import STAMP, Records, read
from gates.builtin.audit.mirror.server import MirrorService
from gates.builtin.audit.planting import WHOLE, record
from gates.builtin.audit.service.recording import Recording
from gates.model.reason import Reason

NOW = datetime(2026, 1, 31, tzinfo=UTC)
GOOD = record("X-1", "Alpha_Beta", [*WHOLE, {"fixed": "2.0"}], "CVE-1")


def written(folder: Path, **files: Any) -> Path:
    """A folder of JSON documents and texts."""
    folder.mkdir(exist_ok=True)
    for name, held in files.items():
        path = folder / f"{name.replace('__', '/')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
    return folder


def whole(folder: Path) -> Records:
    found = read(folder, "advisories")
    assert not isinstance(found, Reason), found
    return found


def test_records_are_found_in_any_folder_by_the_canonical_name(tmp_path: Path) -> None:
    other = {**record("N-1", "left-pad", WHOLE), "affected": [{"package": {"name": "left-pad", "ecosystem": "npm"}}]}
    held = whole(written(tmp_path / "m", deep__er__one=GOOD, other=other))
    assert (held.mirror.records, held.mirror.newest, held.mirror.taken) == (2, "2020-01-01T00:00:00Z", "")
    assert list(held.by_name) == ["alpha-beta"]


@pytest.mark.parametrize(
    ("broken", "code", "says"),
    [
        ("{", "evidence_corrupt", "is no OSV record"),
        ("[]", "evidence_corrupt", "is no OSV record"),
        ("", "evidence_corrupt", "is no OSV record"),
        ({**GOOD, "id": ""}, "evidence_corrupt", "has no id"),
        ({**GOOD, "id": "X-1"}, "evidence_corrupt", "has the id X-1 of"),
        ({**GOOD, "id": "X-2", "schema_version": "2.0.0"}, "schema_version_mismatch", "is of OSV schema 2.0.0"),
        ({**GOOD, "id": "X-2", "modified": "yesterday"}, "evidence_corrupt", "which is no time"),
        ({**GOOD, "id": "X-2", "modified": "2020-01-01T00:00:00"}, "evidence_corrupt", "which is no time"),
        ({**GOOD, "id": "X-2", "affected": []}, "evidence_corrupt", "has no `affected`"),
        ({**GOOD, "id": "X-2", "affected": [{"versions": ["1"]}]}, "evidence_corrupt", "does not name the package"),
        ({one: GOOD[one] for one in GOOD if one != "modified"}, "evidence_corrupt", "is no OSV record"),
    ],
)
def test_one_broken_record_spoils_all(tmp_path: Path, broken: Any, code: str, says: str) -> None:
    found = read(written(tmp_path / "m", a=GOOD, b=broken), "advisories")
    assert isinstance(found, Reason)
    assert found.code == code
    assert found.message.startswith("advisories/b.json ")
    assert says in found.message


def test_a_mirror_that_is_not_there_or_empty(tmp_path: Path) -> None:
    for folder, says in ((tmp_path / "no", "is not there"), (written(tmp_path / "empty"), "holds no advisory")):
        found = read(folder, "advisories")
        assert isinstance(found, Reason)
        assert found.message == f"the mirror advisories {says}"


@pytest.mark.parametrize("stamp", ["{", "{}", '{"taken": "soon"}', '{"taken": "2026-01-01"}', '{"taken": 1}'])
def test_a_stamp_that_says_nothing(tmp_path: Path, stamp: str) -> None:
    folder = written(tmp_path / "m", a=GOOD)
    (folder / STAMP).write_text(stamp, encoding="utf-8")
    found = read(folder, "advisories")
    assert isinstance(found, Reason)
    assert found.message == "advisories/mirror.json does not say when the mirror was taken"


@pytest.mark.parametrize(
    ("newest", "taken", "code"),
    [
        ("2026-01-25T00:00:00Z", "", None),
        ("2026-01-24T00:00:00Z", "", None),
        ("2026-01-23T23:59:59Z", "", "evidence_stale"),
        ("2020-01-01T00:00:00Z", "2026-01-25T00:00:00Z", None),
        ("2026-01-20T00:00:00Z", "2026-01-20T00:00:00Z", "evidence_stale"),
        ("2026-01-25T00:00:00Z", "2026-01-01T00:00:00Z", "evidence_corrupt"),
        ("2026-02-02T00:00:00Z", "", "evidence_corrupt"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "evidence_corrupt"),
        ("nonsense", "", "evidence_corrupt"),
        ("2026-01-25T00:00:00Z", "nonsense", "evidence_corrupt"),
    ],
)
def test_its_age(newest: str, taken: str, code: str | None) -> None:
    held = Mirror(path="advisories", records=1, newest=newest, taken=taken)
    found = list(answers._old(held, 7, NOW))
    assert [one.code for one in found] == ([] if code is None else [code])
    assert list(answers._old(held, 7, NOW + timedelta(days=400)))


def test_it_answers_as_the_service_does(tmp_path: Path) -> None:
    held = whole(written(tmp_path / "m", a=GOOD))
    recording = Recording(MirrorService(held), "pip-audit")

    def ask(path: str, body: Any, method: str = "POST") -> Any:
        return json.loads(recording.pass_on(method, path, json.dumps(body).encode() if body else b"").body)

    def about(version: str) -> dict[str, Any]:
        return {"package": {"name": "alpha.beta", "ecosystem": "PyPI"}, "version": version}

    assert ask("/v1/query", about("1.0")) == {"vulns": [GOOD]}
    assert ask("/v1/query", about("2.0")) == {}
    assert ask("/v1/querybatch", {"queries": [about("2.0"), about("1.9")]}) == {
        "results": [{}, {"vulns": [{"id": "X-1", "modified": "2020-01-01T00:00:00Z"}]}]
    }
    assert ask("/v1/vulns/X-1", None, "GET") == GOOD
    assert recording.faults() == ()
    assert [(one.name, one.version, one.ids.items) for one in recording.questions()] == [
        ("alpha-beta", "1.0", ("X-1",)), ("alpha-beta", "1.9", ("X-1",)), ("alpha-beta", "2.0", ()),
    ]  # fmt: skip
    assert ask("/v1/vulns/X-2", None, "GET")["code"] == 5
    assert [one.message for one in recording.faults()] == [
        "the mirror advisories has no advisories at this address (404)"
    ]


def test_a_record_that_goes_away_while_it_answers(tmp_path: Path) -> None:
    service = MirrorService(whole(written(tmp_path / "m", one=GOOD)))
    (tmp_path / "m" / "one.json").unlink()
    found = service.ask("GET", "/v1/vulns/X-1", b"")
    assert isinstance(found, Reason)
    assert (found.code, "changed while it was read" in found.message) == ("evidence_corrupt", True)


def test_a_folder_that_cannot_be_listed_spoils_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "m", a__one=GOOD, b__two={**GOOD, "id": "X-2"})
    listing = os.scandir

    def refused(path: Any) -> Any:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    # A superuser, as in many containers, may list everything.
    monkeypatch.setattr(os, "scandir", refused)
    found = read(folder, "advisories")
    assert isinstance(found, Reason)
    assert (found.code, found.message) == (
        "unreadable",
        "a folder of the mirror advisories cannot be listed: Permission denied",
    )


def test_many_records_are_found_by_an_index(tmp_path: Path) -> None:
    """All of them, by an index: a question looks at the records of its own package only."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1500):
        one = record(f"M-{number}", f"package-{number // 3}", [*WHOLE, {"fixed": "2.0"}])
        (folder / f"{number}.json").write_text(json.dumps(one), encoding="utf-8")
    held = whole(folder)
    assert held.mirror.records == 1500
    assert {len(found) for found in held.by_name.values()} == {3}
