"""Hooks: one PEP 517 hook in a process of its own under limits, and the one file that it must leave."""

from __future__ import annotations

import os
import shutil
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


WORDS: Mapping[Kind, tuple[str, str]] = {
    "wheel": ("build_wheel", "wheel_directory"),
    "sdist": ("build_sdist", "sdist_directory"),
}
"""The hook for each kind, and what it calls the folder."""

QUESTION, ANSWER = "input.json", "output.json"

KEPT = 4 * 1024 * 1024
"""Bytes of what a backend prints that are kept: of all that, one line is shown."""


class _Ended(Exception):  # noqa: N818 - how it ended, which may be well meant
    """A hook's process came to another end than an answer."""

    def __init__(self, run: Completed) -> None:
        super().__init__(run.reason)
        self.run = run


def build(  # noqa: PLR0913 - each a different thing, and all of them known to the caller only
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
    that is not there, or leaves more than one artifact ends in a reason. `out` is made where it is not there.
    Temporary files of the backend go to the folder `<out>-tmp`, which is removed at the end.

    Raises:
        ValueError: `out` is not empty, so that nobody could say which artifact is new.
    """
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise ValueError(f"{out.name} is not empty")
    hook, folder = WORDS[kind]
    call = Call(
        hook=hook,
        arguments={folder: str(out), "config_settings": config_settings},
        python=environment.python,
        source=source,
        temporary=out.with_name(f"{out.name}-tmp"),
        watched=(out, *watched),
    )
    answered = ask(context, system, call, starter=starter, limits=limits)
    return answered if isinstance(answered, Reason) else answer.artifact(answered, out, kind, hook, context)


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One hook with its arguments, to be called in `source` by `python`.

    `temporary` is made for what hook and caller say to each other and for temporary files, and removed; `watched` are
    the folders, beside these two, that may be filled up to the limit.
    """

    hook: str
    arguments: Mapping[str, Any]
    python: Path
    source: Path
    temporary: Path
    watched: tuple[Path, ...] = ()


def ask(
    context: Context[Any],
    system: System,
    call: Call,
    *,
    starter: Starter = lambda command: command,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Any:
    """What a hook returned; a Reason where it returned nothing."""
    found = context.tool("build")
    if isinstance(found, Refusal):
        return found.reason
    from gates.project import workspace

    call.temporary.mkdir()
    try:
        return _asked(context, system, call, starter, limits)
    finally:
        workspace.remove(call.temporary)


def _asked(context: Context[Any], system: System, call: Call, starter: Starter, limits: Limits) -> Any:
    import warnings

    import pyproject_hooks

    # What a backend warns of would be printed; a filter that is set and reset would be one of all threads.
    warnings.filterwarnings("ignore", category=pyproject_hooks.BuildBackendWarning)
    weight = Weight((call.source, call.temporary, *call.watched), limits.disk)
    caller = pyproject_hooks.BuildBackendHookCaller(
        str(call.source),
        system.backend,
        backend_path=system.backend_path or None,
        runner=_Runner(context, call, starter, limits, weight),
        python_executable=str(call.python),
    )
    try:
        returned = getattr(caller, call.hook)(**call.arguments)
    except _Ended as ended:
        return weight.reason(call.hook) or answer.ended(ended.run, system, call.hook, limits.seconds, context)
    except Exception as error:  # noqa: BLE001 - what the library raises of a process that it cannot understand
        return answer.failed(system, call.hook, error, context)
    return weight.reason(call.hook, now=True) or returned


class _Runner:
    """What pyproject_hooks starts a hook's process by."""

    def __init__(self, context: Context[Any], call: Call, starter: Starter, limits: Limits, weight: Weight) -> None:
        self.context = context
        self.call = call
        self.starter = starter
        self.limits = limits
        self.weight = weight

    def __call__(
        self, cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None
    ) -> None:
        """Run the command of a hook, which ends with a folder for question and answer.

        Both the script and this folder are moved to where a path tells nothing of this machine and this run.

        Raises:
            _Ended: it did not come to a good end.
        """
        python, script, hook, control = cmd
        own = shutil.copyfile(script, self.call.temporary / "hook.py")
        shutil.copyfile(Path(control, QUESTION), self.call.temporary / QUESTION)
        variables = {**_variables(self.context, self.call), **(extra_environ or {})}
        argv = (python, str(own), hook, str(self.call.temporary))
        self.weight.start()
        command = self.starter(Command(argv=argv, cwd=Path(cwd or self.call.source), env=variables))
        run = self.context.run(
            command.argv,
            timeout=self.limits.seconds,
            env=command.env,
            cwd=command.cwd,
            output_limit=KEPT,
            cancel=self.weight,
        )
        if run.status != "OK":
            raise _Ended(run)
        answered = self.call.temporary / ANSWER
        if answered.is_symlink() or answered.stat().st_size > KEPT:
            raise ValueError(f"{ANSWER} is no answer")
        shutil.copyfile(answered, Path(control, ANSWER))


def _variables(context: Context[Any], call: Call) -> Mapping[str, str]:
    """What a build frontend sets: programs of the environment first, and nothing else that Python could import."""
    path = os.pathsep.join(filter(None, (str(call.python.parent), context.environ.get("PATH", os.defpath))))
    return {
        "PATH": path,
        "PYTHONPATH": "",
        "PYTHONHOME": "",
        "PYTHONNOUSERSITE": "1",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(call.temporary)),
    }
