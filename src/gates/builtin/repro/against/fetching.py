"""Fetching: a published release from the index that pip is configured for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.model.evidence import Refusal, refuse
from gates.process import failure

if TYPE_CHECKING:
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context
    from gates.model.reason import ReasonCode
    from gates.process.interpreter import Interpreter

CHILD = Path(__file__).with_name("fetching_child.py")
SECONDS = 300.0
CODES: dict[str, ReasonCode] = {"network": "network_unavailable", "corrupt": "evidence_corrupt"}


class _File(msgspec.Struct, frozen=True):
    name: str
    path: str
    yanked: str | None


class _Problem(msgspec.Struct, frozen=True):
    kind: str
    message: str


class _Answer(msgspec.Struct, frozen=True):
    files: tuple[_File, ...] = ()
    problem: _Problem | None = None


def fetched(
    context: Context[ReproSettings], python: Interpreter, name: str, version: str, place: Path
) -> tuple[Path, ...] | Refusal:
    """The wheel that fits `python` best and the source distribution of a release, below the new folder `place`.

    Nothing of what is fetched is run. A release that is not there, that was yanked, or an index that does not answer
    is a refusal.
    """
    what = f"{name}=={version}"
    if context.offline:
        message = f"{what} would have to be fetched, and the network was forbidden"
        return refuse("network_unavailable", message, f"gates repro --against {what}, without --offline")
    tool = context.tool("unearth")
    if isinstance(tool, Refusal):
        return tool
    place.mkdir()
    context.progress(f"fetching {what}")
    argv = [sys.executable, "-P", str(CHILD), name, version, python.version, str(place)]
    ended = context.run(argv, timeout=SECONDS)
    stopped = failure.stopped(ended, f"fetching {what}", "repro")
    if stopped is not None:
        return Refusal(stopped)
    if ended.status != "OK":
        message = f"{what} could not be fetched: {failure.last_words(ended)}"
        return refuse("tool_crashed", message, f"fetch {what} otherwise, and name its files")
    answer = _answer(ended.text)
    if answer is None:
        message = f"what fetching {what} printed cannot be read"
        return refuse("unparsable_output", message, f"fetch {what} otherwise, and name its files")
    return _judged(answer, what)


def _answer(text: str) -> _Answer | None:
    last = text.strip().rpartition("\n")[2]
    try:
        return msgspec.json.decode(last.encode(), type=_Answer)
    except (msgspec.MsgspecError, ValueError):
        return None


def _judged(answer: _Answer, what: str) -> tuple[Path, ...] | Refusal:
    if answer.problem is not None:
        code = CODES.get(answer.problem.kind, "tool_crashed")
        return refuse(code, f"{what} could not be fetched: {answer.problem.message}", "pip config list")
    if not answer.files:
        message = f"the index has no release {what} that fits this Python"
        return refuse("evidence_missing", message, f"pip index versions {what.partition('==')[0]}")
    yanked = next((one for one in answer.files if one.yanked is not None), None)
    if yanked is not None:
        why = f": {yanked.yanked}" if yanked.yanked else ""
        message = f"{yanked.name} was yanked from the index{why}"
        return refuse("evidence_foreign", message, "name a release that is not yanked, or its files")
    return tuple(Path(one.path) for one in answer.files)
