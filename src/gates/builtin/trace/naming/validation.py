"""Validation: what each command of a Validation text came to."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from gates.builtin.trace.facts import Command, State
from gates.builtin.trace.globs import is_glob
from gates.builtin.trace.naming import selection, spans
from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.selection import Selected, Selection
from gates.model.evidence import counted
from gates.project.wiring.shell import TooDeep

_PLAIN = re.compile(
    r"(?P<mark>`?)(?P<command>(?:[A-Z_][A-Z0-9_]*=[\w.,:/-]* )*(?:(?:uv|poetry|pdm|hatch|rye|pipenv) run )?"
    r"(?:python3? -m )?pytest(?: -[qvxs]+)*(?P<places>(?: [\w./-]+\.py(?:::\w+)+)+))(?P=mark)"
)
"""The form that most commands have; that of the shell takes ten times as long and says the same."""


class Validation:
    """Reads Validation texts against what was collected; the same command is looked at once.

    `within` is the folder of the project in its repository (`pkg/`), from whose root commands may be written too.
    """

    def __init__(self, collected: Collected | None, *, within: str = "") -> None:
        self._collected = collected
        self._within = within
        self._known: dict[str, tuple[tuple[str, _Verdict], ...]] = {}

    def read(self, text: str, line: int) -> tuple[Command, ...]:
        """The commands of a text that begins on a line; the state of those that name tests is None uncollected."""
        if text not in self._known:
            self._known[text] = tuple(self._verdicts(text))
        return tuple(
            Command(
                command=command,
                line=line,
                state=verdict.state,
                tests=counted(verdict.tests),
                missing=counted(verdict.missing),
            )
            for command, verdict in self._known[text]
        )

    def _verdicts(self, text: str) -> Iterator[tuple[str, _Verdict]]:
        plain = _PLAIN.fullmatch(text.strip())
        if plain is not None:
            yield plain["command"], self._verdict(Selection(places=tuple(plain["places"].split())), "")
            return
        for written, is_command in spans.spans(text):
            if not is_command:
                yield written, _Verdict("prose")
                continue
            try:
                found = list(spans.pipelines(written))
            except TooDeep:
                found = []
            folder = ""
            for parts in found:
                folder = _entered(parts[0], folder)
                wanted = next((one for one in map(selection.of_words, parts) if one is not None), None)
                shown = written if len(found) == 1 else " | ".join(shlex.join(words) for words in parts)
                yield shown, self._verdict(wanted, folder)
            if not found:
                yield written, _Verdict("not-a-test")

    def _verdict(self, wanted: Selection | None, folder: str) -> _Verdict:
        if wanted is None:
            return _Verdict("not-a-test")
        if self._collected is None:
            return _Verdict(None, missing=[(one, "") for one in wanted.places])
        found = selection.select(wanted, self._collected, folder, self._within)
        if found.missing:
            return _Verdict("missing", found.tests, _near(found, self._collected))
        if found.unknown:
            return _Verdict(None, found.tests)
        whole = not (wanted.places or wanted.keyword or wanted.mark or folder)
        return _Verdict("resolved", () if whole else found.tests)


class _Verdict:
    def __init__(self, state: State | None, tests: Sequence[str] = (), missing: Iterable[tuple[str, str]] = ()) -> None:
        self.state = state
        self.tests = tuple(tests)
        self.missing = tuple(missing)


def _near(found: Selected, collected: Collected) -> list[tuple[str, str]]:
    plain = (one.startswith("-") or is_glob(one) for one in found.missing)
    return [(one, "" if vague else collected.nearest(one)) for one, vague in zip(found.missing, plain, strict=True)]


def _entered(words: Sequence[str], folder: str) -> str:
    """The folder that a command line is in after `cd`."""
    if words[:1] == ("cd",) and len(words) > 1 and not words[1].startswith(("/", "-", "~", "$")):
        return "/".join(part for part in f"{folder}/{words[1]}".split("/") if part not in {"", "."})
    return folder
