"""Tokens: what secrets look like that services hand out, and what stands in their place."""

from __future__ import annotations

import re
from functools import lru_cache

MASK = "<<REDACTED>>"

SHAPES: tuple[tuple[tuple[str, ...], str], ...] = (
    # Each pattern runs only where one of its words occurs: over megabytes of output the search for a word is cheap.
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{20,255}"),
    (("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{20,255}"),
    (("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-"), r"\bgl(?:pat|dt|rt|cbt|ptt)-[\w.-]{20,300}"),
    (("AKIA", "ASIA"), r"\bA[KS]IA[A-Z2-7]{16}\b"),
    (
        ("aws_secret", "AWS_SECRET", "SecretAccessKey"),
        r"(?i:aws_secret_access_key|SecretAccessKey)\\?[\"']?\s{0,8}[=:]\s{0,8}\\?[\"']?(?P<secret>[A-Za-z0-9/+=]{40})",
    ),
    (("xox",), r"\bxox[a-z]-[\w-]{10,250}"),
    (("xapp-",), r"\bxapp-\d-[\w-]{10,250}"),
    (("hooks.slack.com",), r"hooks\.slack\.com/(?P<secret>(?:services|workflows)/[\w/]{20,200})"),
    (("pypi-",), r"\bpypi-[\w-]{32,400}"),
    (("eyJ",), r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"),
    (
        ("uthorization", "UTHORIZATION"),
        (
            r"(?i:authorization)\\?[\"']?\s{0,8}[:=]\s{0,8}\\?[\"']?"
            r"(?P<secret>(?:[A-Za-z][\w-]{0,20} {1,4})?[^\s\"'\\,;<>]{4,})"
        ),
    ),
    (("://",), r"://(?P<secret>[^\s/?#\"'<>@\\]{1,400})@"),
)
ARMOUR = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,.]|-(?!----))*+"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
)
"""A private key as PEM and OpenPGP have it, in lines or escaped in one."""

EMAIL = ((("@",), r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"),)


@lru_cache(maxsize=128)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled at its first use: to compile all of them costs more than most texts do."""
    return re.compile(pattern)


def unarmoured(text: str) -> str:
    """`text` without private keys."""
    return compiled(ARMOUR).sub(MASK, text) if "PRIVATE KEY" in text else text


def masked(match: re.Match[str]) -> str:
    """What stands in the place of a match: only its group `secret` is hidden where it has one."""
    whole = match.group()
    if not whole:
        return whole
    if "secret" not in match.re.groupindex or match.start("secret") < 0:
        return MASK
    start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
    return f"{whole[:start]}{MASK}{whole[end:]}"
