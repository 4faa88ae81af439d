"""Journal: the event log of a command, from its start to its end; what goes wrong with it changes no verdict.

Whatever the log cannot take is said in one sentence, once, and the command goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import msgspec

from gates import __version__
from gates.config.source import Source
from gates.engine import grounds, state
from gates.engine.codec import CODEC
from gates.errors import INTERNAL, USAGE, GatesError
from gates.model.evidence import encode, sha256
from gates.record import reports, telling
from pytest_vltair import eventlog, heads, identity
from pytest_vltair.eventlog import Log

if TYPE_CHECKING:
    from gates.config.settings import Config
    from gates.engine.joined import Joined
    from gates.engine.session import Judgement
    from gates.model.command_proof import CommandProof
    from gates.model.diagnosis import DiagnosisReport, Reproduction
    from gates.model.proof import ProofReport
    from gates.model.report import Report
    from gates.process.redact import Redactor
    from gates.project.facts import Project
    from gates.record.events import Status
    from gates.record.telling import Told


BACK = 60.0
"""Seconds by which the clock may be behind the last run of the log before it is said."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The command whose run is to be written down, and what it is about.

    `gates` are the words that follow the command; where they are those of a command line, they are meant `in_order`.
    """

    command: str
    gates: tuple[str, ...]
    project: Project
    config: Config
    environ: Mapping[str, str]
    scope: str = "full"
    in_order: bool = False

    @property
    def question(self) -> tuple[str, ...]:
        """What names its trace, beside where and when it is asked: the order of gates makes no other question."""
        return (self.project.name, self.command, *(self.gates if self.in_order else sorted(self.gates)))

    @property
    def configuration(self) -> str:
        """The digest of all settings that can change a verdict."""
        aside: dict[str, Any] = {"source": Source(), "origins": {}, "notes": (), "jobs": None, "output_format": None}
        return sha256(encode(msgspec.structs.replace(self.config, **aside)))


class Journal:
    """Writes what becomes of one command; use it as a context, so that its end is written however it ends."""

    def __init__(self, asked: Asked, redactor: Redactor, say: Callable[[str], None]) -> None:
        """Write that the command begins. `say` is told, once, what cannot be written."""
        self._asked = asked
        self._redactor = redactor
        self._say = say
        self._configuration = asked.configuration
        self._log: Log | None = None
        self._trace = ""
        self._end: dict[str, Any] = {"status": "interrupted", "verdict": "undecided", "exit_code": None}
        if asked.config.record.enabled:
            self._guarded(self._start)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Write the end, and enter the run among those that are closed."""
        if isinstance(error, GatesError):
            self._ended("error", "undecided", USAGE, error=(error.slug, error.message))
        elif isinstance(error, Exception):
            self._ended("error", "undecided", INTERNAL, error=(type(error).__name__, str(error)))
        if self._log is not None:
            self._guarded(self._finish)

    @property
    def run(self) -> str | None:
        """The name of the run; None where it is not written down."""
        return None if self._log is None else self._log.run

    def judged(self, report: Report, judgement: Judgement | Joined | None) -> None:
        """Write down what a run of `check` or `merge` came to; without a judgement it came to an error."""
        if judgement is not None:
            outcomes = {
                (place, name): outcome
                for place, one in judgement.judgements.items()
                for name, outcome in one.outcomes.items()
            }
            for one in report.gates:
                outcome = outcomes.get((one.project, one.name))
                self._tell(telling.judged(one, outcome, self._configuration, self._scrub))
        error = report.error
        kept = {} if judgement is None or self._log is None else self._kept(report, judgement)
        self._ended(
            report.verdict if error is None else "error",
            report.verdict,
            report.exit_code,
            error=None if error is None else (error.code, error.message),
            unwritten=sum(map(telling.unwritten, report.gates)),
            **kept,
        )

    def proved(self, report: ProofReport) -> None:
        """Write down what a proof came to."""
        for one in report.gates:
            self._tell(telling.proved(one, self._configuration, self._scrub))
        self._ended(report.verdict, report.verdict, report.exit_code)

    def tried(self, report: CommandProof, folder: str) -> None:
        """Write down what the proof of a command came to that was run in `folder` of the project."""
        self._tell(telling.tried(report, folder, self._configuration, self._scrub))
        self._ended(report.verdict, report.verdict, report.exit_code)

    def diagnosed(self, report: DiagnosisReport | Reproduction, code: int) -> None:
        """Write down what a diagnosis came to."""
        self._tell(telling.diagnosed(report, self._configuration, self._scrub))
        self._ended(report.verdict, report.verdict, code)

    def _start(self) -> None:
        asked = self._asked
        folder = state.folder(asked.project.root, eventlog.FOLDER)
        log = eventlog.begin(folder, CODEC)
        self._log = log
        self._warn_of_clock(log)
        self._trace = identity.trace(
            *asked.question,
            "" if asked.project.git is None else asked.project.git.head or "",
            asked.scope,
            self._configuration,
            identity.ci_run(asked.environ),
        )
        before = heads.earlier(folder, self._trace, CODEC)
        attempt = max(identity.ci_attempt(asked.environ), 1 if before is None else before.attempt + 1)
        log.identify(self._trace, identity.run_span(log.run), attempt)
        log.write("command_start", self._beginning(log, None if before is None else before.span_id))

    def _beginning(self, log: Log, retry_of: str | None) -> dict[str, Any]:
        asked = self._asked
        git = asked.project.git
        branch = (None if git is None else git.branch) or identity.ci_branch(asked.environ)
        runner = identity.runner(asked.environ)
        return {
            "schema_version": eventlog.SCHEMA_VERSION,
            "command": asked.command,
            "gates": tuple(map(self._scrub, asked.gates)),
            "project": {
                "name": self._scrub(asked.project.name),
                "commit": None if git is None else git.head,
                "branch": None if branch is None else self._scrub(branch),
                "scope": self._scrub(asked.scope),
            },
            "configuration": self._configuration,
            "retry_of": retry_of,
            "runner": runner | {"job": self._scrub(runner["job"])},
            "gates_version": __version__,
            "backfilled": False,
            "heads": {"lines": log.heads.lines, "chain": log.heads.chain},
        }

    def _warn_of_clock(self, log: Log) -> None:
        if not log.heads.at:
            return
        try:
            behind = (datetime.fromisoformat(log.heads.at) - datetime.fromisoformat(log.at)).total_seconds()
        except (ValueError, TypeError):
            return  # somebody changed that line, which `gates runs verify` says
        if behind > BACK:
            self._say(
                f"gates: the clock is {behind / 60:,.0f} minutes behind the last run of the record; what counts is the"
                " order of its log"
            )

    def _tell(self, told: Iterable[Told]) -> None:
        def write() -> None:
            if self._log is not None:
                for one in told:
                    self._log.write(one.event, one.fields | telling.span(self._log.run, self._trace, one))

        self._guarded(write)

    def _ended(
        self,
        status: Status,
        verdict: str,
        code: int,
        *,
        error: tuple[str, str] | None = None,
        **more: Any,
    ) -> None:
        said = None if error is None else telling.failing(self._asked.command, *error, self._scrub)
        self._end = {"status": status, "verdict": verdict, "exit_code": code, "error": said, **more}

    def _finish(self) -> None:
        log = self._log
        if log is None:
            return
        spent = {"duration_ms": log.elapsed_ms}
        log.write(eventlog.END, self._end | spent)
        log.close()

    def _kept(self, report: Report, judgement: Judgement | Joined) -> dict[str, str | None]:
        """The digests of what a replay needs beside the evidence."""
        root = self._asked.project.root
        return {"grounds": grounds.keep(root, judgement), "report": reports.keep(root, report, self._scrub)}

    def _scrub(self, text: str) -> str:
        from pytest_vltair.personal import scrub

        plain = text.encode("utf-8", "backslashreplace").decode()
        return scrub(self._redactor.text(plain), strict=self._asked.config.record.profile == "strict")

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (OSError, ValueError, TypeError) as error:
            if self._log is not None:
                self._log.abandon()
            self._log = None
            why = getattr(error, "strerror", None) or error
            self._say(f"gates: this run is not in the record: .gates/{eventlog.FOLDER}: {why}")
