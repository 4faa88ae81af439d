"""Parsing: sources become `Parsed`, each content once; coverage.py in the judged Python does it, on every core."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.coverage import kept
from gates.builtin.coverage.lines import decoded
from gates.builtin.coverage.parsed import Parsed
from gates.model.evidence import Refusal, refuse
from gates.process import failure

if TYPE_CHECKING:
    from gates.model.gate import Context, GateSettings
    from gates.process.completed import Completed

SCRIPTS = ("analysis.py", "possible.py")
"""Run from a copy, so that the command line in a report is the same wherever gates is installed."""

PATIENCE = 1.0
"""Seconds after which, and between which, it is said how far the work is."""

AGAIN = "gates check coverage"


class Head(msgspec.Struct, kw_only=True):
    """What `analysis` says before it parses: files are numbers, with the setting that takes them out."""

    error: str = ""
    version: str = ""
    branch: bool = False
    fail_under: float = 0.0
    key: str = ""
    left_out: dict[int, str] = {}
    unmeasured: dict[int, str] = {}
    missing: int = 0


class Answer(msgspec.Struct, kw_only=True):
    """What `analysis` says of one file: its parse, why coverage.py leaves it out, or what is wrong with it."""

    id: int
    parsed: msgspec.Raw = msgspec.Raw(b"")
    dropped: str = ""
    error: str = ""
    line: int | None = None


class Parses(Mapping[str, Parsed]):
    """`Parsed` by path, read from its JSON when it is asked for: a file of 1,000 lines takes 8 kB until then.

    `left_out` are the paths that coverage.py leaves out of its reports, with the setting or the reason by which it
    does; they are not parsed. `unmeasured` are those that its settings would keep out of every measurement. `version`
    is coverage.py's own, `fresh` how many were not known before; `branch` and `fail_under` are its settings in force.
    """

    def __init__(
        self, held: Mapping[str, bytes], left_out: Mapping[str, str], unmeasured: Mapping[str, str], head: Head
    ) -> None:
        self._held = held
        self._decoder = msgspec.json.Decoder(Parsed)
        self.left_out = left_out
        self.unmeasured = unmeasured
        self.version = head.version
        self.fresh = head.missing
        self.branch = head.branch
        self.fail_under = head.fail_under

    def __getitem__(self, path: str) -> Parsed:
        return self._decoder.decode(self._held[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One run of `analysis`: the paths, the digests of their contents, the plugins that measured them."""

    paths: Sequence[str]
    contents: Sequence[str]
    tracers: Mapping[str, str]
    known: Mapping[str, Mapping[str, bytes]]


def parse(
    context: Context[GateSettings],
    paths: Sequence[str],
    *,
    tracers: Mapping[str, str] | None = None,
    config: str | None = None,
) -> Parses | Refusal:
    """What the files can run, by path relative to the root; only contents that are not known are parsed.

    `tracers` names coverage's plugin for the files that one measured, `config` the configuration file of coverage.py
    where it is not one that it finds by itself.
    """
    contents = []
    for path in paths:
        try:
            contents.append(digest((context.project.root / path).read_bytes()))
        except OSError as error:
            message = f"{path} was measured and cannot be read: {error.strerror}"
            return refuse("unreadable", message, f"restore {path}, or measure again: {AGAIN} --no-cache")
    known = kept.load(context.state, contents)
    asked = _Asked(paths=paths, contents=contents, tracers=tracers or {}, known=known)
    folder = context.scratch / "parses"
    folder.mkdir(exist_ok=True)
    refusal = _analysed(context, asked, config, folder)
    return refusal or _read(context, asked, folder)


def digest(source: bytes) -> str:
    """The SHA-256 of a source, whichever newlines it has."""
    if b"\r" in source:
        source = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(source).hexdigest()


