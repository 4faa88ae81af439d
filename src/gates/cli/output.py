"""Output: a report into files and onto the terminal, in any format; a format never changes the exit code."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from gates.errors import OutputError, UsageError

if TYPE_CHECKING:
    from gates.engine.detail import Judged
    from gates.model.report import Report
    from gates.model.rule import Rule
    from gates.model.section import Detail
    from gates.plugins.hookspecs import Renderer

MACHINE_READABLE = frozenset({"json", "sarif", "junit", "html"})


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """A report on its way out; the record of the project at `root` says what was before."""

    report: Report
    rules: tuple[Rule, ...] = ()
    renderers: Mapping[str, Renderer] = msgspec.field(default_factory=dict)
    verbosity: int = 0
    prefix: str = ""
    judged: Judged | None = None
    root: Path | None = None

    def to_file(self, name: str, path: Path) -> None:
        """Write the report to `path`, whole or not at all.

        Raises:
            OutputError: it cannot be written there.
        """
        from gates.engine import state

        data = self._render(name, color=False, encoding="utf-8", width=100).encode("utf-8", "backslashreplace")
        try:
            if path.exists() and not stat.S_ISREG(path.stat().st_mode):
                # A pipe or a device: it cannot be replaced, only written to.
                path.write_bytes(data)
            else:
                state.write(path, data)
        except OSError as error:
            raise OutputError(f"the {name} report cannot be written to {path}: {error.strerror or error}") from error

    def to_stream(self, name: str, stream: TextIO) -> None:
        """Print the report.

        Raises:
            OutputError: nobody reads it any more, or the disk is full.
        """
        machine = name in MACHINE_READABLE
        encoding = "utf-8" if machine else (stream.encoding or "utf-8")
        text = self._render(name, color=not machine and wants_color(stream), encoding=encoding, width=width(stream))
        data = text.encode(encoding, "backslashreplace")
        try:
            buffer = getattr(stream, "buffer", None)
            if buffer is None:
                stream.write(data.decode(encoding))
            else:
                stream.flush()
                buffer.write(data)
                buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"the report cannot be printed: {error.strerror or error}") from error

    def _render(self, name: str, *, color: bool, encoding: str, width: int) -> str:
        from gates.render import formats

        options = formats.Options(
            color=color,
            encoding=encoding,
            width=width,
            verbosity=self.verbosity,
            rules={rule.code: rule for rule in self.rules},
            prefix=self.prefix,
            details=self._details,
            history=self._history,
        )
        text = formats.render(name, self.report, options, self.renderers)
        return text if text.endswith("\n") or not text else text + "\n"

    def _details(self) -> Mapping[tuple[str, str], Detail]:
        if self.judged is None:
            return {}
        from gates.engine import detail

        return detail.details(self.judged)

    def _history(self) -> Detail:
        from gates.record.asked import figures

        return figures.detail(self.root)


def paths(given: Sequence[str], formats: Sequence[str] | None = None) -> dict[str, Path]:
    """The path of each `--output-file FORMAT=PATH`, by format; which there are, renderers say where `formats` does not.

    Raises:
        UsageError: one is not written like that, names none of `formats`, or one that another names too.
    """
    known = ", for instance json=report.json" if formats is None else f" with one of {', '.join(formats)}"
    found: dict[str, Path] = {}
    for pair in given:
        name, equals, path = pair.partition("=")
        if not equals or not path or (formats is not None and name not in formats):
            raise UsageError(f"--output-file {pair!r}: write it as FORMAT=PATH{known}")
        if name in found:
            raise UsageError(f"--output-file is given twice for {name}")
        found[name] = Path(path)
    return found


def files(given: Sequence[str], formats: Sequence[str]) -> dict[str, Path]:
    """The paths of each `--output-file FORMAT=PATH` of a gate's own command, by format.

    Raises:
        UsageError: one is not written like that, names none of `formats`, or one that another names too.
        OutputError: its folder is not there.
    """
    found = paths(given, formats)
    for path in found.values():
        if not path.parent.is_dir():
            raise OutputError(f"{path} cannot be written: there is no directory {path.parent}")
    return found


def emptied(paths: Iterable[Path]) -> None:
    """Make files to write to, before minutes of work find out that they cannot be written.

    Raises:
        OutputError: one cannot.
    """
    for path in paths:
        if path.is_dir():
            raise OutputError(f"the report cannot be written to {path}: it is a directory")
        _state(path.parent)
        if not path.parent.is_dir():
            raise OutputError(f"the report cannot be written to {path}: there is no directory {path.parent}")
        try:
            # Emptied at once: a run that is cut off must not leave an older run's verdict behind.
            with path.open("wb"):
                pass
        except OSError as error:
            raise OutputError(f"the report cannot be written to {path}: {error.strerror or error}") from error


def _state(folder: Path) -> None:
    """Make the folder for what is disposable, which a fresh clone has not; no other one is made."""
    from gates.engine import state

    if folder.name == state.FOLDER and folder.parent.is_dir():
        with suppress(OSError):
            state.folder(folder.parent)


def write(path: Path, text: str) -> None:
    """Write a text to `path`, whole or not at all.

    Raises:
        OutputError: it cannot be written there.
    """
    from gates.engine import state

    try:
        state.write(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def wants_color(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to colour: `NO_COLOR` (any value) wins, then `FORCE_COLOR`, then whether it is a terminal."""
    environ = os.environ if environ is None else environ
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Columns of the terminal; 100 where there is none, so that output in a pipe is the same everywhere."""
    if not stream.isatty():
        return 100
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def line(text: str) -> None:
    """Print one line on standard output; what others named cannot act on the terminal or as a workflow command."""
    from gates.render import escape

    _put(escape.commands(escape.line(text)))


def paragraphs(text: str) -> None:
    """Print a text of several lines, each as `line` prints it."""
    for one in text.split("\n"):
        line(one)


def rendered(text: str) -> None:
    """Print what a renderer made, as it is."""
    _put(text.removesuffix("\n"))


def value(shown: Any) -> None:
    """Print a value as one JSON document."""
    _put(document(shown))


def document(shown: Any) -> str:
    """A value as one JSON document."""
    import msgspec

    from gates.render import escape

    return msgspec.json.encode(escape.without_surrogates(msgspec.to_builtins(shown))).decode()


def _put(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
