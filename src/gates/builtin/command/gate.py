"""Command: the gate that a table `[[tool.gates.command]]` makes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from gates.builtin.command.facts import CommandEvidence
from gates.builtin.command.rules import COMMAND_FINDING, RULES
from gates.config.command import CommandTable
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project


class CommandGate(Gate[CommandTable, CommandEvidence]):
    """A command of the project's own, with its exit code, its findings and the files that it generates."""

    name: ClassVar[str] = "command"
    title: ClassVar[str] = "a command of the project's own"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings = CommandTable
    Evidence = CommandEvidence
    tools: ClassVar[tuple[str, ...]] = ()
    cache: ClassVar[CachePolicy] = CachePolicy(kind="never")

    def applies(self, project: Project, settings: CommandTable) -> Applies:
        """Always: whoever writes the table wants it judged."""
        del project
        return Applies(because=f'[[tool.gates.command]] has the name "{settings.name}"')

    def inputs(self, project: Project, settings: CommandTable) -> Inputs:
        """What the table names, and all of the environment: nothing says what a command reads of it."""
        del project
        own = (settings.argv[0],) if "/" in settings.argv[0] else ()
        patch = () if settings.canary is None else (settings.canary,)
        # Without exclusions: those of one list must not take away what another one names.
        named = [glob for globs in (settings.files, settings.unchanged) for glob in globs if glob[0] != "!"]
        read = [glob for glob in settings.inputs or () if glob[0] != "!"] or ["**"]
        # The settings are in the key as values; as a file they are what a canary may change.
        globs = (*read, *named, *own, *patch, "pyproject.toml", "gates.toml")
        return Inputs(globs=globs, project_distributions=None, environment=None)

    def collect(self, context: Context[CommandTable]) -> CommandEvidence | Refusal:
        """One run of the command."""
        from gates.builtin.command.collect import collect

        return collect(context)

    def decide(self, evidence: CommandEvidence, settings: CommandTable, now: datetime) -> Decision:
        """Findings over the files that the command examines."""
        from gates.builtin.command.decide import decide

        del now
        return decide(evidence, settings)

    def canaries(self) -> Iterable[Canary]:
        """The table's own patch, and what fits every command."""
        from gates.builtin.command.canaries import CANARIES

        return CANARIES

    def plan(self, project: Project, settings: CommandTable) -> Iterable[Sequence[str]]:
        """The command as it is written."""
        del project
        return (settings.argv,)

    def explain(self, tool_rule: str, context: Context[CommandTable]) -> str | None:
        """Whose code it is; what it means is the command's to say."""
        settings = context.settings
        if not tool_rule.startswith(f"{settings.name}:"):
            return None
        code, command = tool_rule.removeprefix(f"{settings.name}:"), shlex.join(settings.argv)
        own = f"{code} is a code of the command `{command}`, whose own documentation says what it means."
        return f"{own} {COMMAND_FINDING.explanation}"


def made(table: CommandTable) -> type[CommandGate]:
    """The gate of one table; its evidence is used again only where the table says what the command reads."""
    return type(
        f"CommandGate_{table.name.replace('-', '_')}",
        (CommandGate,),
        {
            "__module__": __name__,
            "__doc__": CommandGate.__doc__,
            "name": table.name,
            "title": f"command: {shlex.join(table.argv)}",
            "tools": (tool(table.argv),),
            "cache": CachePolicy(kind="never" if table.inputs is None else "inputs"),
        },
    )


def tool(argv: Sequence[str]) -> str:
    """What a command line starts, by name: of `python -m NAME` that is NAME."""
    first = PurePath(argv[0]).name.removesuffix(".exe")
    if is_python(first) and "-m" in argv[1:-1]:
        return argv[list(argv).index("-m") + 1]
    return first


def is_python(word: str) -> bool:
    """Whether a command asks for the judged interpreter: `python` or `python3`, without a folder."""
    return word in {"python", "python3"}
