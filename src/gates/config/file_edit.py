"""File edit: a file before and after, shown as a diff, and replaced whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from gates.errors import OutputError


@dataclass(frozen=True)
class FileEdit:
    """A file under `root` with its bytes before (None: there is none) and after the edit."""

    root: Path
    name: str
    before: bytes | None
    after: bytes

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> str:
        """A unified diff that `patch` and `git apply` understand."""
        old = "/dev/null" if self.before is None else f"a/{self.name}"
        changed = difflib.unified_diff(
            lines_of((self.before or b"").decode("utf-8", "replace")),
            lines_of(self.after.decode("utf-8", "replace")),
            old,
            f"b/{self.name}",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in changed)

    def check(self) -> None:
        """Make sure that the file is still what it was when the edit was made.

        Raises:
            OutputError: it is not, or it cannot be read.
        """
        path = self.root / self.name
        try:
            now = path.read_bytes() if path.exists() or path.is_symlink() else None
        except OSError as error:
            raise OutputError(f"{self.name} cannot be read: {error.strerror or error}") from error
        if now != self.before:
            raise OutputError(f"{self.name} was changed by someone else in between; nothing was written, run it again")

    def write(self) -> None:
        """Replace the file in one step, with the permissions that it had; a link stays a link.

        Raises:
            OutputError: the file changed in between, or cannot be written.
        """
        self.check()
        target = Path(os.path.realpath(self.root / self.name))
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(self.after)
                file.flush()
                os.fsync(file.fileno())
            if self.before is not None:
                shutil.copymode(target, temporary)
            temporary.replace(target)
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}") from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def lines_of(text: str) -> list[str]:
    """Lines with their ends; unlike `str.splitlines`, only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
