"""Texts: what faults write, free of every fault but their own: documented, typed and formatted."""

from __future__ import annotations

# `pragma: no cover` keeps a coverage limit from going red for a fault that is not about coverage.
LINT = '''"""A module that was planted."""

import os  # pragma: no cover


def planted(value: object) -> bool:  # pragma: no cover
    """Return whether there is no value, in a way that linters object to."""
    l = value == None
    return l
'''
UNFORMATTED = '''"""A module that was planted."""

VALUES  =  { 'first':1,'second' :2 }  # pragma: no cover
'''
WRONG_TYPE = '''"""A module that was planted."""


def planted(value: int) -> str:  # pragma: no cover
    """Return the value, which is no text."""
    return value
'''
UNCALLED = '''

def gates_planted(start: int) -> int:
    """Return a number that no test asks for."""
    total = start
{steps}    return total + 1
'''.format(steps="".join(f"    total = total * 2 + {step}\n" for step in range(24)))
FAILING = '''"""Tests that were planted."""


def test_planted() -> None:
    """Show whether a failure is noticed."""
    assert sorted([2, 1]) == [2, 1]
'''
FAILING_CASE = '''"""Tests that were planted."""

import unittest


class PlantedTest(unittest.TestCase):
    """Show whether a failure is noticed."""

    def test_planted(self) -> None:
        """Compare what differs."""
        self.assertEqual(sorted([2, 1]), [2, 1])
'''
ERRORING = '''"""Tests that were planted."""

import pytest


@pytest.fixture
def planted() -> int:
    """Fail before the test begins."""
    raise RuntimeError("planted")


def test_planted(planted: int) -> None:
    """Show whether an error is noticed."""
    assert planted == 1
'''
ERRORING_CASE = '''"""Tests that were planted."""

import unittest


class PlantedTest(unittest.TestCase):
    """Show whether an error is noticed."""

    @classmethod
    def setUpClass(cls) -> None:
        """Fail before the test begins."""
        raise RuntimeError("planted")

    def test_planted(self) -> None:
        """Compare what is the same."""
        self.assertEqual(1, 1)
'''
NOT_IMPORTABLE = '''"""Tests that were planted."""

raise RuntimeError("planted")
'''
SKIP_ALL = '''

def pytest_collection_modifyitems(items: "list[pytest.Item]") -> None:
    """Skip every test."""
    for item in items:
        item.add_marker("skip")
'''
SKIP_EACH = '''

def pytest_runtest_setup() -> None:
    """Skip every test."""
    pytest.skip("planted")
'''
SKIP_MODULE = '''

def setUpModule() -> None:
    """Skip every test."""
    import unittest

    raise unittest.SkipTest("planted")
'''
