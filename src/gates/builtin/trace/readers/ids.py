"""Ids: how teams write them, told from words that only look alike."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from functools import lru_cache

from gates.builtin.trace.readers import ratings

HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–−﹣－", "-"))
BODY = r"[A-Za-z][A-Za-z0-9]{0,19}(?:[-_.][A-Za-z0-9]{1,24}){0,7}"
STRONG = re.compile(
    r"[A-Za-z][A-Za-z0-9]{0,14}(?:[-_.][A-Za-z0-9]{1,24}){0,7}?[-_.]?\d{1,6}(?:\.\d{1,4}){0,4}[A-Za-z]?"
)
CAPITALS = re.compile(r"[A-Z][A-Z0-9]{0,19}(?:[-_][A-Z0-9]{1,24}){1,7}")
SLUG = re.compile(r"[a-z][a-z0-9]{1,24}(?:[-_./][a-z0-9]{1,24}){1,7}")
NUMERIC = re.compile(r"#?\d{1,6}(?:\.\d{1,4}){0,5}")
FALSE = re.compile(
    r"(?:utf|sha|iso|rfc|http|ipv|md|tls|ssl|python|oauth|cve|v\d+|e2e|k8s|i18n|l10n|a11y|s3|ec2|aes|rsa|latin|c\+\+|java|"
    r"node|gpt|covid|ubuntu|debian|pep|sev|day|week|month|year|top)[-_.]?\d+(?:\.\d+)*[a-z]?|base[-_.]?(?:16|32|58|64)|"
    r"(?:x|win|h|es|py|p|q|v|mp|ed|cp|arm|amd|c|web)[_.]?\d+(?:\.\d+)*[a-z]?|README|TODO|WIP|TBD|"
    r"[a-z]2[a-z]|s3|ec2|k8s|w3c|i2[cs]|h2o|mp[34]|x(?:11|86|64)|i18n|l10n|a11y|http[23]|ipv[46]|sha1|md5|web3|h26[45]|"
    r"(?:READ-ONLY|END-TO-END|NICE-TO-HAVE|MUST-HAVE|TO-DO|IN-PROGRESS|NOT-STARTED|REAL-TIME|(?:MULTI|NON|RE|PRE)-(?!\d+$)\w+)",
    re.IGNORECASE,
)
RATINGS = 3
"""How many ratings may stand before an id."""
TASK = re.compile(r"T\d{3,4}[a-z]?")
LEAD = re.compile(
    r"(?P<open>[*_`~\[(]{0,6})(?P<id>[A-Za-z][A-Za-z0-9]{0,24}(?:[-_./‐‑‒–−][A-Za-z0-9]{1,24}){0,8}|\d{1,4}(?:\.\d{1,4}){1,5})"
    r"(?P<close>[*_`~\])]{0,6}(?:\([^()\s]{1,200}\))?[*_`~\])]{0,4})(?P<sep>\s*(?::|—|–|\||->|→|=>)[*_]{0,3}\s*|\.?\s+-{1,2}\s+|\.\s+|\s+(?=[(\[])|\s+|$)"
)
LIKELY = re.compile(r"[*_`~\[(]{0,6}[A-Za-z]{0,25}[-_./0-9‐‑‒–−]")
"""An id has a digit or a hyphen behind its first letters."""


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """An id without its dress: markup, link, brackets, hyphens of other kinds."""
    bare = text.strip()
    if bare.startswith("<"):
        bare = re.sub(r"<[^<>]*>", "", bare).strip()
    match = re.match(r"[*_`~]*\[([^\[\]]+)\](?:\([^()]*\)|\[[^\]]*\])", bare)
    if match:
        bare = match.group(1)
    bare = bare.translate(HYPHENS).strip("*`~[] \t:_").rstrip(".")
    return bare.strip("()") if bare.startswith("(") or bare.count("(") != bare.count(")") else bare


def key(identity: str) -> str:
    """What two spellings of one id have in common."""
    return identity.translate(HYPHENS).casefold()


@lru_cache(maxsize=16384)
def is_strong(token: str) -> bool:
    """Whether a token is an id wherever it stands at the beginning: it counts something, or is capitals and hyphens."""
    if len(token) > 48 or FALSE.fullmatch(token):
        return False
    if CAPITALS.fullmatch(token):
        return True
    return STRONG.fullmatch(token) is not None and (token[0].isupper() or "-" in token or "_" in token)


def is_counted(token: str) -> bool:
    """Whether a token is a strong id of two parts, which no heading among the rows of a table is."""
    return ("-" in token or "_" in token) and token[-1:].isdigit() and is_strong(token)


def is_numeric(token: str) -> bool:
    """Whether a token is a number, such as 3 or 2.1 or #12."""
    return NUMERIC.fullmatch(token) is not None


def leading(text: str) -> tuple[str, str, str] | None:  # noqa: PLR0911
    """The id at the beginning of a line, the text after it, and how it is set apart; None where there is none.

    How is one of `mark` (bold, code or brackets), `sep` (a colon or a dash follows), `word` (a blank only).
    """
    for _ in range(RATINGS):
        rated = ratings.leading(text)
        if rated is None:
            break
        text = text[rated.end() :]
    match = LEAD.match(text) if LIKELY.match(text) else None
    if match is None:
        return None
    opened, token, close, sep = match.groups()
    rest = text[match.end() :]
    token = token.rstrip(".") if token.isascii() else token.translate(HYPHENS).rstrip(".")
    bold = "**" in opened or "__" in opened
    closed = bool(close.strip("("))
    rated = ratings.leading(rest)
    parted = bool(sep.strip()) or (not rest and bool(opened)) or (rated is not None and bool(rated.group("colon")))
    how = "mark" if opened.strip("~") and closed else "sep" if parted else "word"
    if token[0].isdigit():
        return (token, _rest(opened, close, rest), how) if how != "word" or token.count(".") >= 1 else None
    if is_strong(token):
        compound = "-" in token or "_" in token or TASK.fullmatch(token) is not None
        if how == "word" and not compound and not rest.startswith(("(", "[")):
            return None
        if how == "word" and not any(character.isdigit() for character in token):
            return None
        return token, _rest(opened, close, rest), how
    if (
        ("-" in token or "_" in token)
        and "." not in token
        and "/" not in token
        and SLUG.fullmatch(token)
        and ((how == "mark" and sep.strip()) or (bold and closed) or how == "sep")
    ):
        return token, _rest(opened, close, rest), how
    return None


def _rest(opened: str, close: str, rest: str) -> str:
    """The text after the id; where the bold text goes on beyond the id, without the stars that end it."""
    if "**" in opened and "**" not in close:
        return rest.replace("**", "", 1)
    return rest


def is_slug(token: str) -> bool:
    """Whether an id is small words with hyphens, which a text may hold without meaning an id."""
    return token == token.lower() and not any(map(str.isdigit, token))


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """A text as part of a derived id: small letters, digits and hyphens."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return "-".join(words)[:80].strip("-")
