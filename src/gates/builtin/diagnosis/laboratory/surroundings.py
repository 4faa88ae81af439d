"""Surroundings: the explicit environment of a run, in which nothing of the caller's is left that tests might read."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gates.process import child

TAKEN = frozenset({
    "CI", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "DEBUG", "EDITOR", "FORCE_COLOR", "LANG", "LANGUAGE", "LINES",
    "LOCPATH", "NO_COLOR", "OLDPWD", "PAGER", "PWD", "PYTHONASYNCIODEBUG", "PYTHONBREAKPOINT", "PYTHONCOERCECLOCALE",
    "PYTHONDEVMODE", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONOPTIMIZE",
    "PYTHONPYCACHEPREFIX", "PYTHONUTF8", "PYTHON_COLORS", "PY_COLORS", "SOURCE_DATE_EPOCH", "TEMP", "TMP", "TMPDIR",
    "TZ", "VISUAL",
})  # fmt: skip
"""Variables that the base has not, because a factor sets them or because they differ from machine to machine."""

PREFIXES = (
    "ALL_PROXY", "COVERAGE_", "COV_CORE_", "FTP_PROXY", "GATES_", "GIT_", "GITHUB_", "GITLAB_", "HTTPS_PROXY",
    "HTTP_PROXY", "LC_", "NO_PROXY", "PYTEST_", "VLTAIR_", "XDG_",
)  # fmt: skip
KEPT = frozenset({"PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS"})
TERMINAL = "xterm"

Environment = dict[str, str]


def neutral(environ: Mapping[str, str]) -> Environment:
    """The caller's environment without what is a factor's or an earlier run's; the project's own variables are kept."""
    kept = {
        name: value
        for name, value in child.environment(environ).items()
        if name not in TAKEN and (name in KEPT or not name.upper().startswith(PREFIXES))
    }
    options = addopts(environ.get("PYTEST_ADDOPTS", ""))
    if options:
        kept["PYTEST_ADDOPTS"] = options
    if "TERM" in kept:
        kept["TERM"] = TERMINAL
    home = environ.get("HOME")
    if home and os.name == "posix":
        # What was installed for the user is found without a home, too.
        kept.setdefault("PYTHONUSERBASE", str(Path(home) / ".local"))
    return kept


def addopts(text: str) -> str:
    """Options of PYTEST_ADDOPTS but those that choose plugins or stop a run early."""
    try:
        words = shlex.split(text)
    except ValueError:
        return ""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-p", "--maxfail"):
            skip = True
        elif word in ("-x", "--exitfirst", "--lf", "--ff", "--sw") or word.startswith(("-p", "--maxfail=")):
            continue
        else:
            kept.append(word)
    return shlex.join(kept)


def private(place: Path, home: str | None) -> Environment:
    """Variables for folders of this run alone, which are made below `place`; git's identity is copied into the home."""
    names = {
        "HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "home/.cache", "XDG_CONFIG_HOME": "home/.config",
        "XDG_DATA_HOME": "home/.local/share", "XDG_STATE_HOME": "home/.local/state", "XDG_RUNTIME_DIR": "run",
    }  # fmt: skip
    if os.name == "nt":
        names |= {
            "USERPROFILE": "home",
            "TEMP": "tmp",
            "TMP": "tmp",
            "LOCALAPPDATA": "home/local",
            "APPDATA": "home/data",
        }
    for name in sorted(set(names.values())):
        (place / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    if home is not None:
        with suppress(OSError):
            (place / "home/.gitconfig").write_bytes((Path(home) / ".gitconfig").read_bytes())
    return {name: str(place / path) for name, path in names.items()}


def changes(words: str) -> dict[str, str | None]:
    """The variables that shell words set (NAME=VALUE), and those that they take away (-NAME), which are None."""
    found: dict[str, str | None] = {}
    for word in shlex.split(words):
        name, given, value = word.partition("=")
        found[name if given else name.removeprefix("-")] = value if given else None
    return found


def changed(env: Environment, words: str) -> Environment:
    """The environment after shell words."""
    made: dict[str, str | None] = {**env, **changes(words)}
    return {name: value for name, value in made.items() if value is not None}
