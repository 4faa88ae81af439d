"""Git: what the repository says of the project, asked of git itself."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.errors import GitError
from pytest_vltair.worktree import GIT, TIMEOUT, above, environment

if TYPE_CHECKING:
    from subprocess import Popen

STATE = ".gates"
ENDING = 5.0
"""Seconds that a killed git gets to be gone."""

_running: set[Popen[bytes]] = set()


class Git(msgspec.Struct, frozen=True, dict=True):
    """A work tree with its HEAD: `head` is None before the first commit, `branch` None on a detached HEAD.

    `prefix` is the project's folder below `toplevel`: "" or "sub/dir/"; `parents` are HEAD's, as far as they are here.
    """

    toplevel: Path
    prefix: str
    head: str | None
    branch: str | None
    shallow: bool
    parents: tuple[str, ...] = ()

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.toplevel / self.prefix

    def dirty(self) -> bool:
        """Whether the work tree differs from HEAD, files that git does not know yet included, gates' own state not.

        Asked once.

        Raises:
            GitError: git failed.
        """
        return self._differs

    @cached_property
    def _differs(self) -> bool:
        said = self.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--", ":/")
        changed = [entry[3:] for entry in said.split("\0") if entry]
        return any(STATE not in path.split("/") for path in changed)

    def run(self, *args: str) -> str:
        """What `git ARGS`, called in the project's folder, writes to its output; names as the file system has them.

        Raises:
            GitError: it ended with an error, or not in time.
        """
        code, output, errors = call(self.root, *args)
        if code != 0:
            raise GitError(complaint(errors, args[0]))
        return output

    def tracks(self, path: str) -> bool:
        """Whether git tracks the file or something in the folder `path`, relative to the root.

        Raises:
            GitError: it did not end in time.
        """
        return self.ask("ls-files", "--", path) is not None

    def ask(self, *args: str) -> str | None:
        """The first line of what `git ARGS` says, or None where it says nothing or ends with an error.

        Raises:
            GitError: it did not end in time.
        """
        code, output, _ = call(self.root, *args)
        line = output.partition("\n")[0]
        return line if code == 0 and line else None


def find(root: Path) -> Git | None:
    """What git says of the folder `root`; None where it is not in a work tree.

    Raises:
        GitError: it is in one, and git is not installed, refuses (another user's repository) or fails.
    """
    if above(str(root)) is None:
        return None
    place = ("--is-inside-work-tree", "--is-shallow-repository", "--show-cdup")
    code, output, errors = call(root, "rev-parse", *place, "HEAD", "HEAD^@", "--symbolic-full-name", "HEAD")
    lines = output.rstrip("\n").split("\n")
    if lines[0] == "false" or (code != 0 and "not a git repository (or any" in errors):
        return None
    unborn = code != 0 and lines[0] == "true" and "HEAD" in lines[3:]
    if code != 0 and not unborn:
        raise GitError(complaint(errors, "rev-parse"))
    toplevel = Path(os.path.normpath(root / lines[2]))
    prefix = "" if toplevel == root else f"{root.relative_to(toplevel).as_posix()}/"
    full_name = call(root, "symbolic-ref", "--quiet", "HEAD")[1].rstrip("\n") if unborn else lines[-1]
    return Git(
        toplevel=toplevel,
        prefix=prefix,
        head=None if unborn else lines[3],
        branch=full_name.removeprefix("refs/heads/") if full_name.startswith("refs/heads/") else None,
        shallow=lines[1] == "true",
        parents=() if unborn else tuple(lines[4:-1]),
    )


def call(folder: Path, *args: str, index: Path | None = None, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, output and errors of `git ARGS` in `folder`, without a hook's redirections; `index` is its own index.

    Raises:
        GitError: git is not installed, cannot be started, or does not end within a minute.
    """
    code, output, errors = call_bytes(folder, *args, index=index, stdin=os.fsencode(stdin))
    return code, os.fsdecode(output), errors


def call_bytes(folder: Path, *args: str, index: Path | None = None, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """The same as `call`, with the output as git wrote it.

    Raises:
        GitError: git is not installed, cannot be started, or does not end within a minute.
    """
    import subprocess
    from subprocess import PIPE

    variables = environment(os.environ) | ({} if index is None else {"GIT_INDEX_FILE": str(index)})
    try:
        with subprocess.Popen(
            [*GIT, *args], cwd=folder, env=variables, stdin=PIPE, stdout=PIPE, stderr=PIPE
        ) as process:
            _running.add(process)
            try:
                output, errors = process.communicate(stdin, TIMEOUT)
            except BaseException:
                process.kill()
                raise
            finally:
                _running.discard(process)
    except FileNotFoundError as error:
        raise GitError("the project is in a git work tree and git is not installed; install git") from error
    except subprocess.TimeoutExpired as error:
        command = args[2 * args.count("-c")]
        raise GitError(f"git {command} did not answer within {TIMEOUT:.0f} seconds") from error
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror or error}") from error
    return process.returncode, output, errors.decode("utf-8", "backslashreplace")


def end() -> None:
    """End every git that a thread of this process still waits for; none of them is there when this returns.

    git is asked directly, and not by way of `gates.process`: it is no tool that is judged, starts nothing that could
    stay behind, and a cached check cannot afford a child under limits for each of its questions.
    """
    from subprocess import TimeoutExpired

    running = list(_running)
    for process in running:
        process.kill()
    for process in running:
        with suppress(TimeoutExpired):  # uninterruptible in the kernel
            process.wait(ENDING)


def complaint(errors: str, command: str) -> str:
    """One sentence out of what git wrote to its error stream, with the remedy where there is a known one."""
    if "dubious ownership" in errors:
        remedy = [line.strip() for line in errors.splitlines() if "safe.directory" in line]
        tail = f"; if you trust it: {remedy[0]}" if remedy else ""
        return f"git refuses to read a repository that belongs to another user{tail}"
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    marked = [line.partition(": ")[2] for line in lines if line.startswith(("fatal: ", "error: "))]
    said = (marked or lines or ["it gave no reason"])[0]
    return f"git {command} failed: {said}"
