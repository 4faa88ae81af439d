"""Collect: what mypy says of the project, with every way in which it says too little turned into a refusal."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gates.builtin.types import configuration, mypy, targets
from gates.builtin.types.decide import ADDED, CHOOSE, unusable_setting
from gates.builtin.types.facts import Problem, Run, TypesEvidence
from gates.model.evidence import Refusal, counted, refuse
from gates.model.gate import Context
from gates.process import failure
from gates.project import tool_cache
from gates.project.source_lines import Names, SourceLines
from gates.project.tree import printable

if TYPE_CHECKING:
    from gates.builtin.types.settings import TypesSettings
    from gates.process.child import Completed

NOTHING = "mypy found no file to check: there is none, or `exclude` in its configuration leaves out all of them"
SOURCE = (".py", ".pyi")


class RefusedError(Exception):
    """A refusal on its way out of `collect`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.message)
        self.refusal = refusal


def collect(context: Context[TypesSettings]) -> TypesEvidence | Refusal:
    """Evidence of one run over the project's own targets and, where they leave tests out, of one over the tests."""
    tool = context.tool("mypy", judged=True)
    if isinstance(tool, Refusal):
        return tool
    try:
        return _Survey(context=context, argv=tool.argv, version=tool.version).evidence()
    except RefusedError as refused:
        return refused.refusal


