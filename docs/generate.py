#!/usr/bin/env python3
"""Writes docs/reference/ out of the code; `--check` exits with 1, and names the pages, where one is out of date."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, is_typeddict

import click
import msgspec

from gates.builtin.command.gate import CommandGate
from gates.cli import app
from gates.cli import schema as schemas
from gates.config import overrides, report_schema, schema
from gates.config.general import KEYS
from gates.errors import INTERRUPTED
from gates.model.report import Report
from gates.model.rule import Rule
from gates.plugins.manager import Registry, registry
from gates.render import formats, github, markdown, sarif, summary
from gates.testing import contract, law, project, run, tool
from pytest_vltair import fixtures as pytest_fixtures
from pytest_vltair import hookspecs as pytest_hooks
from pytest_vltair import options as pytest_options

FOLDER = Path(__file__).parent / "reference"
TEXTS = FOLDER / "texts.toml"
EXAMPLE = FOLDER / "example-report.json"
NOTE = "<!-- Written by docs/generate.py out of the code: change it there. -->\n"
NONE = "\N{EN DASH}"
LONGEST = 116
"""Characters of a line of JSON."""
Schema = Mapping[str, Any]


def main() -> int:
    """Write the pages, or say which ones differ; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, "utf-8")
    verb = "is out of date: run `python docs/generate.py`" if check else "written"
    sys.stdout.writelines(f"docs/reference/{name} {verb}\n" for name in stale)
    return 1 if check and stale else 0


def pages() -> dict[str, str]:
    """The text of every page by file name."""
    known = registry(third_party=False)
    made: dict[str, Callable[[], Iterable[str]]] = {
        "rules.md": lambda: rules(known),
        "settings.md": lambda: settings(known),
        "commands.md": commands,
        "exit-codes.md": exit_codes,
        "report.md": report,
        "formats.md": lambda: output_formats(known),
        "schemas.md": written,
        "testing.md": testing,
    }
    return {name: "\n".join([NOTE, *lines()]).rstrip() + "\n" for name, lines in made.items()}


def texts(page: str) -> Mapping[str, Any]:
    """What a page says that the code does not know."""
    import tomllib

    table: Mapping[str, Any] = tomllib.loads(TEXTS.read_text("utf-8"))[page]
    return table


def table(*heads: str) -> tuple[str, str]:
    """The first two lines of a table."""
    return f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"


def row(*cells: str) -> str:
    """One line of a table."""
    return f"| {' | '.join(' '.join(one.split()).replace('|', '&#124;') for one in cells)} |"


def fenced(language: str, text: str) -> Iterator[str]:
    """A code block."""
    yield from (f"```{language}", text.rstrip("\n"), "```", "")


def rules(known: Registry) -> Iterator[str]:
    """Every rule of every gate."""
    yield from ("# Rules", "", texts("rules")["intro"])
    for name, gate in {**known.gates, "command": CommandGate()}.items():
        yield from ("", f"## {name}: {gate.title}", "", *table("code", "name", "severity", "summary"))
        yield from (
            row(f"[{one.code}](#{one.code.lower()}-{one.name})", one.name, _severity(one), one.summary)
            for one in gate.rules
        )
        for one in gate.rules:
            yield from ("", f"### {one.code} {one.name}", "", one.summary, "", one.explanation, "")
            yield f"**How to mend it.** {one.fix}"


def _severity(one: Rule) -> str:
    return f"{one.severity}, *undecided*" if one.undecides else one.severity


def kind(one: Schema, definitions: Schema) -> str:
    """The type of a value in words."""
    if len(one.get("allOf", ())) == 1:
        return kind(one["allOf"][0], definitions)
    for key, words in _KINDS.items():
        if key in one:
            return words(one, definitions)
    bounds = [f"{word} {one[key]}" for key, word in _BOUNDS.items() if key in one]
    return " ".join([_WORDS.get(one.get("type", ""), "anything"), *bounds])


_WORDS = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "table",
    "string": "text",
}
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "more than"}
_KINDS: Mapping[str, Callable[[Schema, Schema], str]] = {
    "$ref": lambda one, known: kind(known[one["$ref"].rpartition("/")[2]], known),
    "anyOf": lambda one, known: " or ".join(kind(option, known) for option in one["anyOf"]),
    "const": lambda one, _: f"`{json.dumps(one['const'])}`",
    "enum": lambda one, _: "one of " + ", ".join(f"`{value}`" for value in one["enum"]),
    "items": lambda one, known: f"list: {kind(one['items'], known)}" if one["items"] else "list",
    "additionalProperties": lambda one, known: (
        f"table: {kind(one['additionalProperties'], known)}" if one["additionalProperties"] else "table"
    ),
}


