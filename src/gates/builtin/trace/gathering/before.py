"""Before: what items, their tests and their code were at the base commit or when a report was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.trace import items as joining
from gates.builtin.trace import wording
from gates.builtin.trace.documents import document
from gates.builtin.trace.documents.document import Document
from gates.builtin.trace.facts import Annotated, Executed, Item
from gates.builtin.trace.gathering.reports import Report
from gates.builtin.trace.gathering.tested import Sources
from gates.builtin.trace.naming import tests as named
from gates.builtin.trace.naming.tests import Ids
from gates.builtin.trace.readers import registry
from gates.builtin.trace.readers.registry import Reading
from gates.errors import ProjectError
from gates.project.git import call_bytes

if TYPE_CHECKING:
    from gates.builtin.trace.readers.found import Reader
    from gates.project.facts import Project
    from gates.project.git import Git


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


def readings(project: Project, commit: str, now: Sequence[Reading], readers: Sequence[Reader]) -> Sequence[Reading]:
    """The documents as they were in a commit, each under the path that it has now; those that it has not are empty.

    Raises:
        GitError: git failed.
    """
    from gates.project import changes, tree

    if project.git is None:
        return now
    olds = {tree.printable(one.path): one.old or one.path for one in changes.since(project.git, commit)}
    held = texts(project.git, commit, {olds[one.document.path] for one in now if one.document.path in olds})
    found = []
    for one in now:
        path = one.document.path
        old = one if path not in olds else registry.read(_document(path, held.get(olds[path], b"")), readers)
        found.append(old)
    return found


def _document(path: str, data: bytes) -> Document:
    try:
        return document.parse(path, data)
    except ProjectError:
        # What was no text then held no item.
        return document.parse(path, b"")


def outdated(
    reports: Iterable[Report], now: Sequence[Reading], then: Callable[[str], Sequence[Reading]]
) -> Iterator[tuple[str, str]]:
    """The ids of items that ask for something else than when a report was made, with its path.

    Raises:
        GitError: git failed.
    """
    held: dict[str, list[str]] = {}
    for report in reports:
        if report.commit and report.commit not in held:
            held[report.commit] = list(_reworded(now, then(report.commit)))
        yield from ((name, report.path) for name in held.get(report.commit, ()))


def _reworded(now: Sequence[Reading], then: Sequence[Reading]) -> Iterator[str]:
    if all(one is other for one, other in zip(now, then, strict=True)):
        return
    before = wording.of(then)
    for name, words in wording.of(now).items():
        if name not in before or words.differs(before[name]):
            yield name


def changed(
    project: Project,
    base: str,
    items: Sequence[Item],
    tests: Mapping[str, Sequence[str]],
    now: Sources,
    code: Iterable[Annotated | Executed],
    then: Callable[[str], Sequence[Reading]],
) -> Iterator[tuple[str, str]]:
    """The ids of items that differ from `base`, with what of them does; `then` are the documents as a commit has them.

    Raises:
        GitError: git failed.
    """
    from gates.project import changes

    if project.git is None:
        return
    touched = {one.old or one.path: one.path for one in changes.since(project.git, base)}
    files = frozenset(touched.values())
    if any(place.path in files for item in items for place in (item.place, *item.others.items)):
        before = {one.id: one.digest for one in joining.join(then(base)).items}
        yield from ((item.id, "item") for item in items if before.get(item.id) != item.digest)
    old = _tests(project.git, base, files.intersection(now))
    for item_id, names in tests.items():
        if any(_differs(name, now, old, files) for name in names):
            yield item_id, "test"
    for name in sorted({_item(one) for one in code if one.path in files}):
        yield name, "code"


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
