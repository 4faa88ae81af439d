"""Isolation: the environment in which each side imports its own product, and what shows that it does."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.model.reason import Reason

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
    found[name] = None if spec is None else [type(spec.loader).__module__, spec.origin]
print(json.dumps(found))
"""
"""Asks where modules would come from; of what is inside a namespace, only that is imported."""

ABSENT = """raise ModuleNotFoundError("No module named {name!r}", name={name!r})\n"""
FINDERS: Mapping[str, str] = {
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
    return {**FINDERS, "PYTHONPATH": os.pathsep.join(paths)}


def hide(place: Path, names: Sequence[str]) -> None:
    """Write modules into `place` that stand for `names` and cannot be imported, as if nothing of the name was there.

    An editable installation leads to the work tree, where a side that lacks a package would find it.
    """
    for name in names:
        path = place.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ABSENT.format(name=name), encoding="utf-8")


def verify(
    context: Context[Any], python: Path, name: str, folder: Path, env: Mapping[str, str], modules: Sequence[str]
) -> Reason | None:
    """None where the judged Python finds each of `modules` in `folder`; else what is wrong with the side `name`."""
    ended = context.run([str(python), "-P", "-c", QUESTION, *modules], env=env, cwd=folder, timeout=60.0)
    if ended.status != "OK":
        return _reason(name, f"the interpreter did not say where it imports from ({ended.status})", "tool_crashed")
    try:
        found = json.loads(ended.text.splitlines()[-1])
    except (ValueError, IndexError):
        return _reason(name, "the interpreter did not say where it imports from", "unparsable_output")
    return strays(name, (folder,), {one: (found.get(one) or (None, None))[1] for one in modules})


def strays(name: str, folders: Sequence[Path], packages: Mapping[str, str | None]) -> Reason | None:
    """None where each package came from a file in one of `folders`; else which one of the side `name` did not."""
    places = [Path(os.path.realpath(one)) for one in folders]
    for package, file in sorted(packages.items()):
        if file is None:
            return _reason(name, f"{package} cannot be imported", "package_missing")
        real = Path(os.path.realpath(file))
        if not any(real.is_relative_to(one) for one in places):
            return _reason(name, f"{package} is imported from {file}, an installed copy", "tested_installed_copy")
    return None


def _reason(side: str, message: str, code: Any) -> Reason:
    fix = "python -m pip install --editable . --config-settings editable_mode=compat"
    return Reason(code=code, message=f"at {side}, {message}", fix=fix)


def _moved(path: Path, root: Path, folder: Path) -> str:
    return str(folder / path.relative_to(root) if path.is_relative_to(root) else path)
