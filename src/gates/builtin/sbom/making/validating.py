"""Validating: what CycloneDX's own strict schema objects to in a document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from gates.builtin.sbom.making import iris
from gates.model.reason import Reason

MOST = 20
"""Sentences that are kept; one mistake in the maker is one in each component."""

PLAIN = re.compile(
    r"https?://[A-Za-z0-9.:-]+(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?(?:#[A-Za-z0-9._~+=&-]*)?"
    r"|[A-Za-z0-9._~!$&'()*+,;=@-]+"
)
"""Addresses and names of files that are beyond doubt (RFC 3986); to parse one as the schema wants takes 30 ms."""


def validated(text: str) -> tuple[str, ...] | Reason:
    """One sentence for each objection of the strict validator, none of a valid document.

    The version is the document's own; one that is not known is an objection.
    """
    try:
        with iris.later():
            from cyclonedx.exception import MissingOptionalDependencyException
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        message = "cyclonedx-python-lib, which validates the document, is not installed"
        return Reason(code="tool_missing", message=message, fix="python -m pip install cyclonedx-bom")
    held = json.loads(text)
    said = str(held.get("specVersion", "")) if isinstance(held, Mapping) else ""
    try:
        version = SchemaVersion.from_version(said)
        validator = JsonStrictValidator(version)
        found = validator.validate_str(json.dumps(_shortened(held, {})), all_errors=True)
    except MissingOptionalDependencyException:
        message = "cyclonedx-python-lib is installed without what it validates with"
        return Reason(
            code="tool_missing", message=message, fix="python -m pip install 'cyclonedx-python-lib[validation]'"
        )
    except (KeyError, ValueError, NotImplementedError):
        return (f"its specVersion {said!r} is none that CycloneDX has a strict schema for",)
    return tuple(_sentence(one.data) for one in islice(found or (), MOST))


def _shortened(value: Any, numbers: dict[str, int]) -> Any:
    """The document with plain addresses in the shortest form that the schema takes; two that were one still are."""
    if isinstance(value, dict):
        return {
            key: f"u{numbers.setdefault(one, len(numbers))}"
            if key == "url" and isinstance(one, str) and PLAIN.fullmatch(one)
            else _shortened(one, numbers)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_shortened(one, numbers) for one in value]
    return value


def _sentence(error: Any) -> str:
    place = "/".join(str(one) for one in getattr(error, "absolute_path", ()))
    message = str(getattr(error, "message", error))
    return f"{place or 'the document'}: {message if len(message) < 160 else message[:160] + '…'}"
