"""`gates runs verify` and `gates runs checkpoint` as they are called."""

from __future__ import annotations

import base64
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from gates.record.asked import schemas
from gates.record.integrity import checkpoints
from pytest_vltair.heads import NAME
from support import event_logs
from support.commands import Result, gates
from support.event_logs import BEGAN, closed, ended, history, last_head, lines, opened, rechained

SIGN = ("runs", "checkpoint", "--key", "../signing.key")
KEY = ("--key", "../signing.pub.pem")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return event_logs.project(tmp_path / "project")


@pytest.fixture
def folder(root: Path) -> Path:
    folder = root / ".gates" / "events"
    history(folder)
    return folder


@pytest.fixture
def signed(root: Path, folder: Path) -> Path:
    """The checkpoint of three runs, kept outside of the project; three more came after it."""
    assert gates("provenance", "key", "signing", cwd=root.parent).code == 0
    copy = root.parent / "kept" / "checkpoint.json"
    copy.parent.mkdir()
    done = gates(*SIGN, "--output", "../kept/checkpoint.json", cwd=root)
    assert done.code == 0, done.err
    written = ".gates/events/checkpoints/3.json and ../kept/checkpoint.json"
    assert done.out == f"signed the log up to line 3: {written}\n"
    for hours in (4, 5, 6):
        closed(folder, BEGAN + timedelta(hours=hours))
    return copy


def verify(root: Path, *words: str) -> Result:
    return gates("runs", "verify", *words, cwd=root)


def test_there_is_no_log(root: Path) -> None:
    done = verify(root)
    assert done.code == 5, done.err
    assert done.out.startswith("there is no log of runs in ")
    assert verify(root, "--output-format", "json").report["verdict"] == "undecided"


def test_a_log_is_whole_until_somebody_edits_it(root: Path, folder: Path) -> None:
    done = verify(root)
    assert (done.code, done.out) == (0, "whole: 3 closed runs with 12 events\n")
    path = sorted(folder.glob("2*.jsonl"))[1]
    path.write_bytes(path.read_bytes().replace(b'"value":1.0', b'"value":9.0'))
    done = verify(root)
    assert done.code == 1
    first, last, to_do = done.out.splitlines()
    assert first.startswith(f"{path.name}:3: changed: expected event 2 after the digest ")
    assert last == f"tampered: 1 fault in 3 closed runs with 11 events; the first is at {path.name}"
    assert to_do.startswith(f"to do: copy {folder.as_posix()} elsewhere before another run writes to it, then compare ")
    report = verify(root, "--output-format", "json").report
    assert (report["schema_version"], report["verdict"], report["found"]["runs"]) == (1, "failed", 3)
    assert {key: report["found"]["faults"][0][key] for key in ("file", "line", "kind")} == {
        "file": path.name,
        "line": 3,
        "kind": "changed",
    }


def test_a_folder_may_be_a_project_its_state_or_files_from_elsewhere(root: Path, folder: Path, tmp_path: Path) -> None:
    for place in (root, root / ".gates", folder):
        assert verify(tmp_path, str(place)).code == 0
    shutil.copytree(folder, tmp_path / "artifact", ignore=shutil.ignore_patterns(NAME, "open"))
    done = verify(root, "../artifact")
    assert done.code == 0
    assert "from elsewhere, and verified only in itself" in done.out
    assert verify(root, "nowhere").code == 2


def test_heads_that_are_a_folder_are_undecided(root: Path, folder: Path) -> None:
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    done = verify(root)
    assert done.code == 3, done.out
    assert f"undecided: {NAME} cannot be read: " in done.out


def test_a_signed_history_is_whole(root: Path, signed: Path) -> None:
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert done.code == 0, done.out
    assert "note: signed up to line 3 of heads.jsonl of sample, by " in done.out
    report = verify(root, *KEY, "--output-format", "json").report
    assert report["found"]["checkpoints"] == ["checkpoints/3.json"]
    assert "1 checkpoint not verified: --key names the public key" in verify(root).out


