"""Recording: every question and every answer that passed between a tool and the service, counted."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import unquote

import msgspec

from gates.builtin.audit.facts import Advisory, Question
from gates.builtin.audit.service import answers
from gates.builtin.audit.service.answers import Answered, Asked
from gates.builtin.audit.service.upstream import Reply
from gates.model.evidence import counted
from gates.model.reason import Reason
from pytest_vltair.installed import canonical

QUERY, BATCH, RECORD = "/v1/query", "/v1/querybatch", "/v1/vulns/"
ECOSYSTEM = "PyPI"


class Service(Protocol):
    """Who answers: the service over HTTP, or a mirror."""

    @property
    def shown(self) -> str:
        """Its address without credentials, or its folder."""

    @property
    def who(self) -> str:
        """What it is called in a reason."""

    def ask(self, method: str, path: str, body: bytes) -> Reply | Reason:
        """What it answers."""

    def close(self) -> None:
        """Let go of what it holds open."""


class _Heard:
    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.more = ""


class Recording:
    """Passes questions on to a service and keeps what was asked and answered; may be used by several threads."""

    def __init__(self, service: Service, tool: str) -> None:
        """`tool` is who asks, for reasons."""
        self.service = service
        self.tool = tool
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str], _Heard] = {}
        self._told: dict[str, Advisory] = {}
        self._faults: dict[str, Reason] = {}

    def pass_on(self, method: str, path: str, body: bytes) -> Reply:
        """The service's own answer, byte for byte; 502 where it gave none, 400 where this is no question."""
        asked = questions(method, path, body)
        if isinstance(asked, Reason):
            self._fault(asked)
            return Reply(status=400, kind="text/plain", body=b"no question of OSV's API\n")
        reply = self.service.ask(method, path, body)
        if isinstance(reply, Reason):
            self._fault(reply)
            return Reply(status=502, kind="text/plain", body=b"the advisory service gave no answer\n")
        held = answers.document(reply.status, reply.kind, reply.body, self.service.who)
        if isinstance(held, Reason):
            self._fault(held)
        else:
            self._keep(path, asked, held)
        return reply

    def questions(self) -> tuple[Question, ...]:
        """Every question that was answered, by name and version."""
        with self._lock:
            return tuple(
                Question(name=name, version=version, ids=counted(sorted(one.ids)), pending=bool(one.more))
                for (name, version), one in sorted(self._heard.items())
            )

    def advisories(self) -> tuple[Advisory, ...]:
        """Every advisory of which the whole record was given, by id."""
        with self._lock:
            return tuple(one for _, one in sorted(self._told.items()))

    def faults(self) -> tuple[Reason, ...]:
        """Why answers are missing, in the order in which it was seen, each once."""
        with self._lock:
            return tuple(self._faults.values())

    def _keep(self, path: str, asked: tuple[Asked, ...], held: Mapping[str, Any]) -> None:
        who = self.service.who
        if path.startswith(RECORD):
            self._tell(unquote(path.removeprefix(RECORD)), answers.advisory(held))
            return
        found = answers.batch(held, len(asked), who) if path == BATCH else answers.single(held, who)
        if isinstance(found, Reason):
            self._fault(found)
            return
        for one, answered in zip(asked, [found] if isinstance(found, Answered) else found, strict=True):
            self._hear(one, answered)

    def _tell(self, wanted: str, told: Advisory) -> None:
        if told.id != wanted:
            message = f"{self.service.who} gives another advisory than {wanted[:80]}, which it was asked for"
            self._fault(answers.fault("evidence_foreign", message))
        with self._lock:
            self._told[told.id] = told

    def _hear(self, asked: Asked, answered: Answered) -> None:
        with self._lock:
            heard = self._heard.setdefault((asked.name, asked.version), _Heard())
            if asked.page and asked.page != heard.more:
                return
            heard.ids.update(dict.fromkeys(answered.ids))
            heard.more = answered.more
            self._told.update({one.id: one for one in answered.advisories})

    def _fault(self, reason: Reason) -> None:
        with self._lock:
            self._faults.setdefault(reason.message, reason)


def questions(method: str, path: str, body: bytes) -> tuple[Asked, ...] | Reason:
    """What a request asks about; nothing where it asks for a record. A reason where it is none of OSV's API."""
    odd = answers.fault("unparsable_output", f"the tool sent a request that gates does not know: {method} {path[:40]}")
    if method == "GET" and path.startswith(RECORD):
        return ()
    if method != "POST" or path not in {QUERY, BATCH}:
        return odd
    try:
        held = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return odd
    listed = held.get("queries") if path == BATCH and isinstance(held, dict) else [held]
    found = tuple(filter(None, map(_asked, listed if isinstance(listed, list) else ())))
    return found if found and isinstance(listed, list) and len(found) == len(listed) else odd


def _asked(held: Any) -> Asked | None:
    package = held.get("package") if isinstance(held, dict) else None
    if not isinstance(package, dict) or package.get("ecosystem") != ECOSYSTEM:
        return None
    name, version, page = package.get("name"), held.get("version"), held.get("page_token", "")
    if not isinstance(name, str) or not isinstance(version, str) or not isinstance(page, str):
        return None
    return Asked(name=canonical(name), version=normal(version), page=page)


def normal(version: str) -> str:
    """A version as PEP 440 writes it, so that `1.0.0rc1` and `1.0.0-RC.1` are one; what is none stays as it is."""
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version))
    except InvalidVersion:
        return version
