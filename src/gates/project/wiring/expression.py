"""Expression: what `${{ ... }}` in a workflow comes to, as far as the file itself says it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

OPEN = "${{"
_EXPRESSION = re.compile(r"\$\{\{(?P<inner>.*?)\}\}", re.DOTALL)
_LITERAL = re.compile(r"'(?P<text>(?:[^']|'')*)'|(?P<plain>-?\d+(?:\.\d+)?|true|false)")
_NAME = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)+")
_FROM_JSON = re.compile(r"fromJSON\(\s*'(?P<text>(?:[^']|'')*)'\s*\)", re.IGNORECASE)

Scope = Mapping[str, str]
"""Values by their whole names, such as `matrix.os`, `env.PYTHON` and `inputs.version`."""


def resolved(text: str, scope: Scope) -> str:
    """`text` with each expression that `scope` answers replaced by its value; the others stay as they are."""

    def value(match: re.Match[str]) -> str:
        found = _value(match["inner"].strip(), scope)
        return match.group() if found is None else found

    return _EXPRESSION.sub(value, text)


def is_open(text: str) -> bool:
    """Whether a part of `text` is still an expression."""
    return OPEN in text


def listed(text: str) -> list[object] | None:
    """The list that `${{ fromJSON('[...]') }}` writes out, or None where it comes from elsewhere."""
    whole = _EXPRESSION.fullmatch(text.strip())
    found = None if whole is None else _FROM_JSON.fullmatch(whole["inner"].strip())
    if found is None:
        return None
    try:
        held = json.loads(found["text"].replace("''", "'"))
    except (ValueError, RecursionError):
        return None
    return held if isinstance(held, list) else None


def truth(text: str, scope: Scope) -> bool | None:
    """Whether the value of a key such as `continue-on-error` is true; None where the file does not say."""
    found = resolved(text, scope).strip().lower()
    return None if is_open(found) else found not in {"", "0", "false", "no", "off"}


def _value(inner: str, scope: Scope) -> str | None:
    """The value of `a || 'b'`, where each side is a name or a literal: that of the first that is not false."""
    for side in inner.split("||"):
        found = _simple(side.strip(), scope)
        if found is None:
            return None
        if found not in {"", "false", "0"}:
            return found
    return found


def _simple(side: str, scope: Scope) -> str | None:
    literal = _LITERAL.fullmatch(side)
    if literal is not None:
        return literal["plain"] or literal["text"].replace("''", "'")
    if not _NAME.fullmatch(side):
        return None
    if side in scope:
        return scope[side]
    # A key that some combinations of a matrix do not have is empty in the others.
    return "" if side.startswith("matrix.") and "matrix" in scope else None
