"""Small real gates for tests of the engine: they read files of the project and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec

from gates.model.canary import Canary
from gates.model.decision import Decision
from gates.model.evidence import Counted, Facts, Refusal, counted, refuse
from gates.model.finding import finding
from gates.model.gate import Applies, CachePolicy, Context, Gate, GateSettings, Inputs
from gates.model.measure import Denominator
from gates.model.rule import Rule
from gates.project.facts import Project

TODO = Rule(code="XTD001", name="todo-left", summary="a TODO", explanation="It was left.", fix="Do it.")


class NotesSettings(GateSettings, frozen=True, kw_only=True):
    """How many TODO lines are allowed."""

    maximum: Annotated[int, msgspec.Meta(description="TODO lines allowed.")] = 0


class Note(msgspec.Struct, frozen=True):
    """One TODO line."""

    path: str
    line: int
    text: str


class NotesFacts(Facts, frozen=True, kw_only=True):
    """Files and the TODO lines in them."""

    files: Counted[str]
    notes: Counted[Note]


class Notes(Gate[NotesSettings, NotesFacts]):
    """Counts TODO lines in text files."""

    name: ClassVar[str] = "notes"
    title: ClassVar[str] = "no TODO is left"
    rules: ClassVar[tuple[Rule, ...]] = (TODO,)
    Settings = NotesSettings
    Evidence = NotesFacts
    collections: ClassVar[list[str]] = []

    def applies(self, project: Project, settings: NotesSettings) -> Applies:
        return Applies(because="there are text files")

    def inputs(self, project: Project, settings: NotesSettings) -> Inputs:
        return Inputs(globs=("**/*.txt",))

    def collect(self, context: Context[NotesSettings]) -> NotesFacts | Refusal:
        self.collections.append(self.name)
        files = context.project.tree.matching(("**/*.txt",))
        notes = [
            Note(path, number, line)
            for path in files
            for number, line in enumerate((context.project.root / path).read_text("utf-8").splitlines(), 1)
            if "TODO" in line
        ]
        return NotesFacts(files=counted(files), notes=counted(notes))

    def decide(self, evidence: NotesFacts, settings: NotesSettings, now: datetime) -> Decision:
        found = evidence.notes.items[settings.maximum :]
        return Decision(
            denominator=Denominator(count=evidence.files.count, unit="files"),
            findings=tuple(finding(TODO, "a TODO", path=one.path, line=one.line, source=one.text) for one in found),
        )

    def canaries(self) -> Iterable[Canary]:
        return ()


def made(name: str, **changes: Any) -> type[Notes]:
    """A gate like `Notes` under another name, with other attributes or methods."""
    rule = msgspec.structs.replace(TODO, code=f"X{name.upper()}", name=f"{name}-todo")
    return type(name.title(), (Notes,), {"name": name, "rules": (rule,), "collections": [], **changes})


def refusing(self: Any, context: Any) -> Refusal:
    """A `collect` that finds nothing to look at."""
    return refuse("tool_missing", "the tool is not there", "pip install tool")


def raising(self: Any, *_args: Any) -> Any:
    """A method with a bug in it."""
    raise RuntimeError("a bug in the gate\nwith a second line")


def hanging(seconds: float) -> Callable[..., Any]:
    """A `collect` that does nothing for a while."""

    def collect(self: Any, context: Any) -> Any:
        time.sleep(seconds)
        return Notes.collect(self, context)

    return collect


def registered(*kinds: type[Gate[Any, Any]]) -> Mapping[str, Gate[Any, Any]]:
    """Gates by name."""
    return {kind.name: kind() for kind in kinds}


NEVER = CachePolicy(kind="never")
