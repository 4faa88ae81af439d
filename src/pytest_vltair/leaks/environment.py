"""Environment: variables that a test set, changed or removed."""

from __future__ import annotations

import os
import re
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.values import MISSING, Held, change

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

SECRET_NAMES = r"(?i)TOKEN|SECRET|PASSW|PASSPHRASE|KEY|CREDENTIAL|AUTH|PRIVATE|COOKIE|DSN|((^|_)PW|_PWD)$"  # noqa: S105 - a pattern
"""Names of variables whose values are nobody's business; a value is never printed for one too many."""

NOT_TESTS = ("PYTEST_CURRENT_TEST", "VLTAIR_CONTEXT")
"""Set around each phase of a test by pytest itself, and around each test where coverage is told which one runs."""


class Environment:
    """`os.environ`, by the mapping that it keeps; a bare `putenv` is seen by nobody in this process."""

    kind = "environment"

    def __init__(self) -> None:
        self._data: dict[Any, Any] = vars(os.environ)["_data"]
        self._decode = os.environ.decodevalue
        self._encode = os.environ.encodekey
        self._not_tests = tuple(map(self._encode, NOT_TESTS))
        self._environ = os.environ
        self._delete = type(os.environ).__delitem__
        self._set = type(os.environ).__setitem__

    def look(self) -> State:
        """Encoded values by encoded name."""
        state = dict(self._data)
        for name in self._not_tests:
            state.pop(name, None)
        return state

    def changed(self, known: State) -> bool:
        """Whether any variable differs."""
        if self._data == known:
            return False
        return self._data.keys().isdisjoint(self._not_tests) or self.look() != known

    def signs(self, known: State) -> Sequence[Held]:
        """The mapping itself."""
        return [Held(self._data, known)]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the values are equal."""
        del key
        return bool(before == after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`TZ was absent and is "UTC"`; of a secret only what happened to it."""
        name = str(self._text(key))
        if re.search(SECRET_NAMES, name):
            done = "was set" if before is MISSING else "was removed" if after is MISSING else "was changed"
            return f"{name} {done} (its value is not shown)"
        return change(name, self._text(before), self._text(after))

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the variable, or remove it, for child processes too."""
        del after
        name = self._text(key)
        if before is not MISSING:
            self._set(self._environ, name, self._text(before))
        elif key in self._data:
            self._delete(self._environ, name)
        return True

    def _text(self, value: Any) -> Any:
        return value if value is MISSING or isinstance(value, str) else self._decode(value)
