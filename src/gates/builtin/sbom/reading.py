"""Reading: a CycloneDX document as facts, whoever made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from gates.builtin.sbom.facts import Bom, Component
from gates.builtin.sbom.spdx import parsed
from gates.builtin.supply.addresses import carries_secret
from gates.model.evidence import counted
from pytest_vltair.installed import canonical

NAMES = {"BLAKE2b-512": "blake2b"}


class NoBomError(ValueError):
    """A text that is no CycloneDX document in JSON; the message is a clause."""


def read(text: str) -> Bom:
    """What a document says; nested components count like others.

    Raises:
        NoBomError: it is no CycloneDX document in JSON.
    """
    try:
        held = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NoBomError("it is no JSON") from error
    if not isinstance(held, dict) or held.get("bomFormat") != "CycloneDX":
        raise NoBomError("it is no CycloneDX document in JSON")
    metadata = _table(held, "metadata")
    graph = {str(one.get("ref")): _strings(one, "dependsOn") for one in _tables(held, "dependencies")}
    unknown = {
        ref
        for one in _tables(held, "compositions")
        if one.get("aggregate") in {"unknown", "not_specified"}
        for ref in _strings(one, "dependencies")
    }
    listed = [_component(one, graph, unknown) for one in _nested(_tables(held, "components"))]
    raw = metadata.get("component")
    root = _component(raw, graph, unknown) if isinstance(raw, Mapping) else None
    inner = [_component(one, graph, unknown) for one in _nested(_tables(_table(metadata, "component"), "components"))]
    refs = Counter(one.ref for one in (*listed, *inner, *([root] if root else [])) if one.ref)
    services = {str(one.get("bom-ref")) for one in _tables(held, "services")}
    return Bom(
        spec=_text(held, "specVersion"),
        serial=_text(held, "serialNumber"),
        timestamp=_text(metadata, "timestamp"),
        authors=counted(_named(metadata.get("authors")) or _named([metadata.get("manufacturer")])),
        tools=counted(_tools(metadata.get("tools"))),
        context=counted(_text(one, "phase") or _text(one, "name") for one in _tables(metadata, "lifecycles")),
        root=root,
        components=counted(sorted((*listed, *inner), key=lambda one: (one.name, one.version, one.ref))),
        dangling=counted(sorted(_dangling(graph, set(refs) | services))),
        doubled=counted(sorted(ref for ref, times in refs.items() if times > 1)),
        secrets=counted(sorted(set(_secrets(held, "")))),
    )


def _component(held: Mapping[str, Any], graph: Mapping[str, tuple[str, ...]], unknown: set[str]) -> Component:
    ref = _text(held, "bom-ref")
    licence, named = _licence(held.get("licenses"))
    supplier = _text(_table(held, "supplier"), "name") or _text(_table(held, "manufacturer"), "name")
    return Component(
        ref=ref,
        name=canonical(_text(held, "name")),
        version=_text(held, "version"),
        identifier=_text(held, "purl") or _text(held, "cpe") or _text(_table(held, "swid"), "tagId"),
        scope=_text(held, "scope"),
        supplier=supplier or _text(held, "publisher"),
        hashes=counted(sorted(set(_hashes(held)))),
        licence=licence,
        named=counted(named),
        related=ref in graph and ref not in unknown,
        depends=counted(sorted(set(graph.get(ref, ())))),
    )


def _nested(listed: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    waiting = list(listed)
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(_tables(one, "components"))


def _hashes(held: Mapping[str, Any]) -> Iterator[str]:
    references = (one for one in _tables(held, "externalReferences") if one.get("type") == "distribution")
    for one in (held, *references):
        for each in _tables(one, "hashes"):
            name = _text(each, "alg")
            algorithm = NAMES.get(name, name.lower().replace("sha-", "sha").replace("sha3-", "sha3_"))
            if _text(each, "content"):
                yield f"{algorithm}:{_text(each, 'content').lower()}"


def _licence(listed: Any) -> tuple[str, list[str]]:
    """One expression that all licences make together, "" where one is no SPDX licence; the names of those."""
    found, named = [], []
    for one in listed if isinstance(listed, list) else ():
        held = one if isinstance(one, Mapping) else {}
        inner = _table(held, "license")
        text = _text(held, "expression") or _text(inner, "id")
        name = _text(inner, "name")
        if not text and name and parsed(name) is not None:
            text = name
        if text and parsed(text) is not None:
            found.append(text)
        else:
            named.append(text or name)
    kept = sorted(filter(None, named))
    if named or not found:
        return "", kept
    if len(found) == 1:
        return found[0], []
    return " AND ".join(f"({one})" for one in sorted(set(found))), []


def _dangling(graph: Mapping[str, tuple[str, ...]], refs: set[str]) -> Iterator[str]:
    for ref, leads in graph.items():
        if ref not in refs:
            yield f"{ref} -> "
        yield from (f"{ref} -> {one}" for one in leads if one not in refs)


def _secrets(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _secrets(one, f"{place}/{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _secrets(one, f"{place}/{index}")
    elif isinstance(value, str) and carries_secret(value):
        yield place


def _tools(held: Any) -> list[str]:
    """The old form is a list, the new one a table of components and services."""
    listed = held if isinstance(held, list) else [*_tables(held, "components"), *_tables(held, "services")]
    found = (f"{_text(one, 'name')} {_text(one, 'version')}".strip() for one in listed if isinstance(one, Mapping))
    return sorted(filter(None, found))


def _named(listed: Any) -> list[str]:
    found = (
        _text(one, "name") or _text(one, "email")
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, Mapping)
    )
    return sorted(filter(None, found))


def _table(held: Any, key: str) -> Mapping[str, Any]:
    value = held.get(key) if isinstance(held, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _tables(held: Any, key: str) -> list[Mapping[str, Any]]:
    value = held.get(key) if isinstance(held, Mapping) else None
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _strings(held: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = held.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _text(held: Mapping[str, Any], key: str) -> str:
    value = held.get(key)
    return value if isinstance(value, str) else ""
