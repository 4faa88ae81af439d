"""Workshop: builds one artifact under given circumstances, with proof that they took effect."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built import hooks, source
from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.repro.circumstances import checkout, means, plan, values, varied
from gates.builtin.repro.circumstances.plan import Rooms
from gates.builtin.repro.facts import FACTORS, Factor, FactorName
from gates.model.reason import Reason
from gates.project import workspace

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.hooks import Command
    from gates.builtin.built.system import System
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

Circumstances = Mapping[FactorName, int]
"""The value of each factor: 0 (or absent) is the reference, 1 and 2 are others. `rebuild` has 0 and 1."""

PAIR, LATE = 2.0, 0.1
"""Another pair of seconds begins between a build and one with another clock: a zip counts in pairs (APPNOTE.TXT 4.4.6),
and what no patch reaches takes the times of files from the kernel, which is late by less than a tenth."""

ENVIRONMENT = "environment"

KEPT_TREES = 8
"""Trees that stay for a second build in them."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One build: what it made, or why there is nothing; `seen` is what its process saw, by factor.

    `tree` is where the source lies that it was built from, for a second build there. `outside` are places that it
    tried to write to and may not.
    """

    outcome: Artifact | Reason
    seen: Mapping[FactorName, str]
    tree: Path
    outside: tuple[str, ...]


class Workshop:
    """Makes copies of the source under one folder and builds there; what it made lies there until it is removed."""

    def __init__(
        self, context: Context[ReproSettings], environment: Environment, system: System, epoch: int, place: Path
    ) -> None:
        """`place` is an empty folder; what this machine can do is found out once.

        Raises:
            ProjectError: the source cannot be copied.
            GitError: git failed.
        """
        self._context, self._environment, self._system, self._epoch = context, environment, system, epoch
        # A backend sees the folder it runs in without links, and so must all that is compared with it.
        self._place = place.resolve()
        self._pristine = self._place / "pristine"
        root = source.write(context.project, self._pristine)
        self._prefix = root.relative_to(self._pristine).as_posix()
        shutil.copytree(
            Path(__file__).parent / "child", self._place / "child", ignore=shutil.ignore_patterns("__pycache__")
        )
        for folder in ("trial", "trees", "lives", "made", "probes"):
            (self._place / folder).mkdir()
        for name in plan.ORDERED:
            (self._place / "probes" / name).touch()
        for room in values.ROOMS:
            self._room(room)
        self._means = means.find(context, environment.python, self._place / "trial")
        self._since = time.time() - 1.0
        self._built = 0
        self._next_pair = 0.0

    def build(self, kind: Kind, circumstances: Circumstances, *, again: Made | None = None) -> Made:
        """Build `kind` in a new copy of the source, or a second time in the tree of `again`.

        Raises:
            OSError: the source cannot be copied.
        """
        chosen: dict[FactorName, int] = {name: circumstances.get(name, 0) for name in FACTORS}
        if chosen["rebuild"] and again is None:
            again = self.build(kind, {**chosen, "rebuild": 0})
        if again is not None and not again.tree.exists():
            again = self.build(kind, {**chosen, "rebuild": 0})
        self._built += 1
        tree = self._tree(chosen) if again is None else again.tree
        self._wait(chosen["clock"])
        made = self._in_place(kind, chosen, tree)
        if not any(chosen.values()) and again is None and self._is_crash(made):
            made = self._otherwise(kind, chosen, made)
        if not any(chosen.values()):
            self._next_pair = (time.time() // PAIR + 1) * PAIR + LATE
        self._forget()
        return made

    def after(self, kind: Kind, circumstances: Circumstances) -> Made:
        """Build `kind` in a tree in which only the other artifact was built; what that leaves there is something else.

        Raises:
            OSError: the source cannot be copied.
        """
        others = [one for one in self._context.settings.artifacts if one != kind]
        return self.build(kind, circumstances, again=self.build((*others, kind)[0], circumstances))

    def factors(self, rounds: Mapping[str, tuple[Made, ...]]) -> tuple[Factor, ...]:
        """Which factors were varied between the builds of all rounds, by which means, as their processes saw it."""
        seen = {name: tuple(one.seen for one in builds) for name, builds in rounds.items()}
        return varied.factors(seen, self._means, self._epoch)

    def _room(self, name: str) -> None:
        """Make a folder for a build, in which the environment has a path of its own."""
        room = self._place / name
        room.mkdir(parents=True)
        # A Windows that lets nobody make links: the environment stays where it is.
        with suppress(OSError):
            (room / ENVIRONMENT).symlink_to(self._environment.folder, target_is_directory=True)

    def _tree(self, chosen: Circumstances) -> Path:
        tree = self._place / "trees" / str(self._built)
        checkout.make(self._pristine, tree, self._epoch, modes=chosen["modes"], mtimes=chosen["mtimes"])
        return tree

    def _wait(self, clock: int) -> None:
        if clock:
            time.sleep(min(max(0.0, self._next_pair - time.time()), PAIR + LATE))

    def _is_crash(self, made: Made) -> bool:
        return isinstance(made.outcome, Reason) and made.outcome.code == "tool_crashed" and not made.outside

    def _otherwise(self, kind: Kind, chosen: Circumstances, failed: Made) -> Made:
        """The plain build without faketime, for good if that is what it failed by; else as it was."""
        before, trial = self._means, self._place / "trial"
        weaker = means.without_faketime(self._context, self._environment.python, trial, before)
        if weaker is None:
            return failed
        self._means = weaker
        self._built += 1
        made = self._in_place(kind, chosen, self._tree(chosen))
        if isinstance(made.outcome, Reason):
            self._means = before
            return failed
        return made

    def _in_place(self, kind: Kind, chosen: Circumstances, tree: Path) -> Made:
        """Build in `tree`, which is moved to the path that it is built at, or mounted there, and back."""
        rooms = self._rooms(chosen, tree)
        if rooms.below is None:
            rooms.top.rmdir()
            tree.rename(rooms.top)
        try:
            outcome = self._outcome(kind, chosen, rooms)
        finally:
            if rooms.below is None:
                with suppress(OSError):
                    rooms.top.rename(tree)
            self._leave(rooms, tree)
        return Made(outcome=outcome, seen=plan.seen(rooms), tree=tree, outside=plan.refused(rooms))

    def _rooms(self, chosen: Circumstances, tree: Path) -> Rooms:
        """Empty folders for a build: each has the same path in all builds, but for `path` and `user`."""
        report = self._place / "made" / str(self._built)
        room = self._place / values.ROOMS[chosen["path"]]
        rooms = Rooms(
            top=self._place / values.PATHS[chosen["path"]],
            prefix=self._prefix,
            below=tree if chosen["listing"] == 1 and self._means.mounting else None,
            out=room / "out",
            environment=room / ENVIRONMENT if (room / ENVIRONMENT).exists() else self._environment.folder,
            home=self._place / "home" / values.USERS[chosen["user"]],
            temporary=room / "tmp",
            probes=self._place / "probes",
            child=self._place / "child",
            report=report / "seen.json",
            refused=report / "refused",
            plan=report / "plan.json",
            marker=tree.with_name(f"{tree.name}.built"),
        )
        for folder in (rooms.top, rooms.out, rooms.home, rooms.temporary):
            workspace.remove(folder)
            folder.mkdir(parents=True, mode=0o700)
        for folder in (rooms.home, rooms.temporary):
            left = self._life(tree) / folder.name
            if left.exists():
                folder.rmdir()
                left.rename(folder)
        report.mkdir()
        return rooms

    def _life(self, tree: Path) -> Path:
        """Where home and temporary files of a build in `tree` wait for a second one."""
        return self._place / "lives" / tree.name

    def _leave(self, rooms: Rooms, tree: Path) -> None:
        """Put home and temporary files of a build where a second one in the same tree finds them."""
        life = self._life(tree)
        life.mkdir(exist_ok=True)
        for folder in (rooms.home, rooms.temporary):
            with suppress(OSError):
                folder.rename(life / folder.name)

    def _outcome(self, kind: Kind, chosen: Circumstances, rooms: Rooms) -> Artifact | Reason:
        settings = self._context.settings
        until = time.time() + settings.build_timeout
        plan.write(rooms, self._means, chosen, self._epoch, self._since, until)
        env = plan.variables(rooms, self._means, chosen, self._epoch, self._context.environ)

        def starter(plain: Command) -> Command:
            return plan.command(plain, rooms, self._means, chosen, env)

        outcome = hooks.build(
            self._context,
            self._environment,
            self._system,
            rooms.source,
            rooms.out,
            kind,
            starter=starter,
            config_settings=settings.config_settings,
            limits=hooks.Limits(seconds=settings.build_timeout, disk=settings.disk * 1024**2),
            watched=(rooms.home, rooms.temporary, *(() if rooms.below is None else (rooms.below,))),
        )
        if isinstance(outcome, Reason):
            return outcome
        kept = rooms.report.parent / outcome.name
        outcome.path.rename(kept)
        return msgspec.structs.replace(outcome, path=kept)

    def _forget(self) -> None:
        """Remove the oldest trees."""
        trees = sorted(int(path.name) for path in (self._place / "trees").iterdir() if path.name.isdigit())
        for number in trees[:-KEPT_TREES]:
            workspace.remove(self._place / "trees" / str(number))
            workspace.remove(self._place / "lives" / str(number))
