"""The plugin is tried in runs that load it, and what a test is about, and nothing else that is installed here."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

UNUSED = frozenset({"anyio", "benchmark", "rerunfailures", "time_machine"})
"""Plugins that are found by themselves, and cost every run a third of its time."""

NEEDED: Mapping[str, frozenset[str]] = {
    "test_clock": frozenset({"time_machine"}),
    "test_markers": frozenset({"anyio"}),
    "test_requirement_section": frozenset({"rerunfailures"}),
    **dict.fromkeys(("test_bench", "test_bench_hostile", "test_bench_lost", "test_bench_peers"), UNUSED),
    **dict.fromkeys(
        ("test_beside", "test_flaky", "test_manners", "test_others", "test_real", "test_recording"), UNUSED
    ),
}
"""What is loaded all the same, by the module of the test."""


@pytest.fixture
def pytester(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> pytest.Pytester:
    """A folder with runs of pytest that leave out plugins in which the test has no part."""
    left_out = sorted(UNUSED - NEEDED.get(request.path.stem, frozenset()))
    if left_out:
        monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p no:{name}" for name in left_out))
    return pytester