def cut(folder: Path, runs: int) -> None:
    """Take the newest runs away, and whatever could tell that they were there."""
    shutil.rmtree(folder / "checkpoints")
    (folder / NAME).write_bytes(b"".join(lines(folder / NAME)[:runs]))
    for path in sorted(folder.glob("2*.jsonl"))[runs:]:
        path.unlink()


def test_a_tail_that_was_cut_off_shows_by_the_checkpoint_that_was_kept(root: Path, folder: Path, signed: Path) -> None:
    cut(folder, 2)
    assert verify(root).code == 0, "nothing in the folder can tell"
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert done.code == 1
    assert "heads.jsonl:3: dropped: expected 3 lines, which " in done.out
    assert verify(root, *KEY).code == 3, "a checkpoint was asked for, and none is there"


def test_what_was_cut_off_after_the_last_checkpoint_does_not_show(root: Path, folder: Path, signed: Path) -> None:
    cut(folder, 3)
    assert verify(root, *KEY, "--checkpoint", str(signed)).code == 0


def test_a_whole_history_that_was_replaced_shows_by_its_checkpoint(root: Path, folder: Path, signed: Path) -> None:
    shutil.rmtree(folder)
    history(folder, 6)
    assert verify(root).code == 0
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert done.code == 1
    assert "heads.jsonl:3: changed: expected the digest " in done.out


def test_heads_that_were_written_anew_do_not_fit_the_checkpoint(root: Path, folder: Path, signed: Path) -> None:
    rechained(folder / NAME, 2, attempt=9)
    done = verify(root, *KEY)
    assert done.code == 1
    assert "heads.jsonl:3: changed: expected the digest " in done.out


@pytest.mark.parametrize("keep", [True, False], ids=["changed", "gone"])
def test_a_checkpoint_that_the_log_names(root: Path, folder: Path, signed: Path, *, keep: bool) -> None:
    place = folder / "checkpoints" / "3.json"
    if keep:
        shutil.copy(signed, place)
        place.write_bytes(place.read_bytes() + b"\n")
    else:
        place.unlink()
    done = verify(root)
    assert done.code == 1
    assert f"checkpoints/3.json: {'changed' if keep else 'dropped'}: expected " in done.out


def refused(root: Path, signed: Path, said: str) -> None:
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert done.code == 1, done.out
    assert f"checkpoint.json: changed: expected a checkpoint of sample: {said}" in done.out


def run_of(folder: Path, project: str, now: datetime = BEGAN) -> None:
    log = opened(folder, now, project={"name": project, "commit": None, "branch": None, "scope": "full"})
    log.write("command_end", ended())
    log.close()


@pytest.mark.parametrize(
    "words", [("--project", "of-4711"), ("of-4711",), ("of-4711/.gates",), ("of-4711/.gates/events",)]
)
def test_a_checkpoint_bears_the_name_of_the_runs_and_not_that_of_the_folder(
    root: Path, signed: Path, words: tuple[str, ...]
) -> None:
    shutil.copytree(root / ".gates", root.parent / "of-4711" / ".gates")
    done = verify(root.parent, *words, "--key", "signing.pub.pem")
    assert (done.code, "note: signed up to line 3 of " in done.out) == (0, True), done.out


def test_a_project_may_get_another_name(root: Path, folder: Path, signed: Path) -> None:
    (root / "pyproject.toml").write_text('[project]\nname = "new"\n', "utf-8")
    assert gates(*SIGN, cwd=root).code == 0
    run_of(folder, "new", BEGAN + timedelta(hours=7))
    assert gates(*SIGN, cwd=root).code == 0
    done = verify(root, *KEY, "--output-format", "json")
    assert done.code == 0, done.report["found"]["faults"]
    assert names(folder) == ["sample", "sample", "new"]


def names(folder: Path) -> list[str]:
    """The names that the checkpoints bear, in the order in which they were made."""
    kept = sorted((folder / "checkpoints").glob("*.json"), key=lambda path: int(path.stem))
    return [json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))["project"] for path in kept]