def _analysed(context: Context[GateSettings], asked: _Asked, config: str | None, folder: Path) -> Refusal | None:
    tool = context.tool("coverage", judged=True)
    if isinstance(tool, Refusal):
        return tool
    files = [
        (str(context.project.root / path), content, asked.tracers.get(path, ""))
        for path, content in zip(asked.paths, asked.contents, strict=True)
    ]
    request = {
        "config": config,
        "files": files,
        "jobs": os.cpu_count() or 1,
        "known": {key: list(values) for key, values in asked.known.items()},
    }
    for name in ("head.json", "answers.jsonl"):
        (folder / name).unlink(missing_ok=True)
    for name in SCRIPTS:
        shutil.copyfile(Path(__file__).with_name(name), folder / name)
    (folder / "request.json").write_text(json.dumps(request), "ascii")
    done = _watched(context, [tool.argv[0], "-P", str(folder / SCRIPTS[0]), str(folder)], folder)
    stopped = failure.stopped(done, "the parser of sources", "coverage")
    if stopped is not None:
        return Refusal(stopped)
    if done.code != 0:
        message = f"the parser of sources ended with exit code {done.code}: {failure.last_words(done)}"
        return refuse("tool_crashed", message, f"{AGAIN} -v")
    return None


def _watched(context: Context[GateSettings], argv: Sequence[str], folder: Path) -> Completed:
    """The run of a command; meanwhile it is said how many files are parsed."""
    ended = threading.Event()

    def watch() -> None:
        lines, at = 0, 0
        while not ended.wait(PATIENCE):
            try:
                head = msgspec.json.decode((folder / "head.json").read_bytes(), type=Head)
                with (folder / "answers.jsonl").open("rb") as answers:
                    answers.seek(at)
                    new = answers.read()
            except (OSError, msgspec.DecodeError):
                continue
            lines, at = lines + new.count(b"\n"), at + len(new)
            context.progress(f"{lines:,} of {head.missing:,} sources parsed")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return context.run(argv)
    finally:
        ended.set()
        watcher.join()


def _read(context: Context[GateSettings], asked: _Asked, folder: Path) -> Parses | Refusal:
    try:
        head = msgspec.json.decode((folder / "head.json").read_bytes(), type=Head)
        if head.error:
            return refuse("tool_config_invalid", f"coverage.py refuses its settings: {head.error}", "coverage report")
        left_out = {asked.paths[number]: setting for number, setting in head.left_out.items()}
        fresh: dict[str, bytes] = {}
        own: dict[str, bytes] = {}
        for answer in _answers(folder / "answers.jsonl"):
            path = asked.paths[answer.id]
            if answer.error:
                return _unparsable(path, answer)
            if answer.dropped:
                left_out[path] = answer.dropped
            elif asked.tracers.get(path):
                own[path] = _checked(path, answer, asked)
            else:
                fresh[asked.contents[answer.id]] = _checked(path, answer, asked)
    except (OSError, IndexError, ValueError, msgspec.DecodeError) as error:
        message = f"the parser of sources answered what cannot be read: {error}"
        return refuse("unparsable_output", message, f"{AGAIN} -v")
    except _ChangedError as error:
        return refuse("evidence_stale", f"{error} changed while it was parsed", f"{AGAIN} --no-cache")
    if fresh:
        kept.store(context.state, head.key, fresh)
    every = {**asked.known.get(head.key, {}), **fresh}
    held = {**{path: every[one] for path, one in zip(asked.paths, asked.contents, strict=True) if one in every}, **own}
    missing = next((path for path in asked.paths if path not in held and path not in left_out), None)
    if missing is not None:
        return refuse("unparsable_output", f"the parser of sources said nothing of {missing}", f"{AGAIN} -v")
    unmeasured = {asked.paths[number]: setting for number, setting in head.unmeasured.items()}
    held = {path: value for path, value in held.items() if path not in left_out}
    return Parses(held, left_out, unmeasured, head)


class _ChangedError(Exception):
    """The path of a file that is not what it was when its digest was taken."""


def _answers(path: Path) -> Iterator[Answer]:
    decoder = msgspec.json.Decoder(Answer)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def _checked(path: str, answer: Answer, asked: _Asked) -> bytes:
    """The JSON of a parse that is one, and of this content."""
    value = bytes(answer.parsed)
    found: Any = msgspec.json.decode(value, type=Parsed)
    if found.sha256 != asked.contents[answer.id]:
        raise _ChangedError(path)
    for digits in (found.lines, found.excluded, found.blank, found.excused):
        decoded(digits)
    return value


def _unparsable(path: str, answer: Answer) -> Refusal:
    place = path if answer.line is None else f"{path}:{answer.line}"
    return refuse("unreadable", f"{place} {answer.error}", f"mend {path}, or leave it out with `omit` and say why")
