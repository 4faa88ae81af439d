"""Hooks: one PEP 517 hook in a process of its own under limits, and the one file that it must leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.built import answer
from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.built.weight import Weight
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.model.gate import Context
    from gates.process.child import Completed


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The command line, folder and variables (added to those of the run) of a hook's process."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


Starter = Callable[[Command], Command]
"""What changes how a hook's process is started: wraps it, or sets more variables."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds for one hook, and bytes that it may write into the folders that it was given."""

    seconds: float = 600.0
    disk: int = 2 * 1024**3


KEPT = 4 * 1024 * 1024
"""Bytes of what a backend prints that are kept: of all that, one line is shown."""


class _Ended(Exception):  # noqa: N818 - how it ended, which may be well meant
    """A hook's process came to another end than an answer."""

    def __init__(self, run: Completed) -> None:
        super().__init__(run.reason)
        self.run = run


def build(  # noqa: PLR0913 - each a different thing, and all of them known to one caller only
    context: Context[Any],
    environment: Environment,
    system: System,
    source: Path,
    out: Path,
    kind: Kind,
    *,
    starter: Starter = lambda command: command,
    config_settings: Mapping[str, Any] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    watched: Sequence[Path] = (),
) -> Artifact | Reason:
    """The artifact that the hook for `kind` made of `source` in the folder `out`, or one sentence why there is none.

    A backend that is missing, raises, hangs, fills the disk limit over `source`, `out` and `watched`, returns a name
    that is not there, or leaves more than one artifact ends in a reason. `out` is made where it is not there, and must
    be empty. Temporary files of the backend go to a folder beside `out`, which is removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise ValueError(f"{out.name} is not empty, so that nobody could say which artifact is new")
    words = {"wheel": ("build_wheel", "wheel_directory"), "sdist": ("build_sdist", "sdist_directory")}
    hook, folder = words[kind]
    answered = ask(
        context,
        environment.python,
        system,
        source,
        hook,
        {folder: str(out), "config_settings": config_settings},
        starter=starter,
        limits=limits,
        watched=(out, *watched),
    )
    return answered if isinstance(answered, Reason) else answer.artifact(answered, out, kind, hook, context)


def ask(
    context: Context[Any],
    python: Path,
    system: System,
    source: Path,
    hook: str,
    arguments: Mapping[str, Any],
    *,
    starter: Starter = lambda command: command,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    watched: Sequence[Path] = (),
) -> Any:
    """What the hook of this name returned, called with `arguments` in `source`; a Reason where it returned nothing.

    `watched` are the folders, beside `source`, that it may fill up to the limit.
    """
    found = context.tool("build", module="pyproject_hooks", distribution="pyproject_hooks")
    if isinstance(found, Refusal):
        return found.reason
    import pyproject_hooks

    from gates.project.workspace import folder

    with folder(context.scratch) as temporary:
        weight = Weight((source, temporary, *watched), limits.disk)

        def runner(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
            variables = {**_variables(context, python, temporary), **(extra_environ or {})}
            command = starter(Command(argv=tuple(cmd), cwd=Path(cwd or source), env=variables))
            run = context.run(
                command.argv,
                timeout=limits.seconds,
                env=command.env,
                cwd=command.cwd,
                output_limit=KEPT,
                cancel=weight,
            )
            if run.status != "OK":
                raise _Ended(run)

        caller = pyproject_hooks.BuildBackendHookCaller(
            str(source),
            system.backend,
            backend_path=system.backend_path or None,
            runner=runner,
            python_executable=str(python),
        )
        try:
            returned = getattr(caller, hook)(**arguments)
        except _Ended as ended:
            return weight.reason(hook) or answer.ended(ended.run, hook, limits.seconds, context)
        except Exception as error:  # noqa: BLE001 - what the library raises of a process that it cannot understand
            return answer.failed(system, hook, error, context)
        return weight.reason(hook, now=True) or returned


def _variables(context: Context[Any], python: Path, temporary: Path) -> Mapping[str, str]:
    """What a build frontend sets: programs of the environment first, and nothing else that Python could import."""
    import os

    path = os.pathsep.join(filter(None, (str(python.parent), context.environ.get("PATH", os.defpath))))
    return {
        "PATH": path,
        "PYTHONPATH": "",
        "PYTHONHOME": "",
        "PYTHONNOUSERSITE": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    }
