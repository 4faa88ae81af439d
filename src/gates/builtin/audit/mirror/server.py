"""Server: a mirror that answers as the service would, so that tools and relay work on it as they do on the real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from gates.builtin.audit.mirror.matching import UnclearError, affects
from gates.builtin.audit.mirror.records import Records
from gates.builtin.audit.service.recording import BATCH, RECORD, questions
from gates.builtin.audit.service.upstream import Reply
from gates.model.reason import Reason

KIND = "application/json"


class MirrorService:
    """Answers questions out of records."""

    def __init__(self, records: Records) -> None:
        """The records stay as they are while it answers."""
        self._records = records
        self.shown = records.mirror.path
        self.who = f"the mirror {records.mirror.path}"

    def ask(self, method: str, path: str, body: bytes) -> Reply | Reason:
        """The answer of OSV's API; a reason where a record does not say whether it is about a version."""
        asked = questions(method, path, body)
        if isinstance(asked, Reason):
            return asked
        try:
            if path.startswith(RECORD):
                return self._one(unquote(path.removeprefix(RECORD)))
            if path == BATCH:
                results = [{"vulns": self._names(one.name, one.version)} for one in asked]
                return _reply({"results": [one if one["vulns"] else {} for one in results]})
            found = [msgspec.Raw(self._raw(path)) for _, path in self._about(asked[0].name, asked[0].version)]
        except (UnclearError, OSError) as error:
            said = str(error) if isinstance(error, UnclearError) else "changed while it was read"
            message = f"{self.who} cannot answer: {said}"
            return Reason(code="evidence_corrupt", message=message, fix="take that record out, or fetch it again")
        return _reply({"vulns": found} if found else {})

    def close(self) -> None:
        """Nothing is held open."""

    def _about(self, name: str, version: str) -> Iterator[tuple[str, str]]:
        """Ids and files of the records about a version."""
        for entry in self._records.by_name.get(name, ()):
            try:
                hit = any(affects(one, version) for one in entry.affected)
            except UnclearError as error:
                raise UnclearError(f"{entry.path} {error}") from None
            if hit:
                yield entry.id, entry.path

    def _names(self, name: str, version: str) -> list[dict[str, Any]]:
        return [{"id": each, "modified": self._records.mirror.newest} for each, _ in self._about(name, version)]

    def _raw(self, path: str) -> bytes:
        return (self._records.folder / path).read_bytes()

    def _one(self, wanted: str) -> Reply | Reason:
        path = self._records.by_id.get(wanted)
        if path is None:
            return Reply(status=404, kind=KIND, body=b'{"code":5,"message":"Bug not found."}')
        return Reply(status=200, kind=KIND, body=self._raw(path))


def _reply(held: dict[str, Any]) -> Reply:
    return Reply(status=200, kind=KIND, body=msgspec.json.encode(held))
