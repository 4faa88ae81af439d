"""Collect: what ruff says of the project, with every way in which it says too little turned into a refusal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.lint import configuration, ignored, rejection, ruff, selection
from gates.builtin.lint.facts import Check, Diagnostic, Format, FormatNotAsked, LintEvidence
from gates.config.other_tools import ruff_formats
from gates.model.evidence import Refusal, counted, refuse
from gates.model.gate import Context
from gates.process import failure
from gates.project import tool_cache
from gates.project.source_lines import Names, SourceLines
from gates.project.tree import printable

if TYPE_CHECKING:
    from gates.builtin.lint.settings import LintSettings
    from gates.process.child import Completed

OUTPUT_LIMIT = 256 * 1024 * 1024
"""Bytes of JSON that one run may print: ruff writes about 900 for a diagnostic."""


class RefusedError(Exception):
    """A refusal on its way out of `collect`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.message)
        self.refusal = refusal


def collect(context: Context[LintSettings]) -> LintEvidence | Refusal:
    """Evidence of one `ruff check` and, where formatting is judged, one `ruff format --check`."""
    tool = context.tool("ruff")
    if isinstance(tool, Refusal):
        return tool
    try:
        return _Survey(context=context, argv=tool.argv, version=tool.version).evidence()
    except RefusedError as refused:
        return refused.refusal


