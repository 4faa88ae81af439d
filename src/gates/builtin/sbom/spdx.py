"""SPDX: licence expressions, and whether a policy lets one pass.

The grammar is that of the SPDX specification, annex D: `WITH` binds closest, then `AND`, then `OR`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

import msgspec

Ruled = Literal["allowed", "unknown", "denied"]
ORDER: tuple[Ruled, ...] = ("denied", "unknown", "allowed")
"""From the worst to the best: of `AND` the worst of its parts holds, of `OR` the best."""

WORD = re.compile(r"\s*(\(|\)|[A-Za-z0-9.+:-]+)")
DEEPEST = 50


class Leaf(msgspec.Struct, frozen=True):
    """One licence, as `Apache-2.0` or `GPL-2.0-only WITH Classpath-exception-2.0`; `base` is the part before `WITH`."""

    text: str
    base: str


class Both(msgspec.Struct, frozen=True):
    """Expressions that hold together (`AND`) or one of which may be chosen (`OR`)."""

    operator: Literal["AND", "OR"]
    parts: tuple[Leaf | Both, ...]


Expression = Leaf | Both


def canonical(text: str) -> str:
    """The expression `text` as SPDX writes it; "" where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return str(canonicalize_license_expression(text))
    except (InvalidLicenseExpression, ValueError, RecursionError):
        return ""


@lru_cache(maxsize=1024)
def parsed(text: str) -> Expression | None:
    """The expression that `text` is with identifiers that SPDX knows (or `LicenseRef-…`); None where it is none."""
    plain = canonical(text)
    words = [found[1] for found in WORD.finditer(plain)]
    if not words or "".join(words) != "".join(plain.split()) or plain.count("(") > DEEPEST:
        return None
    return _Reader(words).whole()


def judged(expression: Expression, allow: Sequence[str], deny: Sequence[str]) -> Ruled:
    """What the policy says: a leaf is denied, allowed, or unknown, and operators join that.

    Without a list of allowed ones, all that is not denied is allowed.
    """
    if isinstance(expression, Leaf):
        return _leaf(expression, allow, deny)
    ranks = [ORDER.index(judged(one, allow, deny)) for one in expression.parts]
    return ORDER[max(ranks) if expression.operator == "OR" else min(ranks)]


def leaves(expression: Expression) -> tuple[Leaf, ...]:
    """The licences that an expression names, in their order."""
    if isinstance(expression, Leaf):
        return (expression,)
    return tuple(leaf for one in expression.parts for leaf in leaves(one))


def _leaf(leaf: Leaf, allow: Sequence[str], deny: Sequence[str]) -> Ruled:
    """The longer form decides first: who names an exception means that very combination.

    An exception only gives more, so that a licence that is allowed without one is allowed with it.
    """
    if leaf.text != leaf.base:
        if _matches(leaf.text, deny, exact=True):
            return "denied"
        if _matches(leaf.text, allow, exact=True):
            return "allowed"
    if _matches(leaf.base, deny):
        return "denied"
    if not allow or _matches(leaf.base, allow):
        return "allowed"
    return "unknown"


def _matches(text: str, patterns: Sequence[str], *, exact: bool = False) -> bool:
    low = " ".join(text.lower().split())
    wanted = (" ".join(one.lower().split()) for one in patterns)
    return any(low == one if exact else fnmatchcase(low, one) for one in wanted)


class _Reader:
    """A reader by descent over words that are known to be an expression."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.at = 0

    def whole(self) -> Expression | None:
        try:
            found = self.either()
        except (IndexError, ValueError):
            return None
        return found if self.at == len(self.words) else None

    def either(self) -> Expression:
        return self.joined("OR", self.both)

    def both(self) -> Expression:
        return self.joined("AND", self.one)

    def joined(self, operator: Literal["AND", "OR"], inner: Callable[[], Expression]) -> Expression:
        parts = [inner()]
        while self.at < len(self.words) and self.words[self.at].upper() == operator:
            self.at += 1
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Both(operator, tuple(parts))

    def one(self) -> Expression:
        word = self.next()
        if word == "(":
            found = self.either()
            if self.next() != ")":
                raise ValueError
            return found
        if word == ")" or word.upper() in {"AND", "OR", "WITH"}:
            raise ValueError
        if self.at < len(self.words) and self.words[self.at].upper() == "WITH":
            self.at += 1
            return Leaf(f"{word} WITH {self.next()}", word)
        return Leaf(word, word)

    def next(self) -> str:
        word = self.words[self.at]
        self.at += 1
        return word
