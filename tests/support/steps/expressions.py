"""Expressions: the part of GitHub's expression language that our files use, evaluated; the rest is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][\w-]*(?:\.(?:\*|[A-Za-z_][\w-]*))*)"
    r"|(?P<sign>==|!=|&&|\|\||[!(),]))"
)
PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = re.compile(r"\b(?:always|success|failure|cancelled)\s*\(")

Contexts = Mapping[str, Any]


class UnknownError(AssertionError):
    """An expression that this evaluator does not know."""


def filled(text: Any, contexts: Contexts) -> str:
    """A value of `env` or `with`: each `${{ … }}` in it replaced by what it says."""
    if isinstance(text, bool):
        return str(text).lower()
    return PLACE.sub(lambda match: shown(evaluate(match[1], contexts)), str(text))


def value(text: str, contexts: Contexts) -> Any:
    """What one expression says, in its own type; text without one is itself."""
    match = PLACE.fullmatch(text.strip())
    return evaluate(match[1], contexts) if match else filled(text, contexts)


def condition(text: Any, contexts: Contexts) -> bool:
    """Whether a step's `if` lets it run; without a status function it is asked of a job without a failure."""
    if text is None:
        return truth(evaluate("success()", contexts))
    plain = str(text).lower() if isinstance(text, bool) else str(text).strip()
    match = PLACE.fullmatch(plain)
    plain = match[1] if match else plain
    if not STATUS.search(plain):
        plain = f"success() && ({plain})"
    return truth(evaluate(plain, contexts))


def evaluate(text: str, contexts: Contexts) -> Any:
    """What an expression says.

    Raises:
        UnknownError: it has something that this evaluator does not know.
    """
    reader = _Reader(text, contexts)
    found = reader.either()
    if reader.tokens:
        raise UnknownError(f"{text!r}: {reader.tokens[0]} is one too many")
    return found


def shown(one: Any) -> str:
    """A value as text."""
    if one is None:
        return ""
    if isinstance(one, bool):
        return str(one).lower()
    if isinstance(one, Mapping | list):
        return "Object" if isinstance(one, Mapping) else "Array"
    return str(one)


def truth(one: Any) -> bool:
    """Whether a value counts as true."""
    return one not in (None, False, "", 0)


class _Reader:
    def __init__(self, text: str, contexts: Contexts) -> None:
        self.text = text
        self.contexts = contexts
        self.tokens = list(self._split(text))

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while text[at:].strip():
            match = TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise UnknownError(f"{text!r}: not known at {text[at:]!r}")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        return tokens

    def _take(self, *signs: str) -> str:
        if self.tokens and self.tokens[0][0] == "sign" and self.tokens[0][1] in signs:
            return self.tokens.pop(0)[1]
        return ""

    def either(self) -> Any:
        left = self.both()
        while self._take("||"):
            right = self.both()
            left = left if truth(left) else right
        return left

    def both(self) -> Any:
        left = self.equal()
        while self._take("&&"):
            right = self.equal()
            left = right if truth(left) else left
        return left

    def equal(self) -> Any:
        left = self.single()
        while sign := self._take("==", "!="):
            left = _equal(left, self.single()) == (sign == "==")
        return left

    def single(self) -> Any:
        if self._take("!"):
            return not truth(self.single())
        if self._take("("):
            inner = self.either()
            self._need(")")
            return inner
        if not self.tokens or self.tokens[0][0] == "sign":
            raise UnknownError(f"{self.text!r}: a value is missing")
        kind, text = self.tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if "." in text else int(text)
        if self._take("("):
            return self._call(text)
        return self._named(text)

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise UnknownError(f"{self.text!r}: {sign} is missing")

    def _call(self, name: str) -> Any:
        given: list[Any] = []
        if not self._take(")"):
            given.append(self.either())
            while self._take(","):
                given.append(self.either())
            self._need(")")
        failed = self.contexts["status"] == "failure"
        known: dict[tuple[str, int], Callable[..., Any]] = {
            ("always", 0): lambda: True,
            ("success", 0): lambda: not failed,
            ("failure", 0): lambda: failed,
            ("toJSON", 1): lambda one: json.dumps(one, indent=2),
            ("fromJSON", 1): json.loads,
            ("join", 2): lambda items, between: between.join(map(shown, items)),
            ("contains", 2): lambda where, what: shown(what).lower() in shown(where).lower(),
            ("startsWith", 2): lambda where, what: shown(where).lower().startswith(shown(what).lower()),
        }
        if (name, len(given)) not in known:
            raise UnknownError(f"{self.text!r}: the function {name} of {len(given)} is not known")
        return known[name, len(given)](*given)

    def _named(self, path: str) -> Any:
        if path in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[path]
        first, *rest = path.split(".")
        if first == "status" or first not in self.contexts:
            raise UnknownError(f"{self.text!r}: the context {first} is not known")
        found: Any = self.contexts[first]
        for name in rest:
            if name == "*":
                found = list(found.values()) if isinstance(found, Mapping) else list(found or ())
            elif isinstance(found, list):
                found = [one[name] for one in found if isinstance(one, Mapping) and name in one]
            else:
                found = found.get(name) if isinstance(found, Mapping) else None
        return found


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is type(right):
        return bool(left == right)
    one, other = _number(left), _number(right)
    return not math.isnan(one) and one == other


def _number(one: Any) -> float:
    if one is None:
        return 0
    try:
        return float(one or 0)
    except (TypeError, ValueError):
        return math.nan
