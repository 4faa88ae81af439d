"""Isolation: the environment in which each side imports its own product, and what shows that it does."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.model.reason import Reason, ReasonCode
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context

QUESTION = """
import importlib.util, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    found[name] = spec.origin if spec is not None and spec.has_location else None
print(json.dumps(found))
"""
"""Asks where modules would come from; of what is inside a namespace, only that is imported."""

ABSENT = """raise ModuleNotFoundError("No module named {name!r}", name={name!r})\n"""
BYTECODE: Mapping[str, str] = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": "",
}
"""Bytecode lies beside its source: below a prefix, folders that were exchanged would find that of the other side."""


def environment(
    root: Path, folder: Path, roots: Sequence[Path], more: Sequence[Path], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """The variables of a side in `folder`: its import roots, then `more`, then what PYTHONPATH had before.

    What PYTHONPATH had of the project itself, which is at `root`, leads into the folder.
    """
    before = [one for one in environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    kept = [_moved(Path(os.path.normpath(root / one)), root, folder) for one in before]
    paths = dict.fromkeys([*map(str, roots), *map(str, more), *kept])
    return {**BYTECODE, "PYTHONPATH": os.pathsep.join(paths)}


def hide(place: Path, names: Sequence[str]) -> None:
    """Write modules into `place` that stand for `names` and cannot be imported, as if nothing of the name was there.

    An editable installation leads to the work tree, where a side that lacks a package would find it.
    """
    for name in names:
        path = place.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ABSENT.format(name=name), encoding="utf-8")


def places(
    context: Context[Any], python: Path, folder: Path, env: Mapping[str, str], modules: Sequence[str]
) -> Mapping[str, str | None] | Reason:
    """The file from which the judged Python would import each module, None where it finds none; runs no module."""
    ended = context.run([str(python), "-P", "-c", QUESTION, *modules], env=env, cwd=folder, timeout=60.0)
    if ended.status != "OK":
        return _reason(f"the interpreter did not say where it imports from ({ended.status})", "tool_crashed")
    try:
        found = json.loads(ended.text.splitlines()[-1])
        return {str(name): None if file is None else str(file) for name, file in found.items()}
    except (ValueError, IndexError, AttributeError):
        return _reason("the interpreter did not say where it imports from", "unparsable_output")


def is_of(file: str, root: Path) -> bool:
    """Whether a file is in the project at `root`."""
    return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(root))


def is_installed_by(distribution: str, module: str, site: Sequence[Path]) -> bool:
    """Whether the distribution's own list of files has the module."""
    name, place = canonical(distribution), module.replace(".", "/")
    for folder in (one for where in site for one in where.glob("*.dist-info/RECORD")):
        if canonical(folder.parent.name.rpartition("-")[0].partition("-")[0]) == name:
            lines = folder.read_text("utf-8", "replace").splitlines()
            return any(line.startswith((f"{place}/", f"{place}.py,")) for line in lines)
    return False


def strays(name: str, folders: Sequence[Path], packages: Mapping[str, str | None]) -> Reason | None:
    """None where each package came from a file in one of `folders`; else which one of the side `name` did not."""
    inside = [Path(os.path.realpath(one)) for one in folders]
    for package, file in sorted(packages.items()):
        if file is None:
            return _reason(f"{package} of {name} cannot be imported from its own folder", "package_missing")
        if not any(Path(os.path.realpath(file)).is_relative_to(one) for one in inside):
            message = f"{package} of {name} is imported from {file}, and not from the folder of this side"
            return _reason(message, "tested_installed_copy")
    return None


def _reason(message: str, code: ReasonCode) -> Reason:
    # A copy that is installed comes after PYTHONPATH; what an editable installation puts first does not.
    return Reason(code=code, message=message, fix="python -m pip install .")


def _moved(path: Path, root: Path, folder: Path) -> str:
    return str(folder / path.relative_to(root) if path.is_relative_to(root) else path)
