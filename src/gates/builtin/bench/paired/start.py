"""Start: the command line and the variables of a process that runs benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.bench.paired.protocol import VARIABLE
from gates.config import source
from gates.errors import GatesError

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.builtin.bench.sides.making import Side as Place
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.register import Cancel

PACKAGES = "VLTAIR_BENCH_PACKAGES"
FIRST = ("--rootdir=.",)
"""Ids and paths are relative to the folder, whatever files are named; else pytest may take that of the files."""

LAST = ("-p", "vltair", "-o", "faulthandler_timeout=0")


class _Looking(msgspec.Struct):
    """What tells pytest which benchmarks there are."""

    args: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def arguments(settings: BenchSettings, files: Sequence[str]) -> tuple[str, ...]:
    """What pytest is given after its name; `files` in the place of the settings' paths where they are known."""
    return (*FIRST, *settings.args, *LAST, *(files or settings.paths))


def asked(folder: Path, settings: BenchSettings) -> BenchSettings:
    """The settings of head with where base, in `folder`, looks for benchmarks; as they are where it does not say."""
    try:
        table = source.read(folder).table.get("bench")
        given = None if table is None else msgspec.convert(table, type=_Looking)
    except (GatesError, OSError, msgspec.ValidationError):
        given = None
    return settings if given is None else msgspec.structs.replace(settings, args=given.args, paths=given.paths)


def run(
    context: Context[BenchSettings],
    settings: BenchSettings,
    python: Interpreter,
    place: Place,
    files: Sequence[str],
    *,
    address: str,
    seed: int,
    packages: Sequence[str],
    cancel: Cancel,
) -> Completed:
    """A process of one side, run to its end; processes of one group have the same hash seed."""
    variables: Mapping[str, str] = {
        **place.env,
        VARIABLE: address,
        PACKAGES: ",".join(packages),
        "PYTHONHASHSEED": str(seed),
    }
    argv = (str(python.path), "-P", "-m", "pytest", *arguments(settings, files))
    return context.run(argv, env=variables, cwd=place.folder, cancel=cancel, output_limit=1024 * 1024)
