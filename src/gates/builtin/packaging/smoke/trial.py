"""Trial: the wheel is installed; then every module is imported, and every console script started, each by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.packaging.facts import Tried, What
from gates.builtin.packaging.smoke import environment, importing
from gates.builtin.packaging.smoke import wheel as wheels
from gates.builtin.packaging.smoke.environment import Fresh
from gates.builtin.packaging.smoke.wheel import CONSOLE, Content, EntryPoint
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context
    from gates.process.completed import Completed
    from gates.process.interpreter import Interpreter

SECONDS = 120.0
"""For one import or one script: scripts of large packages take some on a busy machine, and none takes minutes."""

LONGEST = 300
"""Letters of what a trial said that are kept."""


class Smoke(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried, sorted as it was done, why something could not be tried, and what a reader should know."""

    tried: tuple[Tried, ...]
    undecided: tuple[Reason, ...]
    notes: tuple[str, ...]


class _Stopped(Exception):  # noqa: N818 - not an error of the wheel
    """A trial that says nothing about the wheel."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


def run(context: Context[PackagingSettings], wheel: Path, *, seconds: float = SECONDS) -> Smoke:
    """What became of the wheel in a fresh environment of the judged interpreter.

    Each trial has `seconds`, no network, no input, and an empty folder for its home and its own. After a failed
    installation nothing else is tried.
    """
    return _Trials(context, wheel, seconds).all()


class _Trials:
    """The trials of one wheel; `notes` are what happened on the way."""

    def __init__(self, context: Context[PackagingSettings], wheel: Path, seconds: float) -> None:
        self.context, self.wheel, self.seconds = context, wheel, seconds
        self.place = context.scratch / "smoke"
        self.notes: list[str] = []
        self.number = 0

    def all(self) -> Smoke:
        """Every trial, as far as it comes."""
        tried: list[Tried] = []
        undecided: tuple[Reason, ...] = ()
        try:
            # One by one, so that what was tried before the end is kept.
            tried.extend(self.each())
        except _Stopped as stopped:
            undecided = (stopped.reason,)
        return Smoke(tried=tuple(tried), undecided=undecided, notes=tuple(self.notes))

    def each(self) -> Iterator[Tried]:
        """The trials one by one.

        Raises:
            _Stopped: one says nothing about the wheel, so that the rest would not either.
        """
        python = self.context.python
        if isinstance(python, Refusal):
            raise _Stopped(python.reason)
        try:
            content = wheels.read(self.wheel)
        except ValueError as error:
            yield self.tried("install", self.wheel.name, str(error))
            return
        self.context.progress("installing the wheel into a fresh environment")
        fresh = _or_stop(environment.made(self.context, python, self.place / "e"))
        refused = _or_stop(environment.install(self.context, python, fresh, self.wheel, self.empty()))
        yield self.tried("install", self.wheel.name, refused)
        if refused:
            return
        self.context.progress("importing what is installed, and starting its scripts")
        for module in content.modules:
            if module not in self.context.settings.imports_skip:
                yield self.tried("import", module, self.imported(fresh, module, ""))
        yield from self.entries(python, fresh, content)

    def entries(self, python: Interpreter, fresh: Fresh, content: Content) -> Iterator[Tried]:
        """The trials of the entry points; those that need an extra after all others, since what it brings stays."""
        later: list[tuple[EntryPoint, tuple[str, ...]]] = []
        for one in content.entry_points:
            if one.group != CONSOLE:
                yield from self.entered(fresh, one, content.modules)
                continue
            message, said = self.started(fresh, one) if not one.extras else ("", "")
            needed = content.extras.needed(one.value, said) if message or one.extras else ()
            if needed:
                later.append((one, needed))
            elif self.words(one):
                yield self.tried("script", one.name, message)
        for one, needed in later:
            yield from self.started_with(python, fresh, one, needed)

    def started_with(
        self, python: Interpreter, fresh: Fresh, one: EntryPoint, extras: tuple[str, ...]
    ) -> Iterator[Tried]:
        """The trial of a console script with extras of the wheel's own."""
        if not self.words(one):
            return
        shown = ", ".join(extras)
        self.context.progress(f"installing the extra {shown} for {one.name}")
        refused = _or_stop(environment.install(self.context, python, fresh, self.wheel, self.empty(), extras))
        if refused:
            yield self.tried("install", f"{self.wheel.name}[{','.join(extras)}]", refused)
            return
        message, _ = self.started(fresh, one)
        self.notes.append(f"{one.name} was started with the extra {shown}, without which it does not start")
        yield self.tried("script", one.name, message)

    def words(self, one: EntryPoint) -> Sequence[str]:
        """The arguments that a script is tried with; none where it is left out."""
        return self.context.settings.script_args.get(one.name, ("--help",))

    def entered(self, fresh: Fresh, one: EntryPoint, modules: Sequence[str]) -> Iterator[Tried]:
        """The trial of an entry point that is no console script: it is seen whether its object is there.

        What needs an extra cannot be judged where none is installed.
        """
        if not one.extras and one.module.partition(".")[0] not in self.context.settings.imports_skip:
            message = (
                self.imported(fresh, one.module, one.attribute, own=modules) if one.module else "it names no object"
            )
            yield self.tried("import", f"{one.value} (entry point {one.name} of {one.group})", message)

    def imported(self, fresh: Fresh, module: str, attribute: str, own: Sequence[str] | None = None) -> str:
        """What is wrong with a module and an attribute of it; "" if nothing.

        With `own` it is the object of an entry point, whose host or extra may be absent here: only a module that this
        wheel should have had counts as missing.
        """
        home = self.empty()
        answer = self.place / f"answer-{self.number}.json"
        argv = [str(fresh.python), "-I", str(Path(importing.__file__)), str(answer), module, attribute]
        done = self.child(argv, fresh, home)
        said = _answer(answer)
        if said is None:
            return _ended(done, self.seconds) or "the import ended the process"
        absent = said["absent"]
        if own is not None and absent and absent.partition(".")[0] not in {one.partition(".")[0] for one in own}:
            return ""
        if said["error"]:
            return str(said["error"])
        outside = [one for one in said["files"] if not Path(one).resolve().is_relative_to(fresh.folder.resolve())]
        if outside or not said["files"]:
            return "" if own is not None else "another module of that name is imported, not that of the wheel"
        return ""

    def started(self, fresh: Fresh, one: EntryPoint) -> tuple[str, str]:
        """What is wrong with a console script, "" if it ended with 0 or is left out, and all that it said."""
        words = self.words(one)
        if not words:
            return "", ""
        script = fresh.script(one.name)
        if script is None:
            return "the installation left no script of that name", ""
        done = self.child([str(script), *words], fresh, self.empty())
        return _ended(done, self.seconds), done.text + done.errors

    def child(self, argv: Sequence[str], fresh: Fresh, home: Path) -> Completed:
        """A process in an empty folder, without a network wherever that can be had.

        Raises:
            _Stopped: it was not started, or was ended from outside.
        """
        env = environment.isolated(home, fresh, self.context.environ.get("PATH", ""))
        done = self.context.run(argv, cwd=home, env=env, timeout=self.seconds, network=False)
        if done.status == "SANDBOX_DENIED" and not self.context.offline:
            note = f"imports and scripts were tried with the network, which cannot be denied here: {done.reason}"
            self.notes = list(dict.fromkeys([*self.notes, note]))
            done = self.context.run(argv, cwd=home, env=env, timeout=self.seconds)
        if done.status in {"OK", "FAILED", "TIMEOUT"} or done.code is not None:
            return done
        message = f"{Path(argv[0]).name} of the fresh environment was not tried to its end: {done.reason}"
        code = "limit_not_applied" if done.status == "SANDBOX_DENIED" else "tool_killed"
        raise _Stopped(Reason(code=code, message=message, fix="gates check packaging"))  # type: ignore[arg-type]

    def empty(self) -> Path:
        """A new empty folder."""
        self.number += 1
        folder = self.place / f"h{self.number}"
        folder.mkdir(parents=True)
        return folder

    def tried(self, what: What, name: str, message: str) -> Tried:
        """A trial, with a message that is the same on every machine."""
        for folder in (self.place.resolve(), self.place):
            message = message.replace(str(folder), "")
        message = self.context.redact(" ".join(message.split()))
        return Tried(what=what, name=name, passed=not message, message=message[:LONGEST])


def _or_stop(found: Any) -> Any:
    if isinstance(found, Reason):
        raise _Stopped(found)
    return found


def _answer(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _ended(done: Completed, seconds: float) -> str:
    """What a process's end and its last line say; "" where it ended with 0."""
    if done.status == "OK":
        return ""
    if done.status == "TIMEOUT":
        return f"it did not end within {seconds:.0f} s"
    rows = [row.strip() for row in (done.errors.strip() or done.text).splitlines() if row.strip()]
    said = f": {rows[-1]}" if rows else ""
    how = (
        f"it was ended by signal {-done.code}"
        if done.code is not None and done.code < 0
        else f"it ended with code {done.code}"
    )
    return f"{how}{said}"
