"""Addresses: URLs without what nobody may read in a report."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s\"'<>\\]+")
SECRET = re.compile(
    r"(?i)token|secret|passw|passwd|\bpwd\b|api[-_]?key|\bkey\b|auth|credential|signature|\bsig\b|x-amz-|x-goog-"
)
"""Names of query parameters whose values open something."""

HARMLESS = frozenset({"git", "hg", "svn"})
"""Users that are no secret: `ssh://git@host/…` says how a repository is reached, not who may."""


def cleaned(url: str) -> str:
    """`url` without user, password and the values of secret parameters; what is no URL comes back as it is."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")
        user = host[0]
    except ValueError:
        return ""
    if not parts.scheme or (not parts.netloc and not parts.query):
        return url
    kept = f"{user}@" if user in HARMLESS and parts.scheme.endswith("ssh") else ""
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(SECRET.search(name) for name, _ in pairs):
        query = urlencode([(name, value) for name, value in pairs if not SECRET.search(name)])
    fragment = "" if SECRET.search(parts.fragment) else parts.fragment
    return urlunsplit((parts.scheme, kept + host[2], parts.path, query, fragment))


def scrubbed(text: str) -> str:
    """`text` with every URL in it `cleaned`."""
    return ADDRESS.sub(lambda found: cleaned(found[0]), text)


def carries_secret(text: str) -> bool:
    """Whether a URL in `text` holds what `cleaned` takes out."""
    return scrubbed(text) != text
