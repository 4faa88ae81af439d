"""Children: commands that the action starts, without the runner's own channels in their environment."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from inputs import PREFIX
from refusal import Refused

CHANNELS = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE")
TOKENS = ("ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL")
IDENTITY = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL")
"""With these a process can act as the workflow; only what signs is given them."""


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what would let a child set outputs, variables, paths or summaries, or act as the workflow."""
    dropped = {*CHANNELS, *TOKENS, *IDENTITY}
    return {name: value for name, value in environ.items() if name not in dropped and not name.startswith(PREFIX)}


def git(folder: Path, *words: str, environ: Mapping[str, str], timeout: float = 600) -> str | None:
    """What git says, stripped; None where it ends with an error.

    Raises:
        Refused: there is no git, or it does not end.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise Refused("git is not on the path") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"git {words[0]} did not end within {timeout:.0f} s") from error
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def run(argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """The exit code of a command that prints where the action prints.

    Raises:
        Refused: it cannot be started.
    """
    try:
        return subprocess.run(
            list(argv), cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False
        ).returncode
    except OSError as error:
        raise Refused(f"{Path(argv[0]).name} cannot be started: {error.strerror or error}") from error
