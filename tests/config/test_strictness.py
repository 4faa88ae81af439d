"""Which way each setting is stricter: every field says it, or is known to be one of which nobody can say."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from gates.config.command import CommandTable
from gates.config.general import General, Prove, Record, Redact
from gates.model.strictness import UNKNOWN, of_field, stricter, strictness
from gates.plugins.manager import registry

TABLES: dict[str, Any] = {
    "": General,
    "prove": Prove,
    "record": Record,
    "redact": Redact,
    "command": CommandTable,
    **{name: gate.Settings for name, gate in registry(third_party=False).gates.items()},
}

NOBODY_KNOWS = {
    "": {"base", "python"},
    "audit": {"mirror", "service-url", "source"},
    "bench": {"args", "data", "mode", "pairs", "rule"},
    "command": {"argv", "env", "output", "parser", "pattern"},
    "packaging": {"script-args"},
    "provenance": {"builder", "commit", "issuer", "kind", "public-key", "ref", "repository", "workflow"},
    "sbom": {"licences", "minimum", "suppliers"},
    "tests": {"env", "record"},
    "trace": {"junit"},
}
"""A change of these is a warning: whoever judges the change has to read both values."""

ELSEWHERE = {
    "": {"ignore", "prove", "record", "redact", "schema-version", "select", "severity", "waiver"},
    "command": {"name"},
}
"""What is compared by what it means, or is a table of its own."""


@pytest.mark.parametrize("name", TABLES)
def test_every_setting_says_which_way_it_is_stricter(name: str) -> None:
    silent = {one.encode_name for one in msgspec.structs.fields(TABLES[name]) if of_field(one.type) == UNKNOWN}
    assert silent - ELSEWHERE.get(name, set()) == NOBODY_KNOWS.get(name, set())


def test_what_a_field_says() -> None:
    said = Annotated[int | None, msgspec.Meta(description="x", extra=stricter("lower"))]
    assert of_field(said) == strictness("lower", "limit")
    assert of_field(Annotated[int, msgspec.Meta(ge=0)]) == of_field(int) == UNKNOWN
    assert strictness("shrink").about == "exclusion"
