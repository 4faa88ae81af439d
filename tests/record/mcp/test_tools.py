"""What a program is told, whatever it asks and wherever the record is: bounds, and folders that cannot be written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.errors import GatesError, UsageError
from gates.model.evidence import encode
from gates.record.asked import questions
from gates.record.asked.answers import Filter
from gates.record.asked.since import moment
from gates.record.mcp import asking, wording
from gates.record.mcp.asking import Asking, CodeWanted, RunsWanted
from gates.record.mcp.bounds import LARGEST, LISTED, LONGEST, READ, SHORT, Bounds
from gates.record.mcp.logs import SETTLED, Logs
from gates.record.mcp.tools import TOOLS, Desk
from gates.record.mcp.wording import command
from gates.record.stored.errors import StoreError
from gates.record.stored.store import NAME
from gates.render import escape
from support import many_runs, stored
from support.many_runs import Failure
from support.unprivileged import public_folder, unprivileged

BOOM = Failure("tests/test_it.py::test_x", "boom")


def desk(root: Path) -> Desk:
    """A desk that takes no secrets out, and knows no rule."""
    return Desk(logs=Logs(root), safe=escape.line, explain=lambda code: {"kind": "reason", "code": code})


def recorded(place: Path, runs: int = 5) -> Path:
    """A project with so many runs, the last of which failed."""
    place.mkdir()
    many_runs.write(place, runs, {runs - 1: BOOM})
    return place


def sealed(root: Path, *, sealing: bool) -> None:
    """Take from everybody the right to write anything here, or give it back."""
    for path in (*root.rglob("*"), root):
        mode = 0o555 if path.is_dir() else 0o444
        path.chmod(mode if sealing else mode | 0o200)


def answer(root: Path, tool: str, **arguments: Any) -> Any:
    """An answer, as the type that its schema is of."""
    found = desk(root).answer(tool, arguments)
    return msgspec.convert(found.value, TOOLS[tool].answers, strict=True)


# Where the record cannot be written


@pytest.mark.unprivileged
def test_a_record_without_a_store_in_a_folder_that_cannot_be_written_is_asked_all_the_same() -> None:
    with public_folder() as place:
        root = recorded(place / "sample")
        sealed(root, sealing=True)
        try:
            with unprivileged():
                runs, failures = answer(root, "tasks_list"), answer(root, "tasks_last_failed")
        finally:
            sealed(root, sealing=False)
        assert (len(runs.runs), {one.error_message for one in failures.patterns if one.kind == "test"}) == (5, {"boom"})
        assert runs.notes[0].startswith("answered from the logs alone, which takes longer: the store .gates/record")
        assert not (root / ".gates" / NAME).exists()


@pytest.mark.unprivileged
def test_a_store_that_cannot_be_written_is_asked_and_said_to_be_old() -> None:
    with public_folder() as place:
        root = recorded(place / "sample")
        questions.open_store(root).close()
        sealed(root, sealing=True)
        try:
            with unprivileged():
                whole = answer(root, "tasks_list")
        finally:
            sealed(root, sealing=False)
        stored.change(root, "DELETE FROM files WHERE name = (SELECT max(name) FROM files)")
        sealed(root, sealing=True)
        try:
            with unprivileged():
                runs = answer(root, "tasks_list")
        finally:
            sealed(root, sealing=False)
        assert (len(whole.runs), whole.notes) == (5, ())
        assert len(runs.runs) == 5
        assert runs.notes == (f"1 newer run is not in this answer: {NAME} cannot be written",)


def test_what_the_logs_hold_and_nobody_can_read_is_said_each_time(tmp_path: Path) -> None:
    root = recorded(tmp_path / "sample")
    newest = max((root / ".gates" / "events").glob("2*.jsonl"))
    data = newest.read_bytes()
    newest.write_bytes(data.replace(b'"event":"gate"', b'"event":"bate"'))
    (root / ".gates" / "events" / "20991231T235959Z-00000000.jsonl").write_bytes(b'{"schema_version":99}\n')
    os.utime(newest.parent, (0, 0))  # long ago, so that nothing is looked through a second time
    asked = desk(root)
    first, second = (asked.answer("tasks_list", {}) for _ in range(2))
    newer, unread = first.value["notes"]
    assert "20991231T235959Z-00000000.jsonl has schema version 99" in newer
    assert data.count(b'"event":"gate"') == 1
    assert unread == "1 line is not in this answer: .gates/quarantine.jsonl has it, and why"
    assert second.value["notes"] == first.value["notes"]


def test_a_store_that_is_damaged_is_no_answer(tmp_path: Path) -> None:
    root = recorded(tmp_path / "sample")
    (root / ".gates" / NAME).write_bytes(b"nothing that SQLite knows" * 100)
    for tool, arguments in (("tasks_list", {}), ("tasks_last_failed", {}), ("tasks_by_trace", {"trace_id": "0" * 32})):
        with pytest.raises(StoreError, match="is damaged"):
            desk(root).answer(tool, arguments)


def add(root: Path, runs: int) -> None:
    """Put the files of so many runs among those at `root`, as a CI's artifact is unpacked."""
    more = recorded(root.with_name(f"more-{runs}"), runs)
    for kind in ("events", "recordings"):
        for path in (more / ".gates" / kind).glob("*.jsonl"):
            (root / ".gates" / kind / path.name).write_bytes(path.read_bytes())


