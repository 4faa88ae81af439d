"""Environment: what a build requires, resolved once, installed apart, and frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.built import answer, hooks, requirements
from gates.builtin.built.package import Package
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.process.interpreter import PROGRAMS
from pytest_vltair import tree

if TYPE_CHECKING:
    from gates.builtin.built.system import System
    from gates.model.gate import Context
    from gates.process.completed import Completed
    from gates.process.interpreter import Interpreter


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual environment in which hooks run: its interpreter, its folder, and what was installed."""

    python: Path
    folder: Path
    packages: tuple[Package, ...]

    def frozen(self) -> tuple[Package, ...]:
        """What is installed there now, by name and version, sorted; hashes are those known from the installation."""
        known = {(one.name, one.version): one.sha256 for one in self.packages}
        return tuple(
            Package(name=name, version=version, sha256=known.get((name, version), ""))
            for name, version in tree.distributions(_sites(self.folder)).items()
        )


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
    from gates.project import workspace

    with workspace.folder(context.scratch) as place:
        ended = _filled(context, python, system, source, place, kinds, pins or {}, config_settings)
        yield Refusal(ended) if isinstance(ended, Reason) else ended


def _filled(
    context: Context[Any],
    python: Interpreter,
    system: System,
    source: Path,
    place: Path,
    kinds: Sequence[str],
    pins: Mapping[str, str],
    config_settings: Mapping[str, Any] | None,
) -> Environment | Reason:
    folder = place / "environment"
    program = empty(context, python, folder)
    if not isinstance(program, Path):
        return _not_made(context, program)
    installer = requirements.Installer(context=context, python=python, program=program, place=place, pins=pins)
    packages = installer.install(system.requires)
    if isinstance(packages, Reason):
        return packages
    asked = _asked(context, program, system, source, kinds, config_settings)
    if isinstance(asked, Reason):
        return asked
    further = requirements.unmet(asked, tree.distributions(_sites(folder)))
    more = installer.install(further)
    if isinstance(more, Reason):
        return more
    installed = Environment(python=program, folder=folder, packages=(*packages, *more))
    return msgspec.structs.replace(installed, packages=installed.frozen())


def empty(
    context: Context[Any], python: Interpreter, folder: Path, *, timeout: float | None = None
) -> Path | Completed:
    """The interpreter of a new virtual environment in `folder`, without pip, or how the making ended without one."""
    # `-I`: the judged Python must make it of its own standard library, whatever PYTHONPATH says.
    ended = context.run((str(python.path), "-I", "-m", "venv", "--without-pip", str(folder)), timeout=timeout)
    program = next((folder / name for name in PROGRAMS if (folder / name).exists()), None)
    return ended if program is None or ended.status != "OK" else program


def _not_made(context: Context[Any], ended: Completed) -> Reason:
    from gates.process.failure import last_words, stopped

    told = stopped(ended, "python -m venv", "repro")
    if told is not None:
        return told
    said = answer.told(context, last_words(ended))
    message = f"the judged Python cannot make a virtual environment to build in: {said}"
    return Reason(code="tool_missing", message=message, fix="python -m venv --without-pip .venv, and mend what it says")


def _asked(
    context: Context[Any],
    program: Path,
    system: System,
    source: Path,
    kinds: Sequence[str],
    config_settings: Mapping[str, Any] | None,
) -> tuple[str, ...] | Reason:
    """What the backend says that it requires beyond the table, for all of `kinds`."""
    wanted: list[str] = []
    for kind in kinds:
        hook = f"get_requires_for_build_{kind}"
        call = hooks.Call(
            hook=hook,
            arguments={"config_settings": config_settings},
            python=program,
            source=source,
            temporary=program.parents[2] / "tmp",
        )
        returned = hooks.ask(context, system, call)
        if isinstance(returned, Reason):
            return returned
        named = requirements.named(returned)
        if named is None:
            return answer.no_requirements(hook, returned, context)
        wanted += named
    return tuple(dict.fromkeys(wanted))


def _sites(folder: Path) -> tuple[Path, ...]:
    """Where an environment holds what is installed: POSIX, Windows."""
    return (*sorted(folder.glob("lib/*/site-packages")), *folder.glob("Lib/site-packages"))
