"""Tools: which tools a command calls, and whether they can object to anything when they are called so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

RUNNERS = frozenset({
    "hatch", "just", "make", "nox", "pdm", "poe", "pre-commit", "prek", "task", "taskipy", "tox",
})  # fmt: skip
"""Tools that call other tools; what they reach is in files of their own."""

TOOLS = RUNNERS | {
    "actionlint", "bandit", "basedpyright", "black", "check-manifest", "codespell", "coverage", "deptry", "diff-cover",
    "flake8", "gates", "interrogate", "isort", "lint-imports", "mypy", "nose2", "pip-audit", "pycodestyle",
    "pydocstyle", "pyflakes", "pylint", "pyrefly", "pyright", "pytest", "pytype", "ruff", "trial", "ty", "unittest",
    "validate-pyproject", "vulture", "yamllint", "zizmor",
}  # fmt: skip
"""Tools whose exit code is a judgement."""

NAMES = {
    "py.test": "pytest",
    "pytest-vltair": "gates",
    "dmypy": "mypy",
    "gmake": "make",
    "importlinter": "lint-imports",
    "stubtest": "mypy",
}
"""Other names of the same tool."""

ASIDE = {
    "coverage": {"annotate", "combine", "debug", "erase", "help", "html", "json", "lcov", "xml"},
    "gates": {"explain", "init", "list", "schema"},
    "hatch": {"build", "clean", "config", "dep", "env", "new", "project", "publish", "python", "shell", "status",
              "version"},
    "mypy": {"--install-types"},
    "pdm": {"add", "build", "install", "lock", "publish", "sync", "update"},
    "pre-commit": {"autoupdate", "clean", "gc", "install", "install-hooks", "uninstall"},
    "prek": {"autoupdate", "clean", "install", "install-hooks", "uninstall"},
    "ruff": {"clean", "config", "linter", "rule", "server", "version"},
}  # fmt: skip
"""First arguments with which a tool does not judge."""

PASSING = {
    "bandit": ("--exit-zero",),
    "codespell": ("--write-changes", "-w"),
    "flake8": ("--exit-zero",),
    "pylint": ("--exit-zero",),
    "pytest": ("--collect-only", "--co", "--suppress-no-test-exit-code"),
    "ruff": ("--exit-zero", "-e", "--fix-only"),
}
"""Options with which a tool returns 0 over what it finds."""

SILENCING = frozenset({"--exit-zero", "-e", "--suppress-no-test-exit-code"})
"""Those of them with which it still looks, and says what it finds."""

CHECKING = {
    "black": ("--check", "--diff"),
    "isort": ("--check", "--check-only", "-c"),
    "ruff format": ("--check", "--diff"),
}
"""Options without which a tool rewrites and returns 0."""

WRAPPERS = {
    "command": (), "env": ("-u", "-S", "-C"), "exec": (), "nice": ("-n",), "nohup": (), "sudo": ("-u",), "time": (),
    "timeout": ("-s", "-k"), "xargs": ("-n", "-P", "-I", "-L", "-d", "-a"), "xvfb-run": (),
}  # fmt: skip
"""Commands that start the one after them, with their options that take a value."""
RUNNING = {"uv": "run", "poetry": "run", "pdm": "run", "hatch": "run", "pipx": "run", "pipenv": "run", "rye": "run"}
TAKING_VALUE = frozenset({
    "--directory", "--env", "--extra", "--from", "--group", "--index", "--only-group", "--package", "--project",
    "--python", "--spec", "--with", "--with-editable", "--with-requirements", "-e", "-p",
})  # fmt: skip
SHELLS = frozenset({"bash", "dash", "ksh", "sh", "source", "zsh", "."})

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_VARIABLE = re.compile(r"\$[({]?\(?(\w+)[)}]?")
_OWN_PATH = re.compile(r"[\w.$-][\w./$-]*")
_PREFIX = re.compile(r"(?:\$\{\w+\}|\$\(\w+\)|\{\w+\})(?=\w)")
_PYTHON = re.compile(r"(python|pypy|py)([0-9.]*)(\.exe)?|\{(posargs|env_?python|basepython)\}")


def tools_of(words: Sequence[str]) -> tuple[str, ...]:
    """The tools that a simple command calls, the outermost first: `coverage run -m pytest` calls two."""
    held = [word for word in words if word]
    while held and _ASSIGNMENT.fullmatch(held[0]):
        held = held[1:]
    if not held:
        return ()
    name, rest = _name(held[0]), held[1:]
    inner = _started(held[0], name, rest)
    if inner is not None:
        return tools_of(inner) or ((name,) if name in RUNNERS else ())
    if name in SHELLS or _PYTHON.fullmatch(name):
        return _script(_after_options(rest, ("-o", "-W", "-X")), any_name=name in SHELLS and "-c" not in rest)
    if name not in TOOLS:
        return _script(held, any_name="/" in held[0])
    if _is_aside(name, rest):
        return ()
    return (name, *(tools_of(rest[rest.index("-m") + 1 :]) if name == "coverage" and "-m" in rest else ()))


def _started(word: str, name: str, rest: Sequence[str]) -> Sequence[str] | None:
    """The command that this one starts in its place, or None where it is itself what runs."""
    if name in WRAPPERS:
        return _after_options(rest, WRAPPERS[name], numbers=name == "timeout")
    if name == "uvx":
        return [one.partition("@")[0] for one in _after_options(rest, TAKING_VALUE)]
    if RUNNING.get(name) in rest:
        return _environment_off(_after_options(rest[rest.index(RUNNING[name]) + 1 :], TAKING_VALUE))
    if "-m" in rest and name not in TOOLS and _looks_python(word, name):
        return rest[rest.index("-m") + 1 :]
    return None


def own_clause(tool: str, words: Sequence[str]) -> str:
    """Why the tool itself returns 0 over what it finds when it is called with these words, or ""."""
    names = [_name(word) for word in words]
    after = list(words[names.index(tool) + 1 :]) if tool in names else list(words)
    for option in PASSING.get(tool, ()):
        if option in after:
            return f"`{option}` makes {tool} return 0"
    called = f"{tool} {after[0]}" if tool == "ruff" and after else tool
    wanted = CHECKING.get(called, ())
    if wanted and not any(word in wanted for word in after):
        return f"`{called}` without `{wanted[0]}` rewrites and returns 0"
    return ""


def silenced(tool: str, words: Sequence[str]) -> str:
    """The option with which the tool returns 0 although it judges, as a clause, or ""."""
    clause = own_clause(tool, words)
    return clause if any(clause.startswith(f"`{option}` ") for option in SILENCING) else ""


def _name(word: str) -> str:
    """The name of a program: without its folder, its quotes, and the variable that holds it."""
    variable = _VARIABLE.fullmatch(word)
    if variable:
        held = variable[1].lower().replace("_", "-")
        return NAMES.get(held, held)
    name = PurePosixPath(_PREFIX.sub("", word).replace("\\", "/")).name.removesuffix(".exe").removeprefix("@")
    return NAMES.get(name, name)


def _looks_python(word: str, name: str) -> bool:
    return bool(_PYTHON.fullmatch(name)) or "$" in word or "{" in word or "python" in name.lower()


def _after_options(words: Sequence[str], valued: Sequence[str] | frozenset[str], *, numbers: bool = False) -> list[str]:
    held = list(words)
    while held and (held[0].startswith("-") or (numbers and held[0][:1].isdigit()) or _ASSIGNMENT.fullmatch(held[0])):
        if held[0] == "-m":
            return ["python", *held]
        held = held[2:] if held[0] in valued else held[1:]
    return held


def _environment_off(words: Sequence[str]) -> list[str]:
    """The command without the environment that  the command: `hatch run lint:ruff check`."""
    held = list(words)
    if held and ":" in held[0]:
        held[0] = held[0].rpartition(":")[2]
    return held


def _script(words: Sequence[str], *, any_name: bool) -> tuple[str, ...]:
    """The path of the project's own script that the first word is; with `any_name` it needs no suffix."""
    path = words[0].removeprefix("./") if words else ""
    is_own = _OWN_PATH.fullmatch(path) and "/bin/" not in f"/{path.rpartition('/')[0]}/"
    return (path,) if is_own and (any_name or path.endswith((".sh", ".bash", ".py"))) else ()


def _is_aside(name: str, rest: Sequence[str]) -> bool:
    first = next((word for word in rest if not word.startswith("-") or word in ASIDE.get(name, ())), "")
    return first in ASIDE.get(name, ()) or (bool(rest) and rest[0] in {"--version", "-V", "--help", "-h"})