def aged(root: Path) -> None:
    """Make it look as if nothing had been added for a while."""
    for folder in (root / ".gates/events", root / ".gates/recordings"):
        os.utime(folder, (folder.stat().st_atime, folder.stat().st_mtime - 2 * SETTLED))


def test_newer_runs_are_seen_by_the_next_question(tmp_path: Path) -> None:
    root = recorded(tmp_path / "sample", 2)
    asked = desk(root)
    for runs in (2, 4, 6):
        add(root, runs)
        aged(root)
        for _ in range(2):
            assert len(asked.answer("tasks_list", {}).value["runs"]) == runs


def test_logs_are_looked_through_again_only_where_something_was_added(tmp_path: Path) -> None:
    root = recorded(tmp_path / "sample", 2)
    logs = Logs(root)

    def refreshed() -> bool:
        with logs.opened().store as store:
            return store.writable

    assert (refreshed(), refreshed()) == (True, True), "what has just been written may be written to again unseen"
    aged(root)
    assert (refreshed(), refreshed()) == (True, False)
    (root / ".gates/events/open/20261122T171350Z-00000000.jsonl").write_bytes(b"")
    assert (refreshed(), refreshed()) == (True, True), "a run is open"
    (root / ".gates/events/open/20261122T171350Z-00000000.jsonl").unlink()
    assert (refreshed(), refreshed()) == (True, False)
    (root / ".gates" / NAME).unlink()
    assert refreshed(), "the store was taken away"


# Arguments


@given(
    tool=st.sampled_from([name for name in TOOLS if name != "gates_explain"]),
    given_=st.dictionaries(
        st.text(max_size=20) | st.sampled_from(["limit", "since", "gate", "offset", "status", "trace_id", "test"]),
        st.none() | st.integers() | st.text(max_size=40) | st.floats(allow_nan=False) | st.lists(st.integers()),
        max_size=3,
    ),
)
def test_any_arguments_are_answered_or_refused_in_a_sentence(tool: str, given_: dict[str, Any]) -> None:
    root = Path("no/such/folder")
    try:
        found = desk(root).answer(tool, given_)
    except GatesError as error:
        said = str(error)
    else:
        msgspec.convert(found.value, TOOLS[tool].answers, strict=True)
        said = found.text
    assert 0 < len(said) < 700


@pytest.mark.parametrize("text", ["", "x", "10", "3y", "2026-13-01", "99999999d", "٣d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment: write it as 2h, 3d"):
        moment(text)


def test_moments_are_in_utc() -> None:
    assert moment("2026-12-31") == "2026-12-31T00:00:00.000000Z"
    assert moment("2026-12-31T12:00:00+02:00") == "2026-12-31T10:00:00.000000Z"
    assert moment("2h") < moment("1m")


def test_a_since_that_is_none_names_its_argument() -> None:
    with pytest.raises(UsageError, match=r"^since: 'soon' is no moment"):
        desk(Path("no/such/folder")).answer("tasks_list", {"since": "soon"})


# Bounds

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3_000),
    lambda inner: st.lists(inner, max_size=60) | st.dictionaries(st.sampled_from(["a", "b", "reproduce_"]), inner),
    max_leaves=80,
)


