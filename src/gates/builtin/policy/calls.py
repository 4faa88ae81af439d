"""Calls: which lines judge the project by gates, and whether a line of the head does what one of the base did."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from gates.builtin.policy.facts import Call

TOOL = "gates"
HARMLESS = frozenset({
    "--help", "--version", "-h", "baseline", "diagnose", "explain", "init", "list", "mcp", "runs", "schema", "waive",
})  # fmt: skip
"""What does not judge, so that its exit code may get lost."""

_VALUED = frozenset({
    "--allow-undecided", "--approve", "--as-of", "--base", "--ignore", "--jobs", "--log-format", "--output",
    "--output-file", "--output-format", "--package", "--project", "--python", "--select", "--shard", "-j", "-p",
})  # fmt: skip
_INDIFFERENT = frozenset({
    "--jobs", "--log-format", "--no-cache", "--offline", "--output-file", "--output-format", "--python", "--quiet",
    "--verbose", "-j", "-q", "-v", "-vv",
})  # fmt: skip
_PACKAGE = frozenset({"--package", "-p"})
_COMMAND = re.compile(r"(?:^|[\s;&|(`'\"/])(?:gates|pytest-vltair)[\"']?\s+(?P<words>[^;&|)`#]*)")
_USES = re.compile(r"\buses:\s*[\"']?(?P<action>[^@\s\"']+)")
_PIPELINE = re.compile(r"\.(github|gitea|forgejo|gitlab|circleci|azure-pipelines|buildkite)/.+|[^/]+\.ya?ml")
_LOCAL = re.compile(r"\.pre-commit.*|\.?lefthook\.ya?ml|action\.ya?ml")


class Judging(msgspec.Struct, frozen=True):
    """What a line has judged: the command, and the words that make it judge less than all or otherwise.

    `packages` are the projects of a workspace that it names, `gates` the gates; none are all of them.
    """

    command: str
    words: frozenset[str]
    project: str
    pipeline: bool
    packages: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()

    def does(self, other: Judging) -> bool:
        """Whether it judges whatever `other` does, and as reliably: a hook is no pipeline."""
        same = (self.command, self.project) == (other.command, other.project)
        covers = _covers(self.packages, other.packages) and _covers(self.gates, other.gates)
        return same and covers and self.words <= other.words and (self.pipeline or not other.pipeline)


def judging(call: Call) -> Judging | None:
    """What a line has judged by gates, or None where it does no such thing."""
    if call.tool != TOOL:
        return None
    pipeline = _PIPELINE.fullmatch(call.path.replace("../", "")) is not None and not _LOCAL.fullmatch(call.path)
    found = _COMMAND.search(call.text)
    if found is None:
        action = _USES.search(call.text)
        return Judging(action["action"] if action else call.text, frozenset(), "", pipeline)
    words = list(_options(found["words"].split()))
    command = next((word for word in words if not word.startswith("-")), "")
    if command in HARMLESS or words[:1] == ["--version"] or words[:1] == ["--help"]:
        return None
    project = next((word for word in words if word.startswith("--project=")), "")
    packages = {word for word in words if word.partition("=")[0] in _PACKAGE}
    kept = {word for word in words if word != command and word.partition("=")[0] not in _INDIFFERENT}
    gates = {word for word in kept if not word.startswith("-")} if command == "check" else set()
    return Judging(
        command,
        frozenset(kept - packages - gates - {project}),
        project,
        pipeline,
        packages=frozenset(word.partition("=")[2] for word in packages),
        gates=frozenset(gates),
    )


def _covers(named: frozenset[str], others: frozenset[str]) -> bool:
    """Whether what is named is all that others name; nothing named is everything."""
    return not named or (bool(others) and others <= named)


def gone(base: Iterable[Call], head: Iterable[Call]) -> Iterator[tuple[Call, Call | None]]:
    """Lines of the base that judged and could be red, and that no line of the head stands for; each with the nearest.

    The nearest is a line of the head in the same file that judges less, or by way of which nothing can be red.
    """
    now = [(call, made) for call in head if (made := judging(call)) is not None]
    for call in base:
        wanted = judging(call)
        if wanted is None or call.defused:
            continue
        if not any(made.does(wanted) for other, made in now if not other.defused):
            near = [other for other, made in now if made.command == wanted.command]
            yield call, next((other for other in near if other.path == call.path), None)


def defused(base: Iterable[Call], head: Iterable[Call]) -> Iterator[Call]:
    """Lines of the head by way of which nothing can be red: all that judge, and of other tools those that could be."""
    held = list(base)
    sound = {(call.path, call.within, call.tool) for call in held if not call.defused}
    before = {(call.path, call.tool, call.text) for call in held if call.defused}
    for call in head:
        if not call.defused:
            continue
        if call.tool == TOOL:
            if judging(call) is not None:
                yield call
        elif (call.path, call.within, call.tool) in sound and (call.path, call.tool, call.text) not in before:
            yield call


def _options(words: list[str]) -> Iterator[str]:
    """The words with each option and its value as one: `--select=lint`."""
    left = iter(words)
    for word in left:
        plain = word.strip("\"'")
        yield f"{plain}={next(left, '')}" if plain in _VALUED else plain
