"""Seeding: whom it tells the seed, and whose other seeds it keeps off."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.fixed.generators import Generators
from pytest_vltair.fixed.seeding import Seeding


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("-n", "2"), ["-n", "2", "--vltair-seed=7"]),
        (("-x", "--", "-odd.py"), ["-x", "--vltair-seed=7", "--", "-odd.py"]),
    ],
)
def test_workers_are_told_a_seed_that_was_drawn(args: tuple[str, ...], told: list[str]) -> None:
    given = pytest.Config.InvocationParams(args=args, plugins=None, dir=Path("/shop"))
    config: Any = SimpleNamespace(invocation_params=given, InvocationParams=pytest.Config.InvocationParams)
    seeding = Seeding(7, Generators())
    seeding.pytest_xdist_setupnodes(config)
    assert config.invocation_params is given
    seeding.tell_workers = True
    seeding.pytest_xdist_setupnodes(config)
    assert list(config.invocation_params.args) == told
    assert config.invocation_params.dir == given.dir


@pytest.mark.parametrize("resets", [True, False, None])
def test_pytest_randomly_sets_no_seeds_and_that_is_said_once(resets: bool | None) -> None:
    option = SimpleNamespace() if resets is None else SimpleNamespace(randomly_reset_seed=resets)
    config: Any = SimpleNamespace(option=option)
    seeding = Seeding(7, Generators())
    said = seeding.pytest_report_header(config)
    assert (said is not None) is bool(resets)
    assert not getattr(option, "randomly_reset_seed", False)
    assert seeding.pytest_report_header(config) is None
    seeding.pytest_collection(SimpleNamespace(config=config))  # type: ignore[arg-type]


def test_it_is_kept_off_where_no_header_is_printed() -> None:
    option = SimpleNamespace(randomly_reset_seed=True)
    Seeding(7, Generators()).pytest_collection(SimpleNamespace(config=SimpleNamespace(option=option)))  # type: ignore[arg-type]
    assert option.randomly_reset_seed is False