def default(one: Schema) -> str:
    """The value that holds where the key is not written."""
    value = one.get("default")
    return NONE if value is None or value == {} else f"`{json.dumps(value)}`"


def settings(known: Registry) -> Iterator[str]:
    """Every key of `[tool.gates]`, and every environment variable."""
    says = texts("settings")
    whole = schema.configuration(
        {name: gate.Settings for name, gate in known.gates.items()},
        {name: gate.title for name, gate in known.gates.items()},
    )
    definitions, top = whole["definitions"], whole["properties"]
    yield from ("# Settings", "", says["intro"], "", "## `[tool.gates]`", "")
    yield from keys({name: top[name] for name in KEYS}, definitions)
    tables = {key: re.search(r"#/definitions/(\w+)", json.dumps(top[key])) for key in KEYS}
    for key, name in ((key, found[1]) for key, found in tables.items() if found):
        brackets = f"[[tool.gates.{key}]]" if top[key].get("type") == "array" else f"[tool.gates.{key}]"
        yield from ("", f"## `{brackets}`", "", definitions[name]["description"], "")
        yield from keys(definitions[name]["properties"], definitions)
    for name in known.gates:
        own = top[name]
        own = own if "properties" in own else definitions[own["allOf"][0]["$ref"].rpartition("/")[2]]
        yield from (
            "",
            f"## `[tool.gates.{name}]`",
            "",
            f"{known.gates[name].title[0].upper()}{known.gates[name].title[1:]}.",
            "",
        )
        yield from keys(own["properties"], definitions)
    yield from ("", "## Environment variables", "", says["variables"], "", *table("variable", "what it sets", "form"))
    forms = {"names": "names with commas between them", "text": "text", "count": "whole number", "switch": "1 or 0"}
    for variable, (key, form) in overrides.VARIABLES.items():
        yield row(
            f"`{variable}`", f"`{key.replace('_', '-')}`: {top[key.replace('_', '-')]['description']}", forms[form]
        )
    yield from (row(variable, meaning, form) for variable, meaning, form in says["also"])
    yield from ("", says["set"], "", *table("variable", "for what"))
    yield from (row(f"`{variable}`", meaning) for variable, meaning in says["own"].items())


def keys(properties: Schema, definitions: Schema) -> Iterator[str]:
    """A table of keys."""
    yield from table("key", "type", "default", "what it does")
    for name, one in properties.items():
        yield row(f"`{name}`", kind(one, definitions), default(one), one.get("description", ""))


def commands() -> Iterator[str]:
    """The help of every command, and of the pytest plugin."""
    yield from ("# Commands", "", texts("commands")["intro"], "")
    context = click.Context(app.gates, info_name="gates")
    for name in app.gates.list_commands(context):
        command = app.gates.get_command(context, name)
        assert command is not None  # noqa: S101 - listed by the group itself
        yield from command_help(name, command)
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                one = command.get_command(context, inner)
                assert one is not None  # noqa: S101 - listed by the group itself
                yield from command_help(f"{name} {inner}", one, level=3)
    yield from ("## pytest", "", texts("commands")["pytest"], "", *table("option", "what it does"))
    recorder = _Options()
    pytest_options.add(recorder)  # type: ignore[arg-type]
    yield from recorder.rows
    yield from ("", *table("key of pytest's configuration", "what it is"), *recorder.keys)
    yield from ("", *table("marker", "what it does"))
    yield from (row(f"`{one.partition(': ')[0]}`", one.partition(": ")[2]) for one in pytest_options.MARKERS)
    yield from ("", *table("fixture", "what it is"))
    yield from (row(f"`{name}`", says) for name, says in plugin_fixtures())
    yield from ("", *table("hook", "what it is for"))
    yield from (row(f"`{name}`", summary_of(getattr(pytest_hooks, name))) for name in dir(pytest_hooks))


def plugin_fixtures() -> Iterator[tuple[str, str]]:
    """Name and summary of each fixture that the plugin brings."""
    for name, one in vars(pytest_fixtures).items():
        if type(one).__name__ == "FixtureFunctionDefinition" or hasattr(one, "_pytestfixturefunction"):
            yield name, summary_of(one)


