"""Chain: lines of JSON of which each holds the digest of the one before it, so that none can be changed unseen.

`chain` is the SHA-256 over the canonical JSON of all other fields, `chainPrev` among them; the first line of a file has
zeros there. Canonical: keys sorted, no white space, UTF-8, one line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ZEROS = "0" * 64
"""What stands in the place of the digest before the first line."""


class Codec(NamedTuple):
    """How canonical JSON is written and read; `decode` raises ValueError for what is none."""

    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def linked(fields: Mapping[str, Any], previous: str, codec: Codec) -> tuple[bytes, str]:
    """The line of `fields` with its end, and its digest."""
    held = {**fields, "chainPrev": previous}
    digest = hashlib.sha256(codec.encode(held)).hexdigest()
    return codec.encode({**held, "chain": digest}) + b"\n", digest


def standard() -> Codec:
    """The codec of the standard library, for values without fractions."""
    return Codec(_canonical, _decoded)


def _decoded(data: bytes) -> Any:
    import json

    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _canonical(value: Any) -> bytes:
    """The canonical JSON of a value; a lone surrogate is spelled out.

    `msgspec.json.encode(value, order="sorted")` writes the same bytes, but for exponents of floats.
    """
    from json import dumps

    text = dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "backslashreplace")
