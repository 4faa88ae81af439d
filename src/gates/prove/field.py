"""Field: the copy with its configuration, its commits and its checks: where the proofs of one run take place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.engine import session, state
from gates.engine.context import World
from gates.engine.scratch import Scratch
from gates.errors import GitError
from gates.model.evidence import Refusal
from gates.prove import check, overlay
from gates.prove.check import Checker, Ran
from gates.prove.copy import Copy
from gates.prove.repository import Repository

if TYPE_CHECKING:
    from gates.engine.plan import Plan, Planned
    from gates.engine.request import Request

UNASKED: Mapping[str, tuple[str, ...]] = {"prove": ("max-age",)}
"""Keys that are taken out of the copy's configuration: there, no proof can be younger than itself."""

NOTHING: Mapping[str, str] = {}


class Field:
    """One copy for all gates of a proof; `obstacle` says in one sentence why nothing can be proved in it."""

    def __init__(self, request: Request, plan: Plan, copy: Copy) -> None:
        """The copy is as the project is, with the evidence taken before that the settings name.

        Raises:
            GatesError: the copy cannot be read, or git failed.
        """
        python = request.judged_python
        path = None if isinstance(python, Refusal) else Path(python.path)
        environ, self.obstacle = check.environment(copy, request.environ, path)
        self.request = request
        self.copy = copy
        self.checker = Checker(copy=copy, python=path, environ=environ, offline=request.offline)
        self.path = overlay.place(request.config.source, copy)
        self._original = self._text = self._current = _text(copy.root / self.path)
        based = [one for one in plan.planned if one.gate.inputs(request.project, one.settings).base]
        self.repository = _repository(copy) if based else None
        self._base: str | None = None
        self._recorded = {one.gate.name: one.gate.recorded for one in plan.planned if one.gate.recorded}
        self.lent = tuple(_lend(request.project.root, copy.root, _named(plan.planned)))

    def strip(self) -> None:
        """Take out of the copy's configuration what keeps a gate from looking for itself, and the age of proofs."""
        without = {**UNASKED, **self._recorded}
        self._text = overlay.written(self._text, self.path, without=without, added={})
        self._write(self._text)

    def prepare(self, added: Mapping[str, Any]) -> None:
        """Make the copy clean, with `added` laid over its configuration."""
        self.copy.restore()
        self._write(overlay.written(self._text, self.path, without={}, added=added) if added else self._text)

    def world(self) -> World:
        """What a canary may use: the gate's own means, over the copy."""
        wished = msgspec.structs.replace(
            self.request, project=self.copy.project(), environ=self.checker.environ, base=None
        )
        shared = session.world_of(wished)
        return msgspec.structs.replace(
            shared,
            python=self.request.judged_python,
            scratch=Scratch(self.copy.temporary),
            find_base=lambda: None if self.repository is None else self.repository.first,
        )

    def run(self, names: Sequence[str], *, hide: Sequence[str] = ()) -> Ran:
        """Check the copy as it is now: against the clean tree, where a gate reads a base."""
        return self._run(names, {}, hide)

    def run_narrowed(
        self,
        gate: str,
        settings: Mapping[str, Mapping[str, Any]],
        beside: Sequence[str] = (),
        before: Mapping[str, str] = NOTHING,
    ) -> Ran:
        """Check one gate, and others beside it, with keys of tables replaced, clean tree and planted one alike.

        `before` are files as the clean tree is to have them.
        """
        held = {path: text.encode("utf-8") for path, text in before.items()}
        if settings:
            clean = overlay.narrowed(self._current, self.path, settings)
            now = overlay.narrowed(_text(self.copy.root / self.path), self.path, settings)
            (self.copy.root / self.path).write_bytes(now.encode("utf-8"))
            held[self.path] = clean.encode("utf-8")
        return self._run((gate, *beside), held, ())

    def again(self, names: Sequence[str], *, hide: Sequence[str] = ()) -> Ran:
        """The same check over the same copy once more."""
        return self.checker.run(names, hide=hide, base=self._base)

    def _run(self, names: Sequence[str], before: Mapping[str, bytes], hide: Sequence[str]) -> Ran:
        self._base = None
        if self.repository is not None:
            held = {self.path: self._current.encode("utf-8")} if self._current != self._original else {}
            self._base = self.repository.commits({**held, **before})
        return self.checker.run(names, hide=hide, base=self._base)

    def _write(self, text: str) -> None:
        self._current = text
        if text != _text(self.copy.root / self.path):
            self.copy.settle(self.path, text)


def _named(planned: Sequence[Planned]) -> Iterator[str]:
    """Paths of evidence taken before, as the gates' settings name them."""
    for one in planned:
        table = msgspec.to_builtins(one.settings)
        yield from (table[key] for key in one.gate.recorded if isinstance(table.get(key), str))


def _lend(root: Path, copy: Path, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if (root / name).is_file() and not Path(name).is_absolute():
            state.folder(copy)
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(_moved((root / name).read_bytes(), root, copy))
            shutil.copystat(root / name, copy / name)
            yield name


def _moved(data: bytes, root: Path, copy: Path) -> bytes:
    """Evidence with the copy's own folder wherever it names that of the project, whose files the copy has as well."""
    old, new = (msgspec.json.encode(str(folder))[1:-1] for folder in (root, copy))
    return re.sub(re.escape(old) + rb"(?=[\\/\"])", lambda _: new, data)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig") if path.is_file() else ""


def _repository(copy: Copy) -> Repository | None:
    """The copy's commits; None where there is no git, and then what reads a base says so itself."""
    try:
        return Repository(copy)
    except GitError:
        if copy.project().git is not None:
            raise
        return None
