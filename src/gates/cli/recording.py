"""Recording: the journal of a command of the project at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gates.cli import app
from gates.errors import GatesError
from gates.process.redact import redactor
from gates.record.journal import Asked, Journal

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.settings import Config
    from gates.project.facts import Project


def journal(command: str, prepared: Prepared, gates: Iterable[str] = (), scope: str = "full") -> Journal:
    """The journal of a run of `command`; what cannot be written is said on standard error and changes nothing."""
    config = prepared.config
    asked = Asked(
        command=command,
        gates=tuple(gates),
        project=prepared.project,
        config=config,
        environ=prepared.environ,
        scope=scope,
    )
    return _journal(asked)


def of_command(
    command: str, project: Project, words: Iterable[str], environ: Mapping[str, str]
) -> AbstractContextManager[Journal | None]:
    """The journal of a run of `command` with these words, which no gate and no plugin has a part in.

    It is None where the settings of the record cannot be read, which is said: what they want hidden is not known then.
    """
    try:
        # Asked for here: a repository that git does not answer about stops no command that can do without.
        _ = project.git
        asked = Asked(
            command=command,
            gates=tuple(words),
            project=project,
            config=_config(project),
            environ=environ,
            in_order=True,
        )
        return _journal(asked)
    except GatesError as error:
        place = "" if error.path is None else f"{error.path}{'' if error.line is None else f':{error.line}'}: "
        app.say(f"gates: this run is not in the record: {place}{error.message}")
        return nullcontext()


def _journal(asked: Asked) -> Journal:
    redact = asked.config.redact
    return Journal(asked, redactor(asked.environ, profile=redact.profile, patterns=redact.patterns), app.say)


def _config(project: Project) -> Config:
    """The settings of the record and of what is hidden; no other one changes what a command of the project does."""
    from gates.config import settings, source

    written = settings.as_written(source.read(project.root), {}, {})
    return settings.Config(record=written.record, redact=written.redact)