def summary_of(one: object) -> str:
    """The first line of a docstring."""
    return (inspect.getdoc(getattr(one, "__wrapped__", one)) or "").partition("\n")[0]


def command_help(name: str, command: click.Command, *, level: int = 2) -> Iterator[str]:
    """Usage, help and options of one command."""
    context = click.Context(command, info_name=f"gates {name}")
    arguments = [one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)]
    yield from (f"{'#' * level} `{' '.join(['gates', name, *arguments])}`", "")
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        if paragraph.startswith("\b"):
            yield from fenced("text", re.sub(r"(?m)^ +", "", paragraph.removeprefix("\b").strip("\n")))
        else:
            yield from (" ".join(paragraph.split()), "")
    options = [one for one in command.params if isinstance(one, click.Option)]
    if options:
        yield from table("option", "what it does")
        for one in options:
            choices = "|".join(one.type.choices) if isinstance(one.type, click.Choice) else ""
            value = "" if one.is_flag or one.count else f" {one.metavar or choices or one.type.name.upper()}"
            spelled = ", ".join(sorted(one.opts, key=len))
            said = one.help or "Print in this form."
            yield row(f"`{spelled}{value}`", said + (" Required." if one.required else ""))
    yield ""


class _Options:
    """Stands in for pytest's parser, to be told the options of the plugin."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.keys: list[str] = []

    def getgroup(self, *_: str) -> _Options:
        return self

    def addoption(self, name: str, *, help: str, metavar: str = "", **_: object) -> None:  # noqa: A002 - pytest's word
        self.rows.append(row(f"`{f'{name} {metavar}'.rstrip()}`", help))

    def addini(self, name: str, help: str, **_: object) -> None:  # noqa: A002 - pytest's word
        self.keys.append(row(f"`{name}`", help))


def exit_codes() -> Iterator[str]:
    """Every exit code, from the help of `gates check`."""
    check = app.gates.get_command(click.Context(app.gates), "check")
    says = texts("exit-codes")
    found = re.findall(r"exit (\d+) +(.+)", (check.help or "") if check else "")
    yield from ("# Exit codes", "", says["intro"], "", *table("code", "meaning", "what to do"))
    yield from (row(code, meaning, says[code]) for code, meaning in (*found, (str(INTERRUPTED), "interrupted")))
    yield from ("", says["more"])


def report() -> Iterator[str]:
    """The fields of the JSON report and of a log line, from their schemas."""
    says, whole = texts("report"), report_schema.report()
    definitions = whole["$defs"]
    yield from ("# The report", "", says["intro"], "")
    for name, one in definitions.items():
        yield from (f"## {name}", "", one.get("description", ""), "", *table("field", "type"))
        yield from (row(f"`{field}`", linked(kind_of_field(inner))) for field, inner in one["properties"].items())
        yield ""
    yield from ("## The log", "", says["log"], "", *table("event", "fields beside `ts` and `event`"))
    for one in report_schema.log()["oneOf"]:
        fields = {name: inner for name, inner in one["properties"].items() if name not in {"ts", "event"}}
        event = one["properties"]["event"]["const"]
        yield row(f"`{event}`", ", ".join(f"`{name}`: {kind(inner, {})}" for name, inner in fields.items()))


def written() -> Iterator[str]:
    """Each JSON document that gates writes beside the report, from its schema."""
    says = texts("schemas")
    yield from ("# JSON that gates writes", "", says["intro"], "")
    elsewhere = set(report_schema.report()["$defs"])
    shown = set(elsewhere)
    for name in schemas.DOCUMENTS:
        if name in {"report", "log"}:
            continue
        yield from (f"## {name}", "", says[name], "", f"`gates schema {name}` prints the schema.", "")
        module = importlib.import_module(schemas.DOCUMENTS[name])
        whole = getattr(module, name.replace("-", "_"))()
        for part, one in whole["$defs"].items():
            if part in shown:
                continue
            shown.add(part)
            yield from (f"### {part}", "", " ".join(one.get("description", "").split()), "", *table("field", "type"))
            yield from (
                row(f"`{field}`", linked(kind_of_field(inner), elsewhere)) for field, inner in one["properties"].items()
            )
            yield ""


def kind_of_field(one: Schema) -> str:
    """The type of a field of the report; another object by its name."""
    if "$ref" in one:
        return str(one["$ref"].rpartition("/")[2])
    if "anyOf" in one:
        return " or ".join(dict.fromkeys(" or ".join(map(kind_of_field, one["anyOf"])).split(" or ")))
    if one.get("type") == "array":
        return f"list: {kind_of_field(one['items'])}" if one.get("items") else "list"
    if one.get("additionalProperties"):
        return f"table: {kind_of_field(one['additionalProperties'])}"
    return kind(one, {})


def linked(text: str, elsewhere: Collection[str] = ()) -> str:
    """The text with names of objects as links; those of `elsewhere` are on the page about the report."""

    def link(found: re.Match[str]) -> str:
        return f"[{found[1]}]({'report.md' if found[1] in elsewhere else ''}#{found[1].lower()})"

    return re.sub(r"\b([A-Z][A-Za-z]+)\b", link, text)


def output_formats(known: Registry) -> Iterator[str]:
    """One report in every format."""
    says = texts("formats")
    limits = {"per_rule": summary.PER_RULE, "of_a_kind": github.OF_A_KIND, "kept": sarif.KEPT, "bytes": markdown.LIMIT}
    example = msgspec.json.decode(EXAMPLE.read_bytes(), type=Report)
    by_code = {rule.code: rule for gate in known.gates.values() for rule in gate.rules}
    yield from ("# Output formats", "", says["intro"], "")
    for name in formats.names():
        language, said = says[name]
        if not language:
            yield from (f"## {name}", "", said, "")
            continue
        text = formats.render(name, example, formats.Options(rules=by_code))
        if language == "json":
            text = spread(
                json.loads(text, parse_float=lambda digits: float(digits) if float(digits) % 1 else int(float(digits)))
            )
        yield from (f"## {name}", "", said.format(**{key: f"{value:,}" for key, value in limits.items()}), "")
        yield from fenced(language, text) if language != "markdown" else fenced_markdown(text)
    yield says["more"]


def testing() -> Iterator[str]:
    """The public names of `gates.testing`, with their signatures and docstrings."""
    yield from ("# gates.testing", "", texts("testing")["intro"])
    for module in (contract, project, run, tool, law):
        name = module.__name__
        yield from ("", f"## {name}", "", *paragraphs(inspect.getdoc(module) or ""))
        own = {key: one for key, one in vars(module).items() if not key.startswith("_")}
        for key in re.findall(r"(?m)^(?:def|class) ([a-zA-Z]\w*)", inspect.getsource(module)):
            yield from (f"### {name.rpartition('.')[2]}.{key}", "")
            yield from fenced("text", signature(key, own[key]))
            yield from paragraphs(inspect.getdoc(own[key]) or "")


def signature(name: str, one: Callable[..., Any]) -> str:
    """How a function is called, or a class made, with annotations as they are written."""
    if is_typeddict(one):
        fields = ", ".join(f"{key}: {kind.__forward_arg__}" for key, kind in one.__annotations__.items())
        written = f"{name}({fields})"
    else:
        written = re.sub(r"(: |-> )'([^']*)'", r"\1\2", f"{name}{inspect.signature(one)}")
    line = f"class {written.removesuffix(' -> None')}" if inspect.isclass(one) else written
    return textwrap.fill(line, LONGEST, subsequent_indent="    ", break_long_words=False)


def paragraphs(text: str) -> Iterator[str]:
    """A docstring as Markdown: indented blocks are code."""
    for code, parts in groupby(re.split(r"\n\s*\n", text), lambda part: part.startswith("    ")):
        if code:
            yield from fenced("python", textwrap.dedent("\n\n".join(parts)))
        else:
            for part in parts:
                yield from (" ".join(part.split()), "")


def spread(value: Any, margin: str = "") -> str:
    """JSON with a line for each value that does not fit into one, and long texts cut."""
    if isinstance(value, str) and len(value) > LONGEST:
        value = f"{value[:60]} …"
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(margin) <= LONGEST or not isinstance(value, dict | list):
        return line
    inner = margin + "  "
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return textwrap.fill(
            line, LONGEST, initial_indent=margin, subsequent_indent=inner, break_on_hyphens=False
        ).strip()
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + spread(one, inner) for one in value) + f"\n{margin}]"
    pairs = (f"{inner}{json.dumps(key)}: {spread(one, inner)}" for key, one in value.items())
    return "{\n" + ",\n".join(pairs) + f"\n{margin}}}"


def fenced_markdown(text: str) -> Sequence[str]:
    """A block that may hold blocks."""
    return ("````markdown", text.rstrip("\n"), "````", "")


if __name__ == "__main__":
    sys.exit(main())