@dataclass(kw_only=True)
class _Survey:
    """One look at the project with mypy."""

    context: Context[TypesSettings]
    argv: Sequence[str]
    version: str
    names: Names = field(init=False)
    lines: SourceLines = field(init=False)
    found: configuration.Configuration = field(init=False)
    cache: Path = field(init=False)
    sources: list[str] = field(init=False)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        project = self.context.project
        self.names = Names(project.root, project.tree.files)
        self.lines = SourceLines(project.root, self.context.redact)
        self.sources = [file for file in project.tree.files if PurePosixPath(file).suffix in (*SOURCE, "")]
        self.cache = tool_cache.folder(self.context.state, "mypy", project.root, self.sources)
        self.found = configuration.find(project.root, self.context.settings.config_file)
        more = (*self.context.settings.paths, *self.user_path())
        if configuration.elsewhere(project.root, self.found, project.tree.files, more):
            self.context.volatile("mypy reads files outside of the project")

    def evidence(self) -> TypesEvidence:
        runs, tests = self.runs()
        faults = mypy.faults("\n".join(self.errors), self.found.path, self.context.project.root)
        if not runs:
            raise RefusedError(refuse("nothing_examined", NOTHING, CHOOSE))
        return TypesEvidence(
            mypy=self.version,
            configuration=self.found.path,
            tests=tests,
            runs=counted(runs),
            faults=counted(faults),
        )

    def runs(self) -> tuple[list[Run], str]:
        """The runs, and how tests are covered."""
        project, settings = self.context.project, self.context.settings
        tests = targets.left_out(project, *self.chosen())
        if settings.paths or self.found.has_targets:
            first = self.run("the configured targets", settings.paths, droppable=False)
            runs = [] if first is None else [first]
            if not settings.tests or not tests:
                return runs, "not asked" if tests else "in the configured targets"
            second = self.run(ADDED, tests)
            return (runs, "excluded") if second is None else ([*runs, second], "added")
        packages = targets.own(project)
        if not packages:
            self.refuse_unknown_layout()
        own = (*packages, *(tests if settings.tests else ()))
        if not own:
            raise RefusedError(refuse("nothing_examined", NOTHING, "set `files` under [tool.mypy]"))
        only = self.run("the project's packages and tests", own)
        return ([] if only is None else [only]), "in the same run" if tests and settings.tests else "not asked"

    def refuse_unknown_layout(self) -> None:
        """Tests alone are no proof of the code beside them, wherever that is."""
        files = [
            file for file in targets.unclaimed(self.context.project) if not configuration.excludes(self.found, file)
        ]
        if files:
            more = f" (and {len(files) - 1:,} more)" if len(files) > 1 else ""
            first = printable(files[0])
            said = f"no target is configured and no package recognised, so that mypy would not check {first}{more}"
            raise RefusedError(refuse("nothing_examined", said, CHOOSE))

    def chosen(self) -> tuple[Sequence[str], Sequence[str]]:
        settings = self.context.settings
        if settings.paths:
            return settings.paths, ()
        if self.found.has_targets:
            return self.found.files, self.found.modules
        return targets.own(self.context.project), ()

    def run(self, what: str, paths: Sequence[str], *, droppable: bool = True) -> Run | None:
        """One run of mypy; None if `exclude` leaves nothing of `paths`, folder by folder."""
        left = list(paths)
        while True:
            arguments = mypy.arguments(os.fspath(self.cache), self.found.options, left)
            done = self.start([*self.argv, *arguments])
            empty = [folder for folder in mypy.empty_folders(done.errors) if folder in left]
            if done.code == 2 and empty and droppable:
                left = [path for path in left if path not in empty]
                if not left:
                    return None
                continue
            return self.read(what, done, arguments)

    def read(self, what: str, done: Completed, arguments: Sequence[str]) -> Run:
        self.errors.append(done.errors)
        end = mypy.ending(done.text)
        if end is None:
            raise RefusedError(self.rejected(done))
        printed = f"{done.text}\n{done.errors}" if end.summary == "blocked" else done.text
        found = mypy.problems(printed, self.names, self.lines)
        self.refuse_configuration(found)
        muted = self.muted(end.checked, arguments)
        return Run(
            what=what,
            code=done.code or 0,
            summary=end.summary,
            errors=end.errors,
            checked=end.checked,
            judged=end.checked - muted,
            muted=muted,
            problems=counted(found),
        )

    def muted(self, checked: int, arguments: Sequence[str]) -> int:
        """How many of the files have all of their errors ignored; asked of mypy where anything ignores any."""
        if not checked or not (self.found.ignores_errors or self.has_forgiving_files()):
            return 0
        done = self.start([self.argv[0], "-P", "-c", mypy.SURVEY, *arguments])
        try:
            told = json.loads(done.text.strip().splitlines()[-1])
            muted, seen = int(told["muted"]), int(told["checked"])
        except (ValueError, LookupError, TypeError):
            muted, seen = 0, -1
        if done.code != 0 or seen != checked:
            raise RefusedError(
                refuse(
                    "unparsable_output",
                    f"mypy does not say how many of {checked:,} files have `ignore_errors`: {failure.last_words(done)}",
                    f"take `ignore_errors` out of {self.found.path or 'the files'}",
                )
            )
        return muted

    def has_forgiving_files(self) -> bool:
        return any(mypy.may_forgive(self.context.project.root / file) for file in self.sources)

    def start(self, command: Sequence[str]) -> Completed:
        env = {"PYTHONIOENCODING": "utf-8:backslashreplace", "MYPYPATH": self.search_path()}
        done = self.context.run(command, env=env)
        reason = failure.stopped(done, "mypy", "types")
        if reason is not None:
            raise RefusedError(Refusal(reason))
        return done

    def search_path(self) -> str:
        """The user's MYPYPATH and the project's own roots, so that tests find the tree's package and not another."""
        roots = [root for root in self.context.project.layout.import_roots if root != "."]
        return os.pathsep.join((*self.user_path(), *roots))

    def user_path(self) -> list[str]:
        return [place for place in self.context.environ.get("MYPYPATH", "").split(os.pathsep) if place]

    def refuse_configuration(self, found: Sequence[Problem]) -> None:
        """A blocking error outside of Python files is about the configuration: a plugin, a target, an option."""
        for problem in found:
            if self.is_source(problem.path) or (self.context.project.root / problem.path).is_dir():
                continue
            place = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
            said = f"{problem.message}" if problem.path == "mypy" else f"{place}: {problem.message}"
            raise RefusedError(
                refuse("tool_config_invalid", f"mypy cannot start with its configuration: {said}", _edit(self.found))
            )

    def is_source(self, path: str) -> bool:
        """Whether `path` is code: by its name, or a script without a suffix that the configuration names."""
        if path.endswith(SOURCE):
            return True
        settings = PurePosixPath(path).name in configuration.NAMES or path == self.found.path
        return path in self.context.project.tree.files and not settings

    def rejected(self, done: Completed) -> Refusal:
        """Why there is no summary: a crash, nothing to check, a configuration that mypy refuses, or no mypy at all."""
        words = list(mypy.chatter(done.errors))
        crash = next((word for word in words if "INTERNAL ERROR" in word), None)
        if crash is not None:
            return refuse("tool_crashed", f"mypy crashed: {crash.partition(' -- ')[0]}", "gates check types -v")
        if done.code in (0, 1):
            said = "printed nothing" if not done.text.strip() else "ended without its summary"
            message = f"mypy {said} and ended with exit code {done.code}, so that nobody knows what it checked"
            return refuse("unparsable_output", message, "gates check types -v")
        fault = unusable_setting(mypy.faults(done.errors, self.found.path, self.context.project.root))
        if done.code == 2 and fault is not None:
            return Refusal(fault)
        if mypy.empty_folders(done.errors) or "Missing target module" in done.errors:
            return refuse("nothing_examined", NOTHING, _edit(self.found))
        if done.code == 2 and words and not done.text.strip():
            said = words[-1].removeprefix("mypy: error: ")
            return refuse("tool_config_invalid", f"mypy refuses to start: {said}", _edit(self.found))
        return refuse(
            "tool_crashed",
            f"mypy ended with exit code {done.code}: {failure.last_words(done)}",
            "gates check types -v",
        )


def _edit(found: configuration.Configuration) -> str:
    return f"edit {found.path}" if found.path else "set `files` under [tool.mypy] in pyproject.toml"
