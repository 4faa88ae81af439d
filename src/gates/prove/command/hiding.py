"""Hiding: a tool that is missing, wherever the environment of the command, or one in the copy, leads to it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from gates.project.wiring.tools import NAMES

PROGRAM = """\
#!/bin/sh
echo asked >> '{log}'
echo '{tool}: not found (hidden by gates prove)' >&2
exit 127
"""
BATCH = '@echo asked>>"{log}"\r\n@exit /b 127\r\n'
MODULE = """\
with open({log!r}, "a") as log:
    log.write("asked\\n")
raise ModuleNotFoundError("No module named {module!r} (hidden by gates prove)", name={module!r})
"""


ENVIRONMENTS = ("*/pyvenv.cfg", ".*/pyvenv.cfg", ".tox/*/pyvenv.cfg", ".nox/*/pyvenv.cfg")
"""Environments in the copy, those included that the command has made there."""
ASIDE = ".hidden-by-gates"


class Hidden:
    """The tool's names, in a folder for PATH and in the copy's own environments, lead to what notes it and fails."""

    def __init__(self, tool: str, folder: Path, *, is_silent: bool = False) -> None:
        """Write programs and modules of the tool's names into a new folder.

        With `is_silent` there is no program in the tool's place, so that who asks whether it is there hears no.
        """
        self.is_silent = is_silent
        self.folder = folder
        self.log = folder / "asked"
        self.programs = folder / "programs"
        self.modules = folder / "modules"
        for one in (self.programs, self.modules):
            one.mkdir(parents=True)
        for name in (tool, *(other for other, one in NAMES.items() if one == tool)):
            self._write(name)

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """An environment in which the tool's names lead here first."""
        paths = environ.get("PATH", os.defpath).split(os.pathsep)
        paths = [self._without(path) for path in paths] if self.is_silent else [str(self.programs), *paths]
        modules = [str(self.modules), *filter(None, [environ.get("PYTHONPATH")])]
        return {**environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": os.pathsep.join(modules)}

    @contextmanager
    def inside(self, root: Path) -> Iterator[None]:
        """Within the block, the environments in the copy at `root` have the same in the place of the tool."""
        swapped = [pair for prefix in _environments(root) for pair in self._swaps(prefix)]
        for old, new in swapped:
            old.rename(_aside(old))
            if not (self.is_silent and new.parent == self.programs):
                shutil.copy2(new, _place(old, new))
        try:
            yield
        finally:
            for old, new in swapped:
                # The command may have made the environment anew, or removed it.
                with suppress(OSError):
                    _place(old, new).unlink(missing_ok=True)
                    _aside(old).rename(old)

    @property
    def asked(self) -> bool:
        """Whether anything asked for the tool."""
        return self.log.exists()

    def _write(self, name: str) -> None:
        program = self.programs / name
        program.write_text(PROGRAM.format(log=self.log, tool=name), "utf-8")
        program.chmod(0o755)
        if sys.platform == "win32":
            program.with_suffix(".bat").write_text(BATCH.format(log=self.log), "utf-8")
        module = name.replace("-", "_")
        if module.isidentifier() and module not in sys.stdlib_module_names:
            text = MODULE.format(log=str(self.log), module=module)
            (self.modules / f"{module}.py").write_text(text, "utf-8")

    def _without(self, path: str) -> str:
        """A folder of PATH, or one that has all that is in it but the tool."""
        names = {program.name for program in self.programs.iterdir()}
        if not any((Path(path) / name).exists() for name in names):
            return path
        mirror = self.folder / f"path-{len(list(self.folder.iterdir()))}"
        mirror.mkdir()
        for entry in Path(path).iterdir():
            if entry.name not in names:
                (mirror / entry.name).symlink_to(entry)
        return str(mirror)

    def _swaps(self, prefix: Path) -> Iterator[tuple[Path, Path]]:
        """What is to be put aside in an environment, and what takes its place."""
        for program in sorted(self.programs.iterdir()):
            if (prefix / "bin" / program.name).exists():
                yield prefix / "bin" / program.name, program
        for packages in prefix.glob("lib/python*/site-packages"):
            for module in sorted(self.modules.glob("*.py")):
                for found in (packages / module.stem, packages / module.name):
                    if found.exists():
                        yield found, module


def _environments(root: Path) -> list[Path]:
    return sorted({config.parent for pattern in ENVIRONMENTS for config in root.glob(pattern)})


def _place(old: Path, new: Path) -> Path:
    """Where what replaces a program, a package or a module goes."""
    return old if old.suffix == new.suffix else old.with_suffix(new.suffix)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ASIDE)
