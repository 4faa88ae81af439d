"""Finding: one violation of a rule at a place."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import msgspec

from gates.model.rule import Rule, Severity

CONTENT = 12
"""Digits of a fingerprint that stay the same when the file is renamed; the rest is about the path."""


def fingerprint(rule: str, path: str | None, subject: str | None, source: str) -> str:
    """16 hex digits that name a finding without its line number: 12 over what it is about, 4 over its path.

    `source` is the text of the line at fault, or whatever identifies it when there is no line. White space is
    folded, so that re-indenting or moving the line keeps the fingerprint (SARIF 2.1.0, 3.27.17 `partialFingerprints`);
    a subject that begins with the path counts without it, so that a rename keeps the first 12.
    """
    about = (subject or "").removeprefix(path or "")
    content = "\x00".join((rule, about, " ".join(source.split())))
    return _digest(content)[:CONTENT] + _of_path(path or "")


@lru_cache(maxsize=1024)
def _of_path(path: str) -> str:
    return _digest(path)[: 16 - CONTENT]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, where, and by which rule; lines and columns count from 1.

    `aliases` are further names of the subject by which a waiver may name it, left out where there are none.
    """

    rule: str
    name: str
    message: str
    fingerprint: str
    severity: Severity = "error"
    tool_rule: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    subject: str | None = None
    waived_by: str | None = None
    baselined: bool = False
    aliases: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def blocks(self) -> bool:
        """Whether this finding alone makes its gate fail."""
        return self.severity == "error" and self.waived_by is None and not self.baselined


def finding(
    rule: Rule,
    message: str,
    *,
    path: str | None = None,
    line: int | None = None,
    column: int | None = None,
    end_line: int | None = None,
    subject: str | None = None,
    tool_rule: str | None = None,
    source: str = "",
) -> Finding:
    """A finding of `rule` with the rule's severity; `source` is the text of the line at fault."""
    code = rule.code if tool_rule is None else f"{rule.code}:{tool_rule}"
    return Finding(
        rule=rule.code,
        name=rule.name,
        message=message,
        fingerprint=fingerprint(code, path, subject, source),
        severity=rule.severity,
        tool_rule=tool_rule,
        path=path,
        line=line,
        column=column,
        end_line=end_line,
        subject=subject,
    )


def place(item: Finding) -> tuple[str, int, int, str, str, str]:
    """The documented order of findings: path, line, column, rule, tool rule, message."""
    return (item.path or "", item.line or 0, item.column or 0, item.rule, item.tool_rule or "", item.message)
