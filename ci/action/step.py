"""Step: one of the action's three, its outputs, and the one place where a refusal becomes a red step."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import child
import choice
import held
import history
import judge
import talk
from inputs import Inputs, read
from install import install
from refusal import INTERNAL, Refused

LOCKS = ("uv.lock", "poetry.lock", "pyproject.toml", "setup.cfg", "setup.py", "requirements*.txt", "requirements/*.txt")


def main(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit code of a step: 0 only where it did what it is for."""
    steps: dict[str, Callable[[Inputs, Mapping[str, str]], int]] = {"plan": _plan, "install": _install, "gates": _gates}
    try:
        return steps[words[0]](read(environ), environ)
    except Refused as refused:
        return _red(refused, environ)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence and a red step
        what = f"internal error in the step {' '.join(words)}: {type(error).__name__}: {error}"
        return _red(Refused(what, "please report it", code=INTERNAL), environ)


def _red(refused: Refused, environ: Mapping[str, str]) -> int:
    said = refused.message if refused.message.endswith("?") else f"{refused.message}."
    fix = f" Fix: {refused.fix}" if refused.fix else ""
    talk.annotate("error", "gates: undecided", f"{said}{fix}")
    talk.summary(environ, f"## gates: undecided\n\n{talk.markdown(said)}{talk.markdown(fix)}\n")
    with suppress(Refused):
        talk.outputs(environ, {"verdict": "undecided", "exit-code": str(refused.code)})
    return refused.code


def _plan(inputs: Inputs, environ: Mapping[str, str]) -> int:
    """Say what will be done, fetch the commits that are compared with, and name the cache and the uploads."""
    chosen = choice.choose(inputs)
    talk.say(f"install: {chosen.kind} ({chosen.because})")
    history.fetch(inputs, environ)
    upload = inputs.sarif and inputs.command in {"check", "merge"} and not _foreign(environ)
    values = {
        "python": platform.python_version(),
        "lock": _digest(inputs),
        "downloads": str(inputs.downloads),
        "cached": str(inputs.cache and chosen.kind != "nothing").lower(),
        "upload": str(upload).lower(),
    }
    if inputs.sarif and not upload:
        talk.annotate(
            "notice",
            "gates: SARIF is not uploaded",
            "the token of a fork's pull request cannot write; annotations, summary and the file have the findings",
        )
    talk.outputs(environ, values)
    return 0


def _foreign(environ: Mapping[str, str]) -> bool:
    """Whether the change comes from a fork, whose token may only read."""
    pull = history.event(environ).get("pull_request")
    if not isinstance(pull, Mapping):
        return False
    head = pull.get("head")
    repository = head.get("repo") if isinstance(head, Mapping) else None
    name = repository.get("full_name") if isinstance(repository, Mapping) else None
    return name != environ.get("GITHUB_REPOSITORY")


def _digest(inputs: Inputs) -> str:
    """The SHA-256 of all that says what is installed."""
    digest = hashlib.sha256(" ".join((inputs.install, inputs.version, *choice.extras(inputs))).encode())
    for folder in dict.fromkeys((inputs.workspace, inputs.root, inputs.action)):
        for path in sorted(path for pattern in LOCKS for path in folder.glob(pattern) if path.is_file()):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install(inputs: Inputs, environ: Mapping[str, str]) -> int:
    python = install(inputs, choice.choose(inputs), child.environment(environ))
    talk.outputs(environ, {"python": str(python)})
    return 0


def _gates(inputs: Inputs, environ: Mapping[str, str]) -> int:
    result = judge.Judging(inputs, environ).judge()
    code = result.code
    values = {name: str(path) for name, path in result.files.items()}
    talk.outputs(environ, {"verdict": result.verdict, "exit-code": str(code), **values})
    if inputs.export_env:
        talk.outputs(environ, held.variables(inputs.root, environ), to="GITHUB_ENV")
    talk.say(f"gates: {result.verdict} (exit code {code})")
    sys.stdout.flush()
    return code if 0 <= code < 256 else INTERNAL
