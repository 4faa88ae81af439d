"""Checks: that what the settings name exists, and that no setting contradicts another one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from gates import __version__
from gates.config.fault import nearest
from gates.config.general import LANE, SCHEMA_VERSION, General
from gates.config.overrides import Override
from gates.config.source import Source, dotted
from gates.errors import ConfigError, SchemaVersionError

_TOOL_RULE = r"[A-Za-z0-9_-]+:\S+"


class Known(msgspec.Struct, frozen=True):
    """The names of every gate, and the codes and names of every rule."""

    gates: frozenset[str]
    rules: frozenset[str]


def general(source: Source, written: General, rules: Collection[str], unwaivable: Collection[str]) -> None:
    """Refuse whatever in the keys of `[tool.gates]` itself does not exist or cannot be meant.

    Raises:
        ConfigError: with the place of the first.
    """
    severities(source, written, rules, unwaivable)
    preview(source, written, rules)
    lanes(source, written)
    waivers(source, written, rules, unwaivable)
    patterns(source, written)
    excused(source, written, rules)


def names(source: Source, key: str, given: Collection[str], override: Override | None, known: Known) -> None:
    """Refuse names that are no gates; `override` is where they come from if that is not the file."""
    for index, name in enumerate(given):
        if name in known.gates:
            continue
        if name in known.rules:
            problem = f"{name!r} is a rule, not a gate; set its level in [[{source.named('severity')}]]"
        else:
            problem = f"there is no gate {name!r}; {nearest(name, known.gates)}"
        if override is not None:
            raise override.error(problem)
        raise wrong(source, (key, index), f"{source.named(key)}: {problem}")


def waiver_problem(rule: str, rules: Collection[str], unwaivable: Collection[str]) -> str | None:
    """Why no waiver may name `rule`, or None: it does not exist, or it is about waivers and baselines themselves."""
    if rule in unwaivable:
        return f"{rule} cannot be waived: it is about what a change does to its own judging"
    if rule not in rules and not re.fullmatch(_TOOL_RULE, rule):
        return f"there is no rule {rule!r}; {nearest(rule, rules)}"
    return None


def waivers(source: Source, general: General, rules: Collection[str], unwaivable: Collection[str]) -> None:
    """Refuse waivers of rules that do not exist or cannot be waived."""
    for index, one in enumerate(general.waiver):
        problem = waiver_problem(one.rule, rules, unwaivable)
        if problem is not None:
            raise wrong(source, ("waiver", index, "rule"), f"{source.named('waiver', index)}: {problem}")


def severities(source: Source, general: General, rules: Collection[str], fixed: Collection[str]) -> None:
    """Refuse levels of rules that do not exist, and lower levels of the `fixed` ones."""
    for index, one in enumerate(general.severity):
        if one.rule in fixed and one.level != "error":
            problem = (
                f"{one.rule} judges this very file, so its level cannot be lowered here; a finding of it is approved"
            )
            raise wrong(source, ("severity", index, "rule"), f"{source.named('severity', index)}: {problem}")
        if one.rule not in rules and not re.fullmatch(_TOOL_RULE, one.rule):
            problem = f"there is no rule {one.rule!r}; {nearest(one.rule, rules)}"
            raise wrong(source, ("severity", index, "rule"), f"{source.named('severity', index)}: {problem}")


def preview(source: Source, general: General, rules: Collection[str]) -> None:
    """Refuse rules in preview that do not exist."""
    for index, rule in enumerate(general.preview if isinstance(general.preview, tuple) else ()):
        if rule not in rules:
            raise wrong(source, ("preview", index), f"there is no rule {rule!r}; {nearest(rule, rules)}")


def lane_problem(name: str) -> str | None:
    """Why nothing can be a lane of this name, or None: it becomes part of a file's name."""
    if re.search(LANE, name):
        return None
    return f"{name!r} is no name of a lane: letters, digits, `.`, `-`, `_` and `+`, and no shard such as 2-of-4"


def lanes(source: Source, general: General) -> None:
    """Refuse names that are none, or of which two would make one file where case does not count."""
    folded = [name.casefold() for name in general.lanes]
    for index, name in enumerate(general.lanes):
        problem = lane_problem(name)
        if problem is None and folded.index(name.casefold()) < index:
            problem = f"the lane {name!r} is there twice; give each a name of its own"
        if problem is not None:
            raise wrong(source, ("lanes", index), problem)


def schema_version(source: Source, found: General) -> None:
    """Refuse a file that is written in the form of another version."""
    if found.schema_version != SCHEMA_VERSION:
        message = (
            f"schema-version {found.schema_version} is foreign to gates {__version__}, which reads {SCHEMA_VERSION}; "
            "install the gates it was written for"
        )
        raise SchemaVersionError(message, path=source.path, line=source.line("schema-version"))


def patterns(source: Source, general: General) -> None:
    """Refuse what is no regular expression."""
    for index, pattern in enumerate(general.redact.patterns):
        keys = ("redact", "patterns", index)
        try:
            re.compile(pattern)
        except re.error as error:
            message = f"{source.named(*keys)} is not a regular expression: {error}"
            raise wrong(source, keys, message) from error


def excused(source: Source, general: General, rules: Collection[str]) -> None:
    """Refuse excuses for rules that do not exist."""
    for rule in general.prove.excused:
        if rule not in rules:
            problem = f"there is no rule {rule!r}; {nearest(rule, rules)}"
            raise wrong(source, ("prove", "excused", rule), f"{source.named('prove', 'excused')}: {problem}")


def unknown(source: Source, keys: tuple[str | int, ...], hint: str) -> ConfigError:
    """An error about a key or a table that nobody knows; `hint` names the nearest."""
    *table, key = keys
    if isinstance(source.table.get(str(key)), Mapping) and not table:
        return wrong(source, keys, f"unknown table [{source.named(*keys)}]; {hint}")
    inside = f"[{source.named(*table)}]" if source.named(*table) else str(source.path)
    return wrong(source, keys, f"unknown key {dotted((key,))!r} in {inside}; {hint}")


def wrong(source: Source, keys: tuple[str | int, ...], message: str) -> ConfigError:
    """An error about a key, at its line."""
    return ConfigError(message, path=source.path, line=source.line(*keys))
