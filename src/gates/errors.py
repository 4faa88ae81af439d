"""Every error that gates raises on purpose, and the exit codes; `cli.app` turns one into the other, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PASSED, FAILED, USAGE, UNDECIDED, INTERNAL, NOTHING_JUDGED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
"""The exit codes, which docs/reference/exit-codes.md explains."""

EXIT: Mapping[str, int] = {"passed": PASSED, "failed": FAILED, "undecided": UNDECIDED}
"""The exit code of a command that comes to one verdict, by that."""


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known name that somebody who wrote `name` most likely meant; None where none is at least so like it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=likeness)), None)


class GatesError(Exception):
    """One sentence for the user, with the file and line it is about where there is one.

    `slug` is stable: it is the `error.code` of the report and the anchor in the documentation.
    """

    slug = "error"

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """`path:line: message`, as far as the place is known."""
        if self.path is None:
            return self.message
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class UsageError(GatesError):
    """The command line asks for something that does not exist (exit 2)."""

    slug = "usage"


class ConfigError(GatesError):
    """The configuration cannot be read or says something unknown (exit 2)."""

    slug = "configuration"


class SchemaVersionError(ConfigError):
    """The configuration is written in the form of another version (exit 2)."""


class ProjectError(GatesError):
    """The project cannot be read: no such directory, no permission, not a tree (exit 2)."""

    slug = "project"


class PluginError(GatesError):
    """A plugin failed to load, or two gates bear one name (exit 2)."""

    slug = "plugin"


class GitError(GatesError):
    """git could not answer a question that was needed (exit 2)."""

    slug = "git"


class InternalError(GatesError):
    """gates itself is at fault (exit 4)."""

    slug = "internal"


class OutputError(GatesError):
    """A report could not be written where it was asked for (exit 2)."""

    slug = "output"
