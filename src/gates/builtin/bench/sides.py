"""Sides: folders in which benchmarks of head run, one with the product of base, one of head, one of base again."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.bench import isolation, trees
from gates.builtin.bench.facts import Side as Name
from gates.builtin.bench.trees import Trees
from gates.errors import GatesError
from gates.model.evidence import Refusal, refuse
from gates.model.reason import Reason
from gates.project import workspace

if TYPE_CHECKING:
    from gates.model.gate import Context

PLACES: Mapping[Name, str] = {"base": "a", "head": "b", "control": "c"}
"""Where each side is; names of one length, since that of a path is part of what is timed."""

EXCHANGED: Mapping[Name, str] = {"base": "b", "head": "a", "control": "c"}


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side: the folder to start pytest in, and the variables over those of the run."""

    name: Name
    folder: Path
    env: Mapping[str, str]


class Sides(msgspec.Struct, kw_only=True):
    """All sides of one comparison.

    `names` are those that there are; `original` is base with its own tests and configuration, to ask which benchmarks
    it had. `modules` are the names to ask a process about, for `strays`. `differing` are requirements that only one
    side has; `notes` are sentences for the reader.

    What comes from the path cancels between base and head, which change places. It cannot cancel for the control as
    well, with two arrangements and three places: what the place does to it counts as noise, and errs on that side.
    """

    names: tuple[Name, ...]
    original: Side | None
    modules: Mapping[Name, tuple[str, ...]]
    differing: tuple[str, ...]
    notes: tuple[str, ...]
    place: Path
    prefix: str
    sources: Mapping[Name, _Source]
    swapped: bool = False
    lock: Any = msgspec.field(default_factory=threading.Lock)

    def side(self, name: Name, *, swapped: bool) -> Side:
        """The side, with base and head in each other's places where they are `swapped`.

        The folders change places when another arrangement is asked for than last time, so that no process of the
        one before may still run.

        Raises:
            OSError: something in a folder is in use (Windows).
            KeyError: there is no such side.
        """
        with self.lock:
            if swapped != self.swapped and "base" in self.names:
                _exchange(self.place / "a", self.place / "b", self.place / "x")
                self.swapped = swapped
        return self._side(name, swapped=swapped)

    def _side(self, name: Name, *, swapped: bool) -> Side:
        folder = self.place / (EXCHANGED if swapped else PLACES)[name] / self.prefix
        return self.sources[name].side(name, folder)


class _Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a side's environment is made of, wherever its folder is; `more` are folders that are not exchanged."""

    root: Path
    roots: tuple[str, ...]
    more: tuple[Path, ...]
    environ: Mapping[str, str]

    def side(self, name: Name, folder: Path) -> Side:
        roots = [folder if one == "." else folder / one for one in self.roots]
        env = isolation.environment(self.root, folder, roots, self.more, self.environ)
        return Side(name=name, folder=folder, env=env)


def strays(sides: Sides, side: Side, packages: Mapping[str, str | None]) -> Reason | None:
    """None where the packages of a side came from its own folders; else which one came from elsewhere.

    `packages` are files by module, as a process of the side imported them.
    """
    asked = {name: packages.get(name) for name in sides.modules[side.name]}
    return isolation.strays(side.name, (side.folder, *sides.sources[side.name].more), asked)


@contextmanager
def made(context: Context[Any], base: str | None) -> Iterator[Sides | Refusal]:
    """The sides for a comparison with the commit `base`, or head alone with None; gone when the block ends.

    A refusal says why a side cannot be made, or would not import its own product.
    """
    with ExitStack() as stack:
        try:
            answer = _made(context, base, stack)
        except (GatesError, OSError) as error:
            answer = refuse("unreadable", f"the sides cannot be made: {error}", "git status")
        yield answer


def _made(context: Context[Any], base: str | None, stack: ExitStack) -> Sides | Refusal:
    python, repository = context.python, context.project.git
    if isinstance(python, Refusal):
        return python
    original = context.project
    paired = base is not None and repository is not None
    if base is not None and repository is not None:
        root = stack.enter_context(workspace.worktree(repository, base, context.scratch))
        if not root.is_dir():
            where = repository.prefix.rstrip("/")
            return refuse("no_base", f"base {base[:10]} has no folder {where}", "gates check bench --base REF")
        original = trees.project_at(root, context.project)
    both = Trees(head=context.project, original=original, paths=tuple(context.settings.paths))
    problem = _nothing(both, base) if paired else None
    if problem is not None:
        return problem
    place = stack.enter_context(workspace.folder(context.scratch))
    sides = _pair(context, both, place) if paired else _alone(context, both, place)
    for name in [one for one in sides.names if one != "control"]:
        side = sides.side(name, swapped=False)
        wrong = isolation.verify(context, python.path, name, side.folder, side.env, sides.modules[name])
        if wrong is not None:
            return Refusal(wrong)
    return sides


def _nothing(made: Trees, base: str | None) -> Refusal | None:
    """Why there is nothing to compare, if so."""
    head, before = made.modules(made.head), made.modules(made.original)
    if not head and not before:
        return refuse("nothing_examined", "the project has no package or module that could be compared", "gates list")
    if not set(head).intersection(before):
        listed = ", ".join(before) or "none"
        message = f"base {(base or '')[:10]} has no package of head ({', '.join(head) or 'none'}); it has: {listed}"
        return refuse("no_base", message, "gates check bench --base REF")
    return None


def _alone(context: Context[Any], both: Trees, place: Path) -> Sides:
    prefix = _prefix(both)
    trees.configured(both.head.git, place / "b")
    both.write_head(place / "b" / prefix)
    layout = both.head.layout
    head = _Source(root=both.head.root, roots=layout.import_roots, more=(), environ=context.environ)
    return Sides(
        names=("head",),
        original=None,
        modules={"head": both.modules(both.head)},
        differing=(),
        notes=(),
        place=place,
        prefix=prefix,
        sources={"head": head},
    )


def _pair(context: Context[Any], both: Trees, place: Path) -> Sides:
    alone, prefix = _alone(context, both, place), _prefix(both)
    trees.configured(both.head.git, place / "a")
    added = both.write_base(place / "a" / prefix)
    both.complete(both.original.root)
    shutil.copytree(place / "a", place / "c", symlinks=True)
    head, before = alone.modules["head"], both.modules(both.original)
    lacking = tuple(one for one in head if one not in before)
    isolation.hide(place / "none", lacking)
    base = _Source(
        root=both.head.root,
        roots=both.original.layout.import_roots,
        more=(place / "none",) if lacking else (),
        environ=context.environ,
    )
    return Sides(
        names=("base", "head", "control"),
        original=base.side("base", both.original.root),
        modules={"base": before, "head": head, "control": before},
        differing=(),
        notes=_notes(added),
        place=place,
        prefix=prefix,
        sources={"base": base, "head": alone.sources["head"], "control": base},
    )


def _prefix(both: Trees) -> str:
    return "" if both.head.git is None else both.head.git.prefix


def _notes(added: Sequence[str]) -> tuple[str, ...]:
    if not added:
        return ()
    return (f"base has these generated files of the work tree, which git ignores: {', '.join(added)}",)


def _exchange(one: Path, other: Path, spare: Path) -> None:
    one.replace(spare)
    other.replace(one)
    spare.replace(other)
