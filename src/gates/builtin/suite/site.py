"""Site: where in somebody else's suite a test file is collected, for canaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.suite import options
from gates.builtin.suite.options import PytestOptions
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.project.facts import Project

NAME = "gates_canary"


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a test file is collected in this project, and what a test function must be called there.

    `args` are the suite's own arguments without what they name to be tested.
    """

    root: Path
    file: str
    function: str
    args: tuple[str, ...]
    options: PytestOptions
    gate: str

    @property
    def only(self) -> tuple[str, ...]:
        """Arguments that run this file alone."""
        return (*self.args, self.file)

    @property
    def unmeasured(self) -> Mapping[str, Any]:
        """Settings of the gate `tests` that run this file alone, which imports no package and would miss any limit."""
        uncovered = ("--no-cov",) if options.measures(self.options) else ()
        return {"args": [*self.args, *uncovered, self.file], "packages": []}

    def write(self, text: str) -> None:
        """Write the test file, with the name of its function in it."""
        (self.root / self.file).write_text(text.format(name=self.function), encoding="utf-8")

    def hook(self, name: str, text: str) -> Reason | None:
        """Add to the folder's conftest.py, or say why that would change something of the `name` there."""
        path = (self.root / self.file).with_name("conftest.py")
        held = path.read_text(encoding="utf-8") if path.is_file() else ""
        if name in held:
            shown = path.relative_to(self.root).as_posix()
            return unfit(f"{shown} has a {name} of its own, which a planted one would replace", self.gate)
        path.write_text(f"{held}\n\n{text.format(name=self.function)}", encoding="utf-8")
        return None


def find(project: Project, args: Sequence[str], environ: Mapping[str, str], rule: str, gate: str) -> Site | Reason:
    """The site of a canary for `rule` of `gate` in a suite that is run with `args`, or why there is none."""
    root, layout, own = project.root, project.layout, f"{NAME}_{rule.lower()}"
    read = options.read(root, args, environ)
    patterns = read.lines("python_files") or ("test_*.py", "*_test.py")
    paths = tuple(one for one in args if (root / one).exists()) or read.lines("testpaths") or layout.tests
    files = sorted(
        path
        for path in layout.python
        if any(fnmatchcase(Path(path).name, pattern) for pattern in patterns)
        and any(_below(path, one) for one in paths)
    )
    file = next((path for path in files if "def test" in _text(root / path)), None)
    names = [pattern.replace("*", own) for pattern in patterns if "*" in pattern and "/" not in pattern]
    if file is None or not names:
        return unfit("no test file was found beside which a canary would be collected", gate)
    return Site(
        root=root,
        file=Path(file).with_name(names[0]).as_posix(),
        function=_function(read, own),
        args=tuple(_without_targets(root, args)),
        options=read,
        gate=gate,
    )


def outside(project: Project, args: Sequence[str], environ: Mapping[str, str], rule: str, gate: str) -> Site:
    """A site in the project's root, where a file is collected that pytest is told by its name."""
    own = f"{NAME}_{rule.lower()}"
    read = options.read(project.root, args, environ)
    return Site(
        root=project.root,
        file=f"test_{own}.py",
        function=_function(read, own),
        args=tuple(_without_targets(project.root, args)),
        options=read,
        gate=gate,
    )


def _function(read: PytestOptions, own: str) -> str:
    """What a test function must be called to be collected."""
    prefix = (read.lines("python_functions") or ("test",))[0]
    return prefix.replace("*", own) if "*" in prefix else f"{prefix.rstrip('_')}_{own}"


def unfit(message: str, gate: str) -> Reason:
    """Why a canary of `gate` does not fit a project."""
    return Reason(code="does_not_apply", message=message, fix=f"gates prove {gate} -v")


def _without_targets(root: Path, args: Sequence[str]) -> Iterator[str]:
    """The arguments without the files and folders that are tested; what may be an option's value stays."""
    before = ""
    for word in args:
        option = before.startswith("-") and "=" not in before
        if word.startswith("-") or option or not (root / word.partition("::")[0]).exists():
            yield word
        before = word


def _below(path: str, folder: str) -> bool:
    folder = folder.partition("::")[0].removeprefix("./").rstrip("/")
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/") or fnmatchcase(path, f"{folder}/*")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
