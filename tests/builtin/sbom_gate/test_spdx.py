"""Licence expressions under a policy: against a judge that tries every choice."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.sbom.making.licensing import expression
from gates.builtin.sbom.spdx import judged, parsed
from gates.builtin.supply.distribution import Licence
from gates.model.evidence import counted

CLASSPATH = "GPL-2.0-only WITH Classpath-exception-2.0"
LEAVES = ("MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only", "GPL-2.0-or-later", "LicenseRef-Own")


def trees() -> st.SearchStrategy[Any]:
    return st.recursive(
        st.sampled_from(LEAVES),
        lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3)),
        max_leaves=6,
    )


def text(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    return "(" + f" {tree[0]} ".join(map(text, tree[1])) + ")"


def choices(tree: Any) -> list[frozenset[str]]:
    """Every set of licences by which one may use it."""
    if isinstance(tree, str):
        return [frozenset({tree})]
    inner = [choices(one) for one in tree[1]]
    if tree[0] == "OR":
        return [choice for one in inner for choice in one]
    return [frozenset().union(*parts) for parts in product(*inner)]


@given(trees(), st.sets(st.sampled_from(LEAVES)), st.sets(st.sampled_from(LEAVES)))
def test_a_choice_is_allowed_when_all_of_it_is(tree: Any, allow: set[str], deny: set[str]) -> None:
    read = parsed(text(tree))
    assert read is not None
    passes = [one for one in choices(tree) if not one & deny and (not allow or one <= allow)]
    hopeless = all(one & deny for one in choices(tree))
    ruled = judged(read, sorted(allow), sorted(deny))
    assert (ruled == "allowed") == bool(passes)
    assert (ruled == "denied") == hopeless


@pytest.mark.parametrize(
    ("text", "allow", "deny", "ruled"),
    [
        ("MIT OR GPL-3.0-only", ["MIT"], ["GPL-*"], "allowed"),
        ("MIT AND GPL-3.0-only", ["MIT"], ["GPL-*"], "denied"),
        ("MIT AND Zlib", ["MIT"], [], "unknown"),
        ("MIT OR GPL-3.0-only AND Zlib", [], ["MIT", "GPL-*"], "denied"),
        ("mit or apache-2.0", ["apache-2.0"], [], "allowed"),
        ("Apache-2.0 WITH LLVM-exception", ["Apache-2.0"], [], "allowed"),
        (CLASSPATH, [], ["GPL-*"], "denied"),
        (CLASSPATH, [CLASSPATH], ["GPL-*"], "allowed"),
        ("GPL-2.0-only", [CLASSPATH], [], "unknown"),
        ("Apache-2.0 WITH LLVM-exception", ["Apache-2.0"], ["Apache-2.0 WITH LLVM-exception"], "denied"),
    ],
)  # fmt: skip
def test_policy(text: str, allow: list[str], deny: list[str], ruled: str) -> None:
    read = parsed(text)
    assert read is not None
    assert judged(read, allow, deny) == ruled


@pytest.mark.parametrize(
    "text", ["", "MIT AND", "AND", "(MIT", "MIT)", "MIT MIT", "BSD License", "NOASSERTION", "WITH x"]
)
def test_what_is_no_expression(text: str) -> None:
    assert parsed(text) is None


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_none(text: str) -> None:
    read = parsed(text)
    assert read is None or judged(read, (), ()) == "allowed"


@pytest.mark.parametrize(
    ("held", "classifiers", "found"),
    [
        ("MIT", (), "MIT"),
        ("", ("License :: OSI Approved :: MIT License",), "MIT"),
        ("", ("License :: OSI Approved :: BSD License",), ""),
        ("", ("License :: OSI Approved", "License :: OSI Approved :: MIT License"), "MIT"),
        (
            "",
            ("License :: OSI Approved :: MIT License", "License :: OSI Approved :: ISC License (ISCL)"),
            "MIT AND ISC",
        ),
        ("", ("License :: OSI Approved :: MIT License", "License :: OSI Approved :: BSD License"), ""),
        ("MPL-2.0 and MIT", (), "MPL-2.0 AND MIT"),
        ("Permission is hereby granted", (), ""),
    ],
)
def test_the_licence_that_metadata_says(held: str, classifiers: tuple[str, ...], found: str) -> None:
    assert expression(Licence(expression="", text=held, classifiers=counted(classifiers))) == found
