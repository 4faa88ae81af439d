"""Addresses are judged as the schema wants, and the grammar for that is made only where one is not plain."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from gates.builtin.sbom.making import iris

SCRIPT = """\
import json, sys
from gates.builtin.sbom.making.validating import validated
said = validated(sys.argv[1])
print(json.dumps([said, "rfc3987_syntax" in sys.modules]))
"""


def asked(*urls: str) -> tuple[list[str], bool]:
    """The objections to a document with these addresses, and whether the grammar was made, in a process of its own."""
    references = [{"type": "website", "url": url} for url in urls]
    component = {"type": "library", "name": "alpha", "version": "1", "externalReferences": references}
    document: dict[str, Any] = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [component]}
    argv = [sys.executable, "-P", "-c", SCRIPT, json.dumps(document)]
    said, made = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    return said, made


def test_plain_addresses_need_no_grammar() -> None:
    assert asked("https://example.org/a-b?", "https://example.org/a", "alpha-1.0.tar.gz")[0] == []
    assert asked("https://example.org/a", "alpha-1.0.tar.gz") == ([], False)


def test_what_is_no_address_is_an_objection() -> None:
    said, made = asked("https://example.org/a", "https://example.org/%zz b")
    assert made
    assert [one for one in said if "'https://example.org/%zz b'" in one] == said != []


@pytest.mark.parametrize("word", ["u0", "alpha", "7"])
def test_a_word_is_a_reference_by_the_grammar_too(word: str) -> None:
    from rfc3987_syntax import is_valid_syntax  # type: ignore[import-untyped]

    assert is_valid_syntax("iri_reference", word)
    assert iris.is_valid("iri_reference", word)
    assert iris.is_valid("iri", word) == is_valid_syntax("iri", word)
