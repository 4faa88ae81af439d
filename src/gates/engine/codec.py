"""Codec: canonical JSON of the chained files of the record, as msgspec writes and reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from gates.model.evidence import encode
from pytest_vltair.chain import Codec


def decoded(data: bytes) -> Any:
    """The value that a line of JSON holds.

    Raises:
        ValueError: it is none, or nested deeper than anything that gates writes.
    """
    try:
        return msgspec.json.decode(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


CODEC = Codec(encode, decoded)
