"""Installed: what the judged interpreter holds, as it says itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from email.utils import getaddresses
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from gates.builtin.supply.addresses import cleaned, scrubbed
from gates.builtin.supply.distribution import Artifact, Distribution, Licence, Origin
from gates.builtin.supply.requiring import requirement
from gates.model.evidence import Refusal, counted
from gates.model.reason import Reason
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context

CHILD = Path(__file__).with_name("child") / "told.py"
SECONDS = 300.0


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What is installed, by canonical name, and the values of the environment markers there."""

    distributions: Mapping[str, Distribution]
    markers: Mapping[str, str]


class _Told(msgspec.Struct, frozen=True):
    name: str
    version: str
    headers: dict[str, list[str]]
    requires: list[str]
    direct: str
    wheel: str
    record: str
    hashed: str


class _Answer(msgspec.Struct, frozen=True):
    markers: dict[str, str]
    distributions: list[_Told]
    broken: list[str]


def installed(context: Context[Any], gate: str) -> Installed | Reason:
    """What the judged interpreter has installed; a reason where there is none or it does not answer `gate`.

    Of two distributions of one name the first on its `sys.path` counts, as for an import.
    """
    from gates.process import failure

    python = context.python
    if isinstance(python, Refusal):
        return python.reason
    answer = context.scratch / "installed.json"
    answer.unlink(missing_ok=True)
    # -I: neither the folder that it is started in nor PYTHONPATH are the environment.
    ended = context.run((str(python.path), "-I", str(CHILD), str(answer)), timeout=SECONDS, cwd=context.scratch)
    stopped = failure.stopped(ended, "reading the judged environment", gate)
    if stopped is not None:
        return stopped
    try:
        told = msgspec.json.decode(answer.read_bytes(), type=_Answer)
    except (OSError, msgspec.MsgspecError):
        message = f"the judged Python {python.version} ({python.chosen_by}) does not say what is installed"
        return Reason(code="unparsable_output", message=message, fix=f"{python.path.name} -m pip list")
    if told.broken:
        message = f"the metadata of {told.broken[0]} in the judged environment cannot be read"
        return Reason(
            code="unreadable",
            message=message,
            fix="python -m pip install --force-reinstall NAME, or delete what is left of it",
        )
    found: dict[str, Distribution] = {}
    for one in told.distributions:
        found.setdefault(canonical(one.name), _distribution(context, one))
    return Installed(distributions=dict(sorted(found.items())), markers=told.markers)


def _distribution(context: Context[Any], told: _Told) -> Distribution:
    def said(name: str) -> str:
        return context.redact(scrubbed(" ".join(" ".join(told.headers.get(name, ())).split())))

    origin, url, artifacts = _direct(told.direct)
    author = _people(said("Author"), said("Author-email"))
    requires = tuple(filter(None, map(requirement, told.requires)))
    return Distribution(
        name=canonical(told.name),
        version=told.version,
        origin=origin,
        url=url,
        artifacts=counted(artifacts),
        record=told.record,
        hashed="RECORD" if told.hashed == "RECORD" else "files" if told.hashed == "files" else "",
        tags=counted(sorted(_tags(told.wheel))),
        requires=counted(requires),
        # Of one that nobody can read, nobody knows where it leads.
        known=len(requires) == len(told.requires),
        marker="",
        groups=counted(()),
        licence=Licence(
            expression=said("License-Expression"),
            text=said("License")[:200],
            classifiers=counted(one for one in told.headers.get("Classifier", ()) if one.startswith("License ::")),
        ),
        supplier=_people(said("Maintainer"), said("Maintainer-email")) or author,
        author=author,
        summary=said("Summary"),
        path=None,
        line=None,
    )


def _people(names: str, addresses: str) -> str:
    """The names of people; of someone who only gives an address, its part before the @."""
    if names and names.upper() != "UNKNOWN":
        return names
    found = (name or address.partition("@")[0] for name, address in getaddresses([addresses]))
    return ", ".join(filter(None, found))


def _tags(wheel: str) -> Iterator[str]:
    for line in wheel.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "tag":
            yield value.strip()


def _direct(text: str) -> tuple[Origin, str, tuple[Artifact, ...]]:
    """Origin, address and artifact that direct_url.json tells (PEP 610); an index where there is none."""
    if not text:
        return "index", "", ()
    try:
        held = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.MsgspecError:
        return "url", "", ()
    url = cleaned(str(held.get("url", "")))
    if isinstance(held.get("vcs_info"), dict):
        info = held["vcs_info"]
        commit = str(info.get("commit_id", ""))
        return "vcs", f"{info.get('vcs', 'git')}+{url}@{commit}" if commit else url, ()
    place = urlsplit(url)
    if place.scheme == "file":
        folder = held.get("dir_info")
        editable = isinstance(folder, dict) and folder.get("editable") is True
        # Where it lies on this machine is nobody's business.
        return "editable" if editable else "local", "", tuple(_artifact(place.path, "", held.get("archive_info")))
    return "url", url, tuple(_artifact(place.path, url, held.get("archive_info")))


def _artifact(path: str, url: str, info: Any) -> Iterable[Artifact]:
    if not isinstance(info, dict):
        return
    hashes = info.get("hashes")
    found = {f"{name}:{value}" for name, value in hashes.items()} if isinstance(hashes, dict) else set()
    old = str(info.get("hash", "")).replace("=", ":", 1)
    if not found and ":" in old:
        found = {old}
    if found:
        yield Artifact(name=path.rpartition("/")[2], url=url, hashes=counted(sorted(found)))