def test_a_name_that_was_retired_with_its_runs_is_told_by_the_digest(root: Path, folder: Path, signed: Path) -> None:
    assert gates("runs", "retire", "--older-than", "1d", cwd=root).code == 0
    run_of(folder, "new", BEGAN + timedelta(hours=8))
    assert verify(root, *KEY, "--checkpoint", str(signed)).code == 0
    other = event_logs.project(root.parent / "other")
    run_of(other / ".gates/events", "other")
    assert gates(*SIGN, "--output", str(signed), cwd=other).code == 0
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert done.code == 1
    assert "checkpoint.json: changed: expected a checkpoint of new: it is one of other" in done.out


def test_a_log_that_tells_no_name_has_that_of_its_project(root: Path, folder: Path, signed: Path) -> None:
    assert gates("runs", "retire", "--older-than", "1d", cwd=root).code == 0
    (root / "pyproject.toml").write_text('[project]\nname = "new"\n', "utf-8")
    assert gates(*SIGN, cwd=root).code == 0
    assert names(folder) == ["sample", "new"]
    assert verify(root, *KEY, "--checkpoint", str(signed)).code == 0


def test_a_checkpoint_of_another_project(root: Path, signed: Path) -> None:
    other = event_logs.project(root.parent / "other")
    run_of(other / ".gates/events", "other")
    assert gates(*SIGN, "--output", str(signed), cwd=other).code == 0
    refused(root, signed, "it is one of other")
    to_do = "to do: see first that --key and --checkpoint are those of this log"
    assert verify(root, *KEY, "--checkpoint", str(signed)).out.splitlines()[-1] == to_do


def test_a_checkpoint_that_somebody_else_signed(root: Path, signed: Path) -> None:
    assert gates("provenance", "key", "theirs", cwd=root.parent).code == 0
    forging = ("runs", "checkpoint", "--key", "../theirs.key", "--output", str(signed))
    assert gates(*forging, cwd=root).code == 0
    refused(root, signed, "it is signed with the key ")


def test_a_signature_that_was_changed(root: Path, signed: Path) -> None:
    held = json.loads(signed.read_bytes())
    whole = held["signatures"][0]["sig"]
    held["signatures"][0]["sig"] = ("B" if whole[0] == "A" else "A") + whole[1:]
    signed.write_text(json.dumps(held, sort_keys=True, separators=(",", ":")), "utf-8")
    refused(root, signed, "the key ")


NONE = [b"", b"{}", b"\xff", b"[]", b"[" * 100_000, b'{"payload":1}', b'{"a":1}\n{"b":2}\n', b"Title\n=====\n"]


@pytest.mark.parametrize("data", NONE, ids=range(len(NONE)))
def test_a_file_that_is_no_checkpoint_shows_nothing(root: Path, signed: Path, data: bytes) -> None:
    signed.write_bytes(data)
    done = verify(root, *KEY, "--checkpoint", str(signed))
    instead = "name the file that `gates runs checkpoint --output FILE` wrote"
    assert done.code == 3, done.out
    assert f"undecided: {signed.as_posix()} is no checkpoint: {instead}\n" in done.out
    beside = root / ".gates/events/checkpoints/._3.json"
    beside.write_bytes(data)
    done = verify(root)
    assert (done.code, "checkpoints/._3.json is no checkpoint: move it out of checkpoints" in done.out) == (3, True)


@pytest.mark.parametrize("data", NONE, ids=range(len(NONE)))
def test_a_checkpoint_that_was_written_over_is_missed(root: Path, signed: Path, data: bytes) -> None:
    (root / ".gates/events/checkpoints/3.json").write_bytes(data)
    done = verify(root)
    assert (done.code, done.err) == (1, ""), done.err
    assert done.out.startswith("checkpoints/3.json: changed: expected the SHA-256 ")
    assert "is no checkpoint" not in done.out


