"""Before: what items, their tests and their code were at the base commit or when a report was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.trace.facts import Annotated, Executed, Item
from gates.builtin.trace.gathering.reports import Report
from gates.builtin.trace.gathering.tested import Sources
from gates.builtin.trace.naming import tests as named
from gates.builtin.trace.naming.tests import Ids
from gates.project.git import call_bytes

if TYPE_CHECKING:
    from gates.project.facts import Project
    from gates.project.git import Git

Digests = Mapping[str, str]
"""The digests of items by their ids."""


def texts(git: Git, commit: str, paths: Iterable[str]) -> Mapping[str, bytes]:
    """The contents of files in a commit; those that it has not, or that cannot be read, are left out."""
    found: dict[str, bytes] = {}
    for path in sorted(paths):
        code, output, _ = call_bytes(git.root, "cat-file", "blob", f"{commit}:{git.prefix}{path}")
        if code == 0:
            found[path] = output
    return found


def sources(project: Project, report: Report, files: Iterable[str], ids: Ids) -> Sources:
    """The tests of the files that changed since a report was written, as they were."""
    if project.git is None or not report.commit:
        return {}
    wanted = report.changed.intersection(files)
    held = texts(project.git, report.commit, wanted)
    return {path: named.sources(data.decode("utf-8", "replace"), ids) for path, data in held.items()}


def changed(
    project: Project,
    base: str,
    items: Sequence[Item],
    tests: Mapping[str, Sequence[str]],
    now: Sources,
    code: Iterable[Annotated | Executed],
    digests: Callable[[Path, Sequence[str]], Digests],
    folder: Path,
) -> Iterator[tuple[str, str]]:
    """The ids of items that differ from `base`, with what of them does; `digests` reads documents below a folder.

    Raises:
        GitError: git failed.
    """
    from gates.project import changes

    if project.git is None:
        return
    touched = {one.old or one.path: one.path for one in changes.since(project.git, base)}
    files = frozenset(touched.values())
    documents = sorted({one.place.path for one in items} & files)
    before = _before(project.git, base, documents, folder, digests)
    for item in items:
        if item.place.path in files and before.get(item.id) != item.digest:
            yield item.id, "item"
    then = _tests(project.git, base, files.intersection(now))
    for item_id, names in tests.items():
        if any(_differs(name, now, then, files) for name in names):
            yield item_id, "test"
    for name in sorted({_item(one) for one in code if one.path in files}):
        yield name, "code"


def _before(
    git: Git, base: str, documents: Sequence[str], folder: Path, digests: Callable[[Path, Sequence[str]], Digests]
) -> Digests:
    held = texts(git, base, documents)
    for path, data in held.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return digests(folder, sorted(held)) if held else {}


def _tests(git: Git, base: str, paths: Iterable[str]) -> Sources:
    nothing = Ids.of(())
    return {
        path: named.sources(data.decode("utf-8", "replace"), nothing) for path, data in texts(git, base, paths).items()
    }


def _differs(name: str, now: Sources, then: Sources, files: frozenset[str]) -> bool:
    path, inner = name.partition("::")[0], named.inner(name)
    if path not in files:
        return False
    one, other = now.get(path, {}).get(inner), then.get(path, {}).get(inner)
    return one is None or other is None or one.digest != other.digest


def _item(one: Annotated | Executed) -> str:
    return one.target if isinstance(one, Annotated) else one.item
