"""Hypothesis: the same examples in each run, whatever an earlier run has kept; it is never imported here."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from pytest_vltair.settings import Given, Settings

USED = "_hypothesis_internal_use_settings"
PROFILE = "vltair"


class Hypothesis:
    """Lets the tests of hypothesis draw from their own source, and leaves its example database aside."""

    name = "hypothesis"

    def __init__(self, given: Given, settings: Settings) -> None:  # noqa: ARG002 - as all factors are made
        self.demanded = given.choice("derandomize")
        self.hooks = self
        self._derandomize = True
        self._changed: list[tuple[Any, str, Any]] = []
        self._profile: Any = None

    def apply(self, config: pytest.Config) -> None:
        """Give way to a seed that the user names; everything else waits until the tests are collected."""
        chosen = getattr(config.known_args_namespace, "hypothesis_seed", None)
        if chosen is not None:
            self._derandomize = False
            self.demanded = f"by --hypothesis-seed={chosen}"

    def restore(self) -> None:
        """Put every test's settings and the profile back."""
        for owner, name, before in reversed(self._changed):
            setattr(owner, name, before)
        if self._profile is not None:
            self._profile[0].load_profile(self._profile[1])

    def shown(self) -> str:
        """What is demanded, unless the profile was changed after the tests were collected."""
        if self._profile is None:
            return self.demanded
        now = self._profile[0].default
        held = now.database is None and (now.derandomize or not self._derandomize)
        return self.demanded if held else "another profile was loaded"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Change the settings of the tests, which took theirs from the profile of when they were imported."""
        hypothesis = sys.modules.get("hypothesis")
        if hypothesis is None:
            return
        settings: Any = hypothesis.settings
        for item in items:
            test = getattr(item, "obj", None)
            test = getattr(test, "__func__", test)
            if getattr(test, "is_hypothesis_test", False):
                if getattr(test, USED, None) is not None:
                    self._change(test, USED, settings)
                owner = getattr(item, "cls", None)
                if hasattr(test, "_hypothesis_state_machine_class") and owner is not None:
                    self._change(owner, "settings", settings)
        self._load(settings)

    def _change(self, owner: Any, name: str, settings: Any) -> None:
        before = getattr(owner, name)
        if any(one is owner and which == name for one, which, _ in self._changed[-1:]):
            return
        self._changed.append((owner, name, before))
        setattr(owner, name, settings(before, **self._values(before)))

    def _load(self, settings: Any) -> None:
        if self._profile is None:
            name = settings.get_current_profile_name() if hasattr(settings, "get_current_profile_name") else "default"
            self._profile = (settings, name)
            settings.register_profile(PROFILE, settings.default, **self._values(settings.default))
            settings.load_profile(PROFILE)

    def _values(self, before: Any) -> dict[str, Any]:
        return {"derandomize": self._derandomize or before.derandomize, "database": None}
