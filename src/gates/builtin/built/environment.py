"""Environment: what a build requires, resolved once, installed apart, and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.model.evidence import Refusal
from gates.model.tested import Fact

if TYPE_CHECKING:
    from gates.builtin.built.system import System
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter


class Package(Fact, frozen=True, kw_only=True):
    """One distribution of a build environment; `sha256` is that of the file it came from, "" where it is unknown."""

    name: str
    version: str
    sha256: str


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual environment in which hooks run: its interpreter, its folder, and what was installed."""

    python: Path
    folder: Path
    packages: tuple[Package, ...]

    def frozen(self) -> tuple[Package, ...]:
        """What is installed there now, by name and version, sorted; hashes are those known from the installation."""
        raise NotImplementedError


@contextmanager
def made(
    context: Context[Any],
    python: Interpreter,
    system: System,
    source: Path,
    *,
    kinds: Sequence[str],
    pins: Mapping[str, str] | None = None,
    config_settings: Mapping[str, Any] | None = None,
) -> Iterator[Environment | Refusal]:
    """An environment with what the build of `kinds` requires, that of the hooks `get_requires_for_build_*` included.

    `source` is a copy to spoil, in which the hooks are asked. `pins` are exact versions by name that rule over what
    the index has now. The folder is removed at the end.
    """
    raise NotImplementedError
    yield
