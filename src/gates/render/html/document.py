"""Document: the templates filled in; all text of others comes in as text, and the page itself forbids the rest.

Three fences, each of which would do: every value is shown as `escape.line` shows it, jinja2 escapes it, and the policy
in the page's head (Content-Security-Policy) allows no script, no address and no style but the one by its digest.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gates.render import escape, summary

if TYPE_CHECKING:
    from gates.render.html.page import Page


def written(page: Page, encoding: str) -> str:
    """The document; in ASCII with character references where the output is not UTF-8."""
    templates = _environment()
    style = _compact(templates.get_template("style.css").render())
    # The style is ours alone: no value is filled in, and its digest stands in the policy.
    text = templates.get_template("report.html").render(page=page, style=Markup(style), policy=_policy(style))  # noqa: S704
    return escape.xml_document(_compact(text), encoding) + "\n"


def _compact(text: str) -> str:
    """Without the margins and empty lines of the templates."""
    return "\n".join(filter(None, map(str.strip, text.split("\n"))))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gates.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    made.filters |= {
        "lines": lines,
        "spans": spans,
        "number": summary.number,
        "plural": lambda noun, count: summary.plural(count, noun),
    }
    return made


def shown(value: Any) -> Any:
    """A value as it may stand in the page: no character of it is hidden or acts on anything."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else text(value)


def text(value: str) -> str:
    """One line of text, which no terminal and no CI takes for a command either."""
    return escape.commands(escape.line(value))


def lines(value: str) -> list[str]:
    """The lines of a text of several, each to be shown by itself."""
    return escape.lines(value)


def spans(value: str) -> list[tuple[bool, str]]:
    """The parts of a text, each with whether it stood between backticks."""
    parts = value.split("`")
    if len(parts) % 2 == 0:
        return [(False, value)]
    return [(at % 2 == 1, part) for at, part in enumerate(parts) if part]


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