def texts(value: Any, entry: bool = False) -> list[tuple[str, bool]]:
    """Every text in a value, and whether it is an entry of a list."""
    if isinstance(value, str):
        return [(value, entry)]
    if isinstance(value, dict):
        return [found for one in value.values() for found in texts(one)]
    if isinstance(value, list):
        return [found for one in value for found in texts(one, entry=True)]
    return []


@given(VALUES)
def test_texts_are_short_and_lists_too(value: Any) -> None:
    plain = Bounds(escape.line).plain(value)
    for text, entry in texts(plain):
        assert len(text) <= (SHORT if entry else LONGEST)
        assert escape.line(text) == text


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), st.text("é", max_size=LONGEST)), max_size=60))
def test_rows_are_kept_from_the_first_on_as_many_as_there_is_room_for(found: list[dict[str, str]]) -> None:
    bounds = Bounds(escape.line)
    rows = bounds.rows(found)
    assert rows == found[: len(rows)]
    assert len(encode(rows)) <= LARGEST + 8 or len(rows) == 1
    missing = [f"left out: {len(found) - len(rows)} rows, as an answer is at most 64 KiB"] if rows != found else []
    assert bounds.cut == missing


def test_a_list_that_is_cut_says_by_how_much() -> None:
    bounds = Bounds(escape.line)
    assert len(bounds.plain(list(range(100)))) == LISTED
    assert bounds.cut == [f"left out: {100 - LISTED} entries of lists, each of at most {LISTED}"]


def test_what_is_read_of_an_endless_text_ends_between_words() -> None:
    """Half a secret is none that is known, and would be shown where what stands before it is taken out."""
    secret = "hunter2" * 4
    bounds = Bounds(lambda text: text.replace("x" * 300 + " ", "").replace(secret, "***"))
    before = ("x" * 300 + " ") * 66 + "z" * 120 + " "
    assert len(before) < READ < len(before + secret)
    assert bounds.text(before + secret + "y" * 200) == "z" * 120 + "…"


def test_a_command_is_whole_or_not_there() -> None:
    bounds = Bounds(escape.line)
    row = bounds.plain({"reproduce": ["pytest", "a" * 1_500]})
    assert row == {"reproduce": ["pytest", "a" * 1_500]}
    assert bounds.plain({"reproduce": ["pytest", "a" * 2_500]}) == {"reproduce": []}
    assert bounds.cut == ["left out: 1 commands of more than 2000 characters"]


@pytest.mark.skipif("os.name == 'nt'", reason="how a shell of POSIX takes words")
def test_words_that_a_shell_would_read_are_quoted_in_a_command() -> None:
    assert (
        command(["python", "-m", "pytest", "t.py::test_a[; curl x|sh]"])
        == "python -m pytest 't.py::test_a[; curl x|sh]'"
    )


def test_every_tool_says_what_each_argument_is() -> None:
    for name, tool in TOOLS.items():
        schema = msgspec.json.schema(tool.arguments)["$defs"][tool.arguments.__name__]
        assert [one for one, said in schema["properties"].items() if not said.get("description")] == [], name
    named = {field.name for field in msgspec.structs.fields(RunsWanted)}
    assert named == {field.name for field in msgspec.structs.fields(Filter)}


@pytest.mark.parametrize(
    ("kind", "given_", "said"),
    [
        (RunsWanted, {"status": "red"}, "status: 'red' is none of error, failed, "),
        (CodeWanted, {"about": "COV004"}, "there is no argument 'about': it takes code"),
        (RunsWanted, {"limit": 0}, "limit: expected `int` >= 1, and was '0'"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_right(kind: type[Asking], given_: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        asking.parsed(kind, given_)


def test_a_failure_whose_end_nobody_knows_has_none() -> None:
    pattern = {
        "count": 1,
        "kind": "test",
        "error_type": None,
        "error_message": None,
        "stack_hash": "a" * 16,
        "run": "r",
        "trace_id": "t",
        "ended": None,
        "subjects": ["tests/test_a.py::test_a"],
        "reproduce": [],
    }
    told = wording.failures({"patterns": [pattern], "failing": 1, "cut": [], "notes": []})
    assert told.startswith("1 fail, in 1 pattern. ")
    assert "None" not in told
