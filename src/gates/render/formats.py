"""Formats: the table of output formats and the one way to render a report in any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from gates.errors import OutputError, PluginError, UsageError, nearest
from gates.model.rule import Rule
from gates.model.section import Detail
from gates.render import escape

if TYPE_CHECKING:
    from gates.model.report import Report

_MODULES = {
    "full": "gates.render.full",
    "concise": "gates.render.concise",
    "json": "gates.render.report_json",
    "sarif": "gates.render.sarif",
    "junit": "gates.render.junit",
    "github": "gates.render.github",
    "gitlab": "gates.render.gitlab",
    "markdown": "gates.render.markdown",
    "html": "gates.render.html",
}


def _nothing() -> Mapping[tuple[str, str], Detail]:
    return {}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a renderer may depend on besides the report.

    `encoding` is that of the place the text goes to; `width` is in characters, for prose on a terminal; `verbosity`
    is the number of `-v` less that of `-q`; `rules` (by code) give SARIF its help texts; `prefix` is the project's
    directory in its repository (`sub/dir/`), because GitHub counts paths from there. `details` makes the settings and
    sections behind each gate's verdict, by its project and name; `history` makes what the record says of the runs
    before this one. Formats without room for them never call them.
    """

    color: bool = False
    encoding: str = "utf-8"
    width: int = 100
    verbosity: int = 0
    rules: Mapping[str, Rule] = {}
    prefix: str = ""
    details: Callable[[], Mapping[tuple[str, str], Detail]] = _nothing
    history: Callable[[], Detail] = Detail


Renderer = Callable[["Report", Options], str]


def names(renderers: Mapping[str, Renderer] | None = None) -> tuple[str, ...]:
    """Every format by name: the built-in ones, then those of plugins."""
    return (*_MODULES, *sorted(renderers or {}))


def check(name: str, renderers: Mapping[str, Renderer] | None = None) -> None:
    """Refuse a format that does not exist, before any work is done for it.

    Raises:
        UsageError: there is no such format; the message names the nearest.
    """
    known = names(renderers)
    if name in known:
        return
    close = nearest(name, known, likeness=0.5)
    hint = f"did you mean `{close}`?" if close else f"there are {', '.join(known)}"
    raise UsageError(f"there is no output format `{escape.line(name)}`; {hint}")


def render(name: str, report: Report, options: Options, renderers: Mapping[str, Renderer] | None = None) -> str:
    """The report in the format `name`, as text that `options.encoding` can hold; it ends with a line end.

    Raises:
        UsageError: there is no such format; the message names the nearest.
        PluginError: a plugin's renderer bears the name of a built-in format.
        OutputError: a plugin's renderer raised, or returned something that is not text.
    """
    others = renderers or {}
    check(name, others)
    if name not in _MODULES:
        return escape.encodable(_foreign(name, others[name], report, options), options.encoding)
    if name in others:
        raise PluginError(f"a plugin registers the output format `{name}`, which is built in")
    text: str = import_module(_MODULES[name]).render(report, options)
    return escape.encodable(text, options.encoding)


def _foreign(name: str, renderer: Renderer, report: Report, options: Options) -> str:
    try:
        text: object = renderer(report, options)
    except Exception as error:
        raise OutputError(f"the output format `{name}` failed with {type(error).__name__}: {error}") from error
    if not isinstance(text, str):
        raise OutputError(f"the output format `{name}` returned {type(text).__name__} instead of text")
    return text
