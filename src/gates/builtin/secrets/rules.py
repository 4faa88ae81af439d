"""Rules of the gate `secrets`."""

from __future__ import annotations

from gates.model.rule import Rule

FOUND = Rule(
    code="SEC001",
    name="secret-found",
    summary="A tracked file holds something that looks like a secret.",
    explanation=(
        "detect-secrets looks at every tracked file with all of its detectors. What it finds is a finding unless the"
        " baseline has it and the audit says that it is none. A file that is not UTF-8 is read as Latin-1, since the"
        " tool itself passes over it without a word. The message has the kind, the place and the beginning of the"
        " digest; the text itself is kept nowhere."
    ),
    fix="Revoke the secret and take it out; if it is none: `detect-secrets scan --baseline FILE` and `audit FILE`.",
)

LEAKED = Rule(
    code="SEC002",
    name="secret-in-history",
    summary="A commit of the change holds something that looks like a secret, and the files no longer do.",
    explanation=(
        "A secret that one commit adds and a later one takes out is leaked as soon as both are pushed: every clone"
        " has it. All versions of all files in the commits between the base and HEAD are looked at, and the commits'"
        " messages. What the base already had is not of this change."
    ),
    fix="Revoke the secret, then rewrite the commits before anybody fetches them: `git rebase -i BASE`.",
)

UNAUDITED = Rule(
    code="SEC003",
    name="baseline-unaudited",
    summary="The baseline has an entry that nobody audited.",
    explanation=(
        "A baseline is a list of what was found on the day it was made, secrets included. It excuses nothing until"
        " somebody has looked at each entry and said that it is no secret (`is_secret: false`)."
    ),
    fix="Run `detect-secrets audit .secrets.baseline` and commit it.",
)

REAL = Rule(
    code="SEC004",
    name="baseline-real-secret",
    summary="The baseline has an entry that the audit calls a secret.",
    explanation=(
        "The audit says that it is a real one (`is_secret: true`), and it is still known to be in the repository."
    ),
    fix="Revoke the secret, take it out of the file, and then its entry out of the baseline.",
)

STALE = Rule(
    code="SEC005",
    name="baseline-stale",
    summary="The baseline has an entry of something that is no longer there.",
    explanation="An entry that stands for nothing would excuse the same text when it comes back to that file.",
    fix="Run `detect-secrets scan --baseline .secrets.baseline`, which drops what is gone and keeps the audit.",
)

FEWER = Rule(
    code="SEC006",
    name="baseline-fewer-detectors",
    summary="The baseline was made with fewer detectors than are used now.",
    explanation=(
        "detect-secrets takes its detectors from the baseline: what one of the others would find is never shown to"
        " whoever makes or audits it."
    ),
    fix="Run `detect-secrets scan --baseline .secrets.baseline --force-use-all-plugins`, audit it and commit it.",
)

UNREAD = Rule(
    code="SEC007",
    name="file-not-read",
    summary="A file could not be looked into.",
    explanation=(
        "It is larger than `largest`, or cannot be read. Binary files, links, submodules and the pointers of Git LFS"
        " are counted in a note: there is no text in them to look at."
    ),
    fix="Raise `largest` in [tool.gates.secrets], or name the file in `exclude`.",
)

RULES = (FOUND, LEAKED, UNAUDITED, REAL, STALE, FEWER, UNREAD)