@pytest.mark.parametrize("payload", [None, 1, "not base64", ""])
def test_an_envelope_of_a_checkpoint_that_holds_none(root: Path, signed: Path, payload: object) -> None:
    held = {**json.loads(signed.read_bytes()), "payload": payload}
    signed.write_text(json.dumps(held, sort_keys=True, separators=(",", ":")), "utf-8")
    refused(root, signed, "")


def enveloped(root: Path, project: str, *kind: str) -> bytes:
    """The envelope of a checkpoint that fits the log."""
    from gates.builtin.attested import envelope, keys

    signer = keys.private(str(root.parent / "signing.key"), {})
    end = last_head(root / ".gates/events")
    payload = {"schema_version": 1, "project": project, "lines": end.lines, "chain": end.chain, "at": end.at}
    return envelope.sign(json.dumps(payload).encode(), signer, *kind)


def test_an_attestation_is_no_checkpoint(root: Path, signed: Path) -> None:
    signed.write_bytes(enveloped(root, "sample"))
    done = verify(root, *KEY, "--checkpoint", str(signed))
    assert (done.code, "checkpoint.json is no checkpoint: " in done.out) == (3, True), done.out


@pytest.mark.parametrize("project", ["sample", "other"])
def test_a_checkpoint_of_the_same_log_bears_its_name(root: Path, signed: Path, project: str) -> None:
    signed.write_bytes(enveloped(root, project, checkpoints.KIND))
    if project == "other":
        refused(root, signed, "it is one of other")
    else:
        assert verify(root, *KEY, "--checkpoint", str(signed)).code == 0


def test_a_key_that_cannot_be_used_is_undecided(root: Path, signed: Path) -> None:
    done = verify(root, "--key", "../signing.key")
    assert done.code == 3
    assert "undecided: signing.key is a private key" in done.out
    assert verify(root, *KEY, "--checkpoint", "nowhere.json").code == 3
    assert verify(root, "--checkpoint", str(signed)).code == 2


def test_nothing_is_signed_that_is_not_whole(root: Path, folder: Path) -> None:
    assert gates("provenance", "key", "signing", cwd=root.parent).code == 0
    assert gates("runs", "checkpoint", cwd=root).code == 3
    data = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(data.replace(b'"attempt":1', b'"attempt":2', 1))
    done = gates(*SIGN, "--output-format", "json", cwd=root)
    assert (done.code, done.report["verdict"], done.report["written"]) == (1, "failed", [])
    assert done.report["message"].startswith("heads.jsonl:1 is not what was written (changed)")
    (folder / NAME).unlink()
    assert gates(*SIGN, cwd=root).code == 1
    assert not (folder / "checkpoints").exists()


def test_a_checkpoint_that_cannot_be_written_where_it_is_asked_for_is_an_error(root: Path, folder: Path) -> None:
    assert gates("provenance", "key", "signing", cwd=root.parent).code == 0
    done = gates(*SIGN, "--output", "nowhere/checkpoint.json", cwd=root)
    assert done.code == 2
    assert not (folder / "checkpoints").exists()


def test_every_line_of_the_heads_is_one_of_their_schema(root: Path, folder: Path, signed: Path) -> None:
    assert gates("runs", "retire", "--older-than", "1d", cwd=root).code == 0
    validator = Draft202012Validator(schemas.heads())
    held = [json.loads(line) for line in lines(folder / NAME)]
    assert {line["kind"] for line in held} == {"closed", "checkpoint", "retired"}
    for line in held:
        validator.validate(line)
    assert verify(root, *KEY, "--checkpoint", str(signed)).code == 0


def test_what_runs_have_seen_is_not_signed_away(root: Path, folder: Path, signed: Path) -> None:
    path = folder / NAME
    path.write_bytes(b"".join(lines(path)[:-2]))
    done = gates(*SIGN, cwd=root)
    assert done.code == 1
    assert "is not what was written (dropped)" in done.err
    assert verify(root).code == 1
