"""Reading: what the child wrote down, as results; a line that is cut, foreign or corrupt is passed over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from gates.builtin.diagnosis.child import events as written
from gates.builtin.diagnosis.trial import BAD, Effect, Ended, Left, Place, Read, Result

MAIN = "main"
OURS = ("vltair_trial/", "time_machine/")
NUMBERS = re.compile(r"0x[0-9a-f]+|\d+|/\S+", re.IGNORECASE)
ENDS = frozenset(get_args(Ended))
Turn = tuple[str, int]


class Record:
    """What one process of pytest wrote, or several that shared a prefix (workers)."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.collected: tuple[str, ...] = ()
        self.results: dict[Turn, Result] = {}
        self.open: dict[Turn, Result] = {}  # begun, and as yet without an end
        self.uncollected: dict[str, Result] = {}
        self.skipped: dict[str, Result] = {}  # files, as a whole
        self.reads: set[Read] = set()
        self.effects: list[Effect] = []
        self.states: dict[Left, None] = {}
        self.broken = ""
        self.begun: set[str] = set()
        self.status: int | None = None
        self.collecting: dict[str, str] = {}  # by worker, the file that is being collected
        self.left: dict[str, Result] = {}  # files that ended the process themselves

    @property
    def silent(self) -> bool:
        """Whether nothing was written at all."""
        return not (self.seen or self.collected or self.results or self.open or self.uncollected or self.status)

    @property
    def workers(self) -> int:
        """How many processes ran tests side by side; 0 where one did by itself."""
        return len(self.seen.keys() - {MAIN})

    @property
    def had(self) -> list[dict[str, Any]]:
        """What each process that ran tests had of the factors: who only leads workers runs none."""
        return [had for name, had in self.seen.items() if name != MAIN or not self.workers]

    def take(self, event: dict[str, Any], worker: str) -> None:
        """Enter one event; what is not as agreed is left out."""
        handler = getattr(self, f"_{event.get('e')}", None)
        if handler is not None:
            try:
                handler(event, "" if worker == MAIN else worker)
            except (KeyError, TypeError, ValueError):
                return

    def _seen(self, event: dict[str, Any], worker: str) -> None:
        effects = event["effects"]
        if isinstance(effects, dict) and (worker or MAIN) not in self.seen:
            self.seen[worker or MAIN] = effects

    def _collected(self, event: dict[str, Any], worker: str) -> None:
        del worker
        ids = tuple(one for one in event["ids"] if isinstance(one, str))
        self.collected = self.collected or ids

    def _uncollected(self, event: dict[str, Any], worker: str) -> None:
        nodeid, message = _text(event["id"]), _text(event.get("message"))
        kind = _text(event.get("type"))
        self.uncollected[nodeid] = Result(
            nodeid=nodeid,
            ended="uncollected",
            fingerprint=_text(event.get("fingerprint")) or f"collection {kind}: {plain(message)}",
            message=message or kind,
            place=place(event),
            own=event.get("own") is True,
            worker=worker,
        )

    def _collecting(self, event: dict[str, Any], worker: str) -> None:
        self.collecting[worker] = _text(event["id"])

    def _left(self, event: dict[str, Any], worker: str) -> None:
        nodeid, where = _text(event["id"]), place(event)
        own = ours(event.get("stack"))
        message = _text(event.get("message"))
        self.left[nodeid] = Result(
            nodeid=nodeid,
            ended="uncollected",
            fingerprint=ended_at(where),
            message=message,
            place=where,
            own=own,
            worker=worker,
        )

    def _unavailable(self, event: dict[str, Any], worker: str) -> None:
        nodeid, message = _text(event["id"]), _text(event.get("message"))
        self.skipped[nodeid] = Result(nodeid=nodeid, ended="skipped", message=message, worker=worker)

    def _begun(self, event: dict[str, Any], worker: str) -> None:
        turn = _turn(event)
        self.begun.add(turn[0])
        began = float(event.get("at") or 0.0)
        self.open[turn] = Result(nodeid=turn[0], ended="crashed", turn=turn[1], worker=worker, began=began)

    def _ended(self, event: dict[str, Any], worker: str) -> None:
        turn = _turn(event)
        if event["ended"] not in ENDS:
            return
        before = self.open.pop(turn, None)
        if turn in self.results and self.results[turn].ended in BAD:
            return  # two tests of one id
        self.results[turn] = Result(
            nodeid=turn[0],
            ended=event["ended"],
            turn=turn[1],
            fingerprint=_text(event.get("fingerprint")),
            message=_text(event.get("message")),
            place=place(event),
            own=event.get("own") is True,
            seconds=float(event.get("seconds") or 0.0),
            worker=worker,
            began=before.began if before is not None else 0.0,
        )

    def _hung(self, event: dict[str, Any], worker: str) -> None:
        turn = _turn(event)
        where = place(event)
        before = self.open.pop(turn, None)
        self.results[turn] = Result(
            nodeid=turn[0],
            ended="hang",
            turn=turn[1],
            fingerprint=_text(event.get("fingerprint")) or _standing(where),
            message="it had not ended when its time was over",
            place=where,
            worker=worker,
            began=before.began if before is not None else 0.0,
        )

    def _outward(self, event: dict[str, Any], worker: str) -> None:
        self._effect("outward", event, worker)

    def _unreached(self, event: dict[str, Any], worker: str) -> None:
        self._effect("unreached", event, worker)

    def _wrote(self, event: dict[str, Any], worker: str) -> None:
        self._effect("write", event, worker)

    def _effect(self, what: Any, event: dict[str, Any], worker: str) -> None:
        del worker
        found = Effect(nodeid=_text(event.get("id")), what=what, target=_text(event["what"]), place=place(event))
        if found not in self.effects:
            self.effects.append(found)

    def _read(self, event: dict[str, Any], worker: str) -> None:
        del worker
        where = place(event)
        if where is not None:
            factor, what = _text(event["factor"]), _text(event.get("what"))
            self.reads.add(Read(factor=factor, place=where, what=what, nodeid=_text(event.get("id"))))

    def _state(self, event: dict[str, Any], worker: str) -> None:
        del worker
        if what := _text(event["what"]):
            self.states[Left(nodeid=_text(event["id"]), what=what)] = None

    def _broken(self, event: dict[str, Any], worker: str) -> None:
        """Pytest fell over: an internal error, of which the first is told."""
        del worker
        message, kind = _text(event.get("message")), _text(event.get("type"))
        self.broken = self.broken or ": ".join(one for one in (kind, message.strip().split("\n", 1)[0]) if one)

    def _done(self, event: dict[str, Any], worker: str) -> None:
        if not worker:
            self.status = int(event["status"])


