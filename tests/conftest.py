"""What every test shares: helpers importable as `support.x`, pytester, and an environment of its own."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))

pytest_plugins = ["pytester"]

# Fewer examples than hypothesis would try; `.ci/run --full` tries all. A busy machine is no fault of a test.
for _name, _examples in (("whole", 100), ("brief", 40)):
    hypothesis.settings.register_profile(
        _name,
        hypothesis.settings.default,
        max_examples=_examples,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("brief")

LEAKY = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CI",
    "GATES_HIDE",
    "GATES_PYTHON",
    "GITHUB_ACTIONS",
    "GITHUB_BASE_REF",
    "GITHUB_STEP_SUMMARY",
)


def pytest_configure(config: pytest.Config) -> None:
    """Compile what most tests start in processes: where nobody may keep byte code, each of thousands does it again."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parents[1] / "src", quiet=2)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the developer's shell or the CI sets from deciding what a test sees."""
    for name in LEAKY:
        monkeypatch.delenv(name, raising=False)
