"""Redaction: secrets become `<<REDACTED>>` in all that is kept or printed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import msgspec

from gates.errors import ConfigError
from pytest_vltair.tokens import EMAIL, MASK, SHAPES, compiled, masked, unarmoured

SHORTEST = 8
"""A shorter value is no secret worth the name, and replacing it would tear ordinary words apart."""

SECRET_NAME = re.compile(
    r"(?:^|_)(?:\w*TOKENS?|\w*SECRETS?|\w*PASSWORDS?|PASSWD|\w*PASSPHRASE|PASS|PWD|\w*CREDENTIALS?|AUTH|COOKIE|"
    r"(?:ACCESS|API|AUTH|DEPLOY|ENCRYPTION|MASTER|PRIVATE|SECRET|SIGNING|SSH)?KEYS?)(?:_|$)",
    re.IGNORECASE,
)
HARMLESS_NAME = re.compile(r"^(?:OLD)?PWD$|^VLTAIR_CHILD_TOKEN$", re.IGNORECASE)

WORD = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/=_-]{20,}(?![\w+/=-])")
HEX = re.compile(r"[0-9a-fA-F]{32,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DISORDER = 3.8
"""Bits of Shannon entropy per character from which a mixed word of 20 characters or more looks random.

20 random letters and digits have 4.1 on average and hardly ever less than 3.8; words joined by hyphens and slashes
reach that too, so upper case, lower case and a digit are asked for as well.
"""


class Redactor(msgspec.Struct, frozen=True, kw_only=True):
    """Replaces known secrets and what looks like one; `text` and `data` agree with each other."""

    values: tuple[str, ...]
    lines: tuple[str, ...]
    shapes: tuple[tuple[tuple[str, ...], str], ...]
    patterns: tuple[re.Pattern[str], ...]
    strict: bool

    def text(self, s: str) -> str:
        """`s` without secrets."""
        for value in self.values:
            s = s.replace(value, MASK)
        s = unarmoured(s)
        # Not before: the first line of a known key is that of any other, which is recognised by it.
        for line in self.lines:
            s = s.replace(line, MASK)
        for words, shape in self.shapes:
            if any(word in s for word in words):
                s = compiled(shape).sub(masked, s)
        for pattern in self.patterns:
            s = pattern.sub(masked, s)
        return WORD.sub(_random_masked, s) if self.strict else s

    def data(self, b: bytes) -> bytes:
        """`b` without secrets; bytes that are no UTF-8 stay as they are."""
        return self.text(b.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def redactor(
    environ: Mapping[str, str], *, profile: Literal["standard", "strict"] = "standard", patterns: Sequence[str] = ()
) -> Redactor:
    """A redactor for the secrets of `environ`, the token shapes of `profile`, and the user's own patterns.

    A pattern with a group named `secret` hides that group, any other the whole match.

    Raises:
        ConfigError: a pattern is no regular expression.
    """
    return _made(frozenset(environ.items()), profile, tuple(patterns))


@lru_cache(maxsize=4)
def _made(
    environ: frozenset[tuple[str, str]], profile: Literal["standard", "strict"], patterns: tuple[str, ...]
) -> Redactor:
    """The redactor; a command asks for the same one several times, and to look through an environment takes long."""
    return Redactor(
        values=tuple(_known(dict(environ), _forms)),
        lines=tuple(_known(dict(environ), _lines)),
        shapes=(*SHAPES, *EMAIL) if profile == "strict" else SHAPES,
        patterns=tuple(_compiled(pattern) for pattern in patterns),
        strict=profile == "strict",
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"redact pattern {pattern!r} is no regular expression: {error}") from error


def _known(environ: Mapping[str, str], forms: Callable[[str], Iterable[str]]) -> list[str]:
    """Secret values and the forms in which tools print them, the longest first so that none hides half of another."""
    found: set[str] = set()
    for name, value in environ.items():
        if SECRET_NAME.search(name) and not HARMLESS_NAME.search(name) and not _is_place(value):
            found.update(forms(value))
    return sorted((form for form in found if len(form) >= SHORTEST and form not in MASK), key=lambda s: (-len(s), s))


def _forms(value: str) -> Iterable[str]:
    import json  # costs milliseconds, in every run: many environments have no secret

    stripped = value.strip()
    yield stripped
    yield json.dumps(stripped)[1:-1]
    yield json.dumps(stripped, ensure_ascii=False)[1:-1]
    yield quote(stripped.encode("utf-8", "surrogateescape"), safe="")
    yield repr(stripped)[1:-1]


def _lines(value: str) -> Iterable[str]:
    """Tools print a key of many lines one by one; a short line is as likely to be ordinary text."""
    return (line.strip() for line in value.strip().splitlines() if len(line.strip()) >= 2 * SHORTEST)


def _is_place(value: str) -> bool:
    """Whether a value such as that of SSH_AUTH_SOCK is a path: hiding it would tear up the paths in findings."""
    try:
        return Path(value).is_absolute() and Path(value).exists()
    except (OSError, ValueError):
        return False


def _random_masked(match: re.Match[str]) -> str:
    return MASK if _is_random(match.group()) else match.group()


def _is_random(word: str) -> bool:
    if HEX.fullmatch(word):
        return len(set(word)) > SHORTEST
    kinds = (str.isupper, str.islower, str.isdigit)
    return all(any(kind(char) for char in word) for kind in kinds) and _entropy(word) >= DISORDER


def _entropy(word: str) -> float:
    """Shannon entropy in bits per character."""
    size = len(word)
    return -sum(count / size * math.log2(count / size) for count in Counter(word).values())