def read(prefixes: Sequence[Path], root: Path) -> Record:
    """What was written below these prefixes; with several of them (processes side by side) each has its own worker."""
    record = Record()
    for number, prefix in enumerate(prefixes):
        for event in events(prefix, root):
            worker = event.get("worker", MAIN)
            if worker == MAIN and len(prefixes) > 1:
                worker = f"gw{number}"
                if event.get("e") in ("done", "seen"):
                    record.take(event, MAIN)
            record.take(event, str(worker))
    return record


def events(prefix: Path, root: Path) -> Iterator[dict[str, Any]]:
    """The events of a run, each with the worker that said it, as far as they can be read."""
    try:
        yield from written.read(str(prefix), str(root))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        yield from _plainly(prefix)


def _plainly(prefix: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(prefix.parent.glob(f"{prefix.name}.*.jsonl")):
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            continue
        for line in lines:
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict):
                yield {**event, "worker": path.name[len(prefix.name) + 1 : -len(".jsonl")]}


def plain(message: str) -> str:
    """The first line of a message without numbers, addresses and paths."""
    return NUMBERS.sub("#", message.strip().split("\n", 1)[0])[:200]


def place(event: dict[str, Any]) -> Place | None:
    """The line that an event names, if it is one of the project."""
    path, line = event.get("path"), event.get("line")
    return Place(_text(path), line) if isinstance(path, str) and isinstance(line, int) and path else None


def ended_at(where: Place | None) -> str:
    """The fingerprint of a file that ends the process as it is imported."""
    return "ended in collection" if where is None else f"ended in collection {where.path}:{where.line}"


def ours(stack: object) -> bool:
    """Whether a process stood in what makes the circumstances: the innermost frame of some words."""
    words = [one for one in stack if isinstance(one, str)] if isinstance(stack, list) else []
    return bool(words) and words[0].startswith(OURS)


def _standing(where: Place | None) -> str:
    return "hang" if where is None else f"hang {where.path}:{where.line}"


def _turn(event: dict[str, Any]) -> Turn:
    if not isinstance(event["id"], str):
        raise TypeError("an id is text")
    return event["id"], int(event.get("turn") or 1)


def _text(value: object) -> str:
    """Text that can be written down: half of a surrogate pair, which no UTF-8 has, is spelt out."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else ""
