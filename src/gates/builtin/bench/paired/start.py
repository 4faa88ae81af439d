"""Start: the command line and the variables of a process that runs benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.bench.protocol import VARIABLE

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.builtin.bench.sides import Side as Place
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter
    from gates.process.register import Cancel

PACKAGES = "VLTAIR_BENCH_PACKAGES"
FIRST = ("--rootdir=.",)
"""Ids and paths are relative to the folder, whatever files are named; else pytest may take that of the files."""

LAST = ("-p", "vltair", "-o", "faulthandler_timeout=0")


def arguments(settings: BenchSettings, files: Sequence[str]) -> tuple[str, ...]:
    """What pytest is given after its name; `files` in the place of the settings' paths where they are known."""
    return (*FIRST, *settings.args, *LAST, *(files or settings.paths))


def run(
    context: Context[BenchSettings],
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
    argv = (str(python.path), "-P", "-m", "pytest", *arguments(context.settings, files))
    return context.run(argv, env=variables, cwd=place.folder, cancel=cancel, output_limit=1024 * 1024)