@dataclass(kw_only=True)
class _Survey:
    """One look at the project with ruff."""

    context: Context[LintSettings]
    argv: Sequence[str]
    version: str
    names: Names = field(init=False)
    lines: SourceLines = field(init=False)

    def __post_init__(self) -> None:
        project = self.context.project
        self.names = Names(project.root, project.tree.files)
        self.lines = SourceLines(project.root, self.context.redact)

    @property
    def root(self) -> Path:
        return self.context.project.root

    @property
    def paths(self) -> tuple[str, ...]:
        return self.context.settings.paths or (".",)

    @cached_property
    def config(self) -> tuple[str, ...]:
        project = self.context.project
        return configuration.options(project.root, project.tree.files, self.context.settings.config_file)

    def evidence(self) -> LintEvidence:
        self.keep_nothing_that_depends_on_other_trees()
        listed = ruff.listed(self.run(ruff.list_command(self.argv, self.config, self.paths), "ruff check").text)
        self.refuse_what_this_machine_hides(listed)
        cache = self.cache(listed)
        formatting = self.formatting(cache)
        examined = self.examined(listed)
        check = self.check(cache, examined)
        return LintEvidence(ruff=self.version, check=check, formatting=formatting)

    def cache(self, listed: Sequence[str]) -> Sequence[str]:
        """Where ruff keeps its cache; nowhere if a name is not UTF-8, since writing its cache then fails."""
        if any("\ufffd" in name for name in listed):
            return ("--no-cache",)
        project = self.context.project
        files = [*listed, *(file for file in project.tree.files if file.endswith(".md"))]
        return ("--cache-dir", os.fspath(tool_cache.folder(self.context.state, "ruff", project.root, files)))

    def check(self, cache: Sequence[str], examined: Sequence[str]) -> Check:
        run = self.run(ruff.check_command(self.argv, cache, self.config, self.paths), "ruff check", accepted=(0, 1))
        self.refuse_hidden_folder(run)
        found = self.diagnostics(run, "ruff check")
        return Check(
            code=run.code or 0,
            examined=len(examined),
            muted=len(self.muted(examined)),
            diagnostics=counted(found),
            unread=counted(ruff.unread(run.errors, self.names)),
        )

    def formatting(self, cache: Sequence[str]) -> Format | FormatNotAsked:
        wanted = self.context.settings.format
        if wanted is False:
            return FormatNotAsked(because="`format = false`")
        if wanted is None and ruff_formats(self.context.project) is None:
            return FormatNotAsked(because="the project does not format with ruff")
        json = ruff.formats_as_json(self.version)
        command = ruff.format_command(self.argv, cache, self.config, self.paths, json=json)
        run = self.run(command, "ruff format", accepted=(0, 1, 2))
        self.refuse_hidden_folder(run)
        examined = ruff.formatted(run.errors)
        if examined is None:
            if run.code == 2:
                raise RefusedError(rejection.of(run, "ruff format", self.names, self.root))
            raise RefusedError(self.unparsable("ruff format", "it does not say how many files it looked at"))
        if not json:
            return ruff.format_run(
                run.code or 0, examined, ruff.format_diagnostics(run.text, run.errors, self.names, self.lines)
            )
        return ruff.format_run(run.code or 0, examined, self.diagnostics(run, "ruff format"))

    def diagnostics(self, run: Completed, name: str) -> list[Diagnostic]:
        try:
            return ruff.diagnostics(run.stdout, self.names, self.lines)
        except ValueError as error:
            raise RefusedError(self.unparsable(name, str(error))) from None

    def examined(self, listed: Sequence[str]) -> list[str]:
        """The source files that `ruff check` looks at; a survey asks where `lint.exclude` may take some away."""
        held = ruff.sources(listed)
        if held and any(configuration.narrows(table) for table in self.tables().values()):
            command = ruff.survey_command(self.argv, self.config, self.paths)
            held = ruff.sources(ruff.checked(self.run(command, "ruff check", accepted=(0, 1)).errors))
        return sorted(set(held))

    def muted(self, examined: Sequence[str]) -> set[str]:
        """The files in which every rule is off; that formatting is judged besides makes no check of them."""
        found = selection.silenced(self.root, {path: self.names.relative(path) for path in examined})
        if not examined:
            return found
        nearest = self.tables() if self.context.settings.config_file is None else ()
        readable = [path for path in examined if Path(self.root, self.names.relative(path)).is_file()]
        several = [(group, self.selection(group[0])) for group in selection.by_configuration(readable, nearest)]
        return found.union(path for group, chosen in several for path in group if chosen.mutes(path))

    def selection(self, path: str) -> selection.Selection:
        command = ruff.settings_command(self.argv, self.config, [self.names.relative(path)])
        try:
            return selection.read(self.run(command, "ruff check").text)
        except ValueError as error:
            raise RefusedError(self.unparsable("ruff check --show-settings", str(error))) from None

    def keep_nothing_that_depends_on_other_trees(self) -> None:
        """The key of evidence is about the project's files and those of ruff's own names above it, and no others."""
        project, settings = self.context.project, self.context.settings
        if configuration.elsewhere(project.root, project.tree.files, settings.config_file):
            self.context.volatile("ruff's configuration reaches outside of the project")

    def tables(self) -> dict[Path, configuration.Table]:
        project, settings = self.context.project, self.context.settings
        return configuration.tables(project.root, project.tree.files, settings.config_file)

    def refuse_what_this_machine_hides(self, listed: Sequence[str]) -> None:
        project = self.context.project
        git, root = project.git, project.root
        if git is None:
            return
        if ignored.excludes(git):
            self.context.volatile("this clone's own info/exclude has a say in which files ruff examines")
        left_out = ignored.unlisted(git, root, listed)
        if not left_out:
            return
        command = ruff.list_command(self.argv, (*self.config, "--no-respect-gitignore"), self.paths)
        excluded = set(ignored.unlisted(git, root, ruff.listed(self.run(command, "ruff check").text)))
        hidden = list(ignored.culprits(git, [name for name in left_out if name not in excluded]))
        if hidden:
            (name, place), more = hidden[0], f" (and {len(hidden) - 1:,} more)" if len(hidden) > 1 else ""
            said = f"ruff leaves out {printable(name)}{more}, which git tracks, because of {place}, which git does not"
            raise RefusedError(refuse("evidence_incomplete", said, f"edit {place}"))

    def refuse_hidden_folder(self, run: Completed) -> None:
        said = ruff.hidden_folder(run.errors)
        if said is not None:
            raise RefusedError(
                refuse(
                    "unreadable",
                    f"ruff could not look into a folder of the project and went on without it: {said}",
                    "find . -type d ! -readable ! -path './.git/*'",
                )
            )

    def run(self, command: Sequence[str], name: str, accepted: tuple[int, ...] = (0,)) -> Completed:
        run = self.context.run(command, env=ruff.environment(self.context.scratch), output_limit=OUTPUT_LIMIT)
        reason = failure.stopped(run, name, "lint")
        if reason is not None:
            raise RefusedError(Refusal(reason))
        if run.code not in accepted:
            raise RefusedError(rejection.of(run, name, self.names, self.root))
        return run

    def unparsable(self, name: str, why: str) -> Refusal:
        redirected = self.context.environ.get("RUFF_OUTPUT_FILE")
        hint = "unset RUFF_OUTPUT_FILE" if redirected else "gates check lint -v"
        return refuse("unparsable_output", f"the output of {name} cannot be read: {why}", hint)
