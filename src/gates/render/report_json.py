"""JSON: the report itself as one object on one line; the contract that every other format is rendered from."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gates.model.report import Report
from gates.render import escape
from gates.render.formats import Options


def render(report: Report, options: Options) -> str:
    """The report in the order of its schema, with the keys of open mappings sorted: the same report, the same bytes."""
    return document(report, options.encoding)


def document(value: msgspec.Struct | Sequence[msgspec.Struct], encoding: str) -> str:
    """One struct or several as a line of JSON that is safe to print; surrogates, which it cannot hold, are shown."""
    try:
        data = msgspec.json.encode(value, order="deterministic")
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, order="deterministic")
        data = msgspec.json.encode(escape.without_surrogates(plain))
    return escape.json_document(data.decode("utf-8"), encoding) + "\n"
