"""The schema of proofs accepts what `gates prove` prints, and nothing that contradicts itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from gates.config import proof_schema
from support import proofs

SCHEMA = proof_schema.proof()
VALIDATOR = Draft202012Validator(SCHEMA)


def as_json(name: str) -> Any:
    return json.loads(msgspec.json.encode(proofs.SCENARIOS[name]()))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", sorted(proofs.SCENARIOS))
def test_proofs_of_every_situation_are_valid(name: str) -> None:
    VALIDATOR.validate(as_json(name))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda proof: proof.update(verdict="failed"),
        lambda proof: proof.update(exit_code=1),
        lambda proof: proof.update(exit_code=4),
        lambda proof: proof.update(gates=[]),
        lambda proof: proof.pop("run"),
        lambda proof: proof["gates"][0].update(rules=[]),
        lambda proof: proof["gates"][0].update(clean=None),
        lambda proof: proof["gates"][0].update(verdict="undecided"),
        lambda proof: proof["gates"][0]["rules"][0].update(verdict="failed"),
        lambda proof: proof["gates"][0]["rules"][0].update(verdict=None),
        lambda proof: proof["gates"][0]["rules"][0].update(planted=None),
        lambda proof: proof["gates"][0]["starved"][0].update(verdict="failed"),
    ],
)
def test_a_proof_that_contradicts_itself_is_not(spoil: Callable[[Any], Any]) -> None:
    proof = as_json("proved")
    spoil(proof)
    assert not VALIDATOR.is_valid(proof)
