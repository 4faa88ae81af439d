"""Canaries: how to make each rule of the gate `secrets` fire, with keys that open nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gates.builtin.secrets import rules
from gates.model.canary import Canary, Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.process import failure

if TYPE_CHECKING:
    from gates.builtin.secrets.settings import SecretsSettings
    from gates.model.gate import Context

FILE, LEAK = "gates_canary_secret.txt", "gates_canary_leak.txt"
AUTHOR = ("-c", "user.name=canary", "-c", "user.email=canary@localhost", "-c", "commit.gpgsign=false")
KIND = "AWS Access Key"
# In two halves, so that nobody who looks for secrets takes this file for one that has any.
KEY = "AKIA" + "GATESCANARYXQZWV"
TEXT = f"{KEY}\n"

Plant = Callable[["Context[SecretsSettings]"], "Planted | Reason"]


def _found(context: Context[SecretsSettings]) -> Planted | Reason:
    return _tracked(context, TEXT) or Planted(path=FILE, line=1)


def _entry(verdict: bool | None) -> Plant:
    def plant(context: Context[SecretsSettings]) -> Planted | Reason:
        why = _tracked(context, TEXT) or _listed(context, verdict)
        return why or Planted(path=FILE, line=1)

    return plant


def _stale(context: Context[SecretsSettings]) -> Planted | Reason:
    return _listed(context, verdict=False) or Planted(path=context.settings.baseline)


def _fewer(context: Context[SecretsSettings]) -> Planted | Reason:
    found = _baseline(context)
    if isinstance(found, Reason):
        return found
    found["plugins_used"] = [{"name": "AWSKeyDetector"}]
    _write(context, found)
    return Planted(path=context.settings.baseline)


def _unread(context: Context[SecretsSettings]) -> Planted | Reason:
    return _tracked(context, "a word of a text that is long\n" * 10) or Planted(path=FILE, settings={"largest": 100})


def _leaked(context: Context[SecretsSettings]) -> Planted | Reason:
    """A branch that adds the key and takes it out again, merged: no file has it."""
    place = context.project.root / LEAK
    try:
        place.write_text(TEXT, encoding="utf-8")
        _said(context, "add", "-f", "--", LEAK)
        with_key = _said(context, "write-tree")
        place.write_text("The key is gone.\n", encoding="utf-8")
        _said(context, "add", "-f", "--", LEAK)
        tree = _said(context, "write-tree")
        add = _said(context, *AUTHOR, "commit-tree", with_key, "-p", "HEAD", "-m", "add")
        remove = _said(context, *AUTHOR, "commit-tree", tree, "-p", add, "-m", "remove")
        merge = _said(context, *AUTHOR, "commit-tree", tree, "-p", "HEAD", "-p", remove, "-m", "merge")
        _said(context, "update-ref", "--no-deref", "HEAD", merge)
    except _RefusedError as refused:
        return refused.reason
    return Planted(path=None)


def _tracked(context: Context[SecretsSettings], text: str) -> Reason | None:
    """Write the file and have git track it, where there is git; why that cannot be."""
    (context.project.root / FILE).write_text(text, encoding="utf-8")
    if context.project.git is not None:
        try:
            _said(context, "add", "-f", "--", FILE)
        except _RefusedError as refused:
            return refused.reason
    return None


class _RefusedError(Exception):
    """git does not do what a canary needs."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.message)
        self.reason = reason


def _said(context: Context[SecretsSettings], *words: str) -> str:
    """What `git WORDS` says in the copy.

    Raises:
        _RefusedError: it is in no repository, or git refuses.
    """
    if context.project.git is None:
        message = "the project is not in a git work tree"
        raise _RefusedError(Reason(code="does_not_apply", message=message, fix="git init"))
    run = context.run(["git", *words])
    stopped = failure.stopped(run, "git", "secrets")
    if stopped is not None:
        raise _RefusedError(stopped)
    if run.code != 0:
        message = f"git refuses: {failure.last_words(run)}"
        raise _RefusedError(Reason(code="does_not_apply", message=message, fix="git status"))
    return run.text.strip()


def _baseline(context: Context[SecretsSettings]) -> dict[str, Any] | Reason:
    """The project's own baseline, else one without entries and with every detector."""
    place = context.project.root / context.settings.baseline
    if place.is_file():
        try:
            held = json.loads(place.read_text("utf-8"))
        except (OSError, ValueError):
            held = None
        if isinstance(held, dict) and isinstance(held.get("results"), dict):
            return held
    tool = context.tool("detect-secrets", module="detect_secrets")
    if isinstance(tool, Refusal):
        return tool.reason
    empty = context.scratch / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    run = context.run([*tool.argv, "-C", str(empty), "scan", "--all-files", "--no-verify", "."], cwd=empty)
    stopped = failure.stopped(run, "detect-secrets", "secrets")
    if stopped is not None:
        return stopped
    made: dict[str, Any] = json.loads(run.stdout)
    return made


def _listed(context: Context[SecretsSettings], verdict: bool | None) -> Reason | None:
    found = _baseline(context)
    if isinstance(found, Reason):
        return found
    digest = hashlib.sha1(KEY.encode(), usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"type": KIND, "filename": FILE, "hashed_secret": digest, "line_number": 1}
    found["results"][FILE] = [entry if verdict is None else {**entry, "is_secret": verdict}]
    _write(context, found)
    return None


def _write(context: Context[SecretsSettings], held: dict[str, Any]) -> None:
    (context.project.root / context.settings.baseline).write_text(json.dumps(held, indent=2), encoding="utf-8")


def _canary(rule: Rule, title: str, plant: Plant) -> Canary:
    return Canary(rule=rule.code, title=title, plant=plant)


CANARIES = (
    _canary(rules.FOUND, "a file with a key that opens nothing", _found),
    _canary(rules.LEAKED, "a branch that adds such a key and takes it out again", _leaked),
    _canary(rules.UNAUDITED, "an entry that nobody audited", _entry(None)),
    _canary(rules.REAL, "an entry that the audit calls a secret", _entry(verdict=True)),
    _canary(rules.STALE, "an entry of a file that is not there", _stale),
    _canary(rules.FEWER, "a baseline of a single detector", _fewer),
    _canary(rules.UNREAD, "a file over the limit", _unread),
)
