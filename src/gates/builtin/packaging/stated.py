"""Stated: who says which version, and what the changelog says of it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.packaging.facts import Logged, Said
from gates.project import changelog
from gates.project.tree import printable

if TYPE_CHECKING:
    from gates.builtin.packaging.reading import Opened
    from gates.project.facts import Project

VERSION_LINE = re.compile(
    r"""^\s*(?:["']?_*version_*["']?\s*(?::\s*str\s*)?[:=]\s*)["']?(?P<version>v?\d[^"',\s#]*)""",
    re.IGNORECASE | re.MULTILINE,
)
TAG = re.compile(r"(?:(?P<name>.*[A-Za-z].*?)[-_/@])??(?:release|rel|version)?[-_/]?v?(?P<version>\d.*)", re.IGNORECASE)


def by_artifacts(artifacts: Iterable[Opened]) -> Iterator[Said]:
    """The versions in the metadata and the file names of wheel and source distribution."""
    for one in artifacts:
        shown = "wheel" if one.packed.kind == "wheel" else "source distribution"
        yield _said(f"the metadata of the {shown}", one.packed.metadata.version)
        yield _said(f"the file name {one.packed.name}", of_name(one.packed.name))


def of_name(name: str) -> str:
    """The version in the file name of an artifact, "" where there is none (PEP 427, PEP 625)."""
    if name.endswith(".whl"):
        parts = name.split("-")
        return parts[1] if len(parts) >= 5 else ""
    return name.removesuffix(".tar.gz").removesuffix(".zip").rpartition("-")[2]


def by_packages(project: Project, wheel: Opened) -> Iterator[Said]:
    """The plain text that a top-level module of the wheel gives `__version__`, followed over one import."""
    folders = {name.rpartition("/")[0] for name in wheel.contents if name.endswith(".py")}
    for name, data in sorted(wheel.contents.items()):
        package = _top(name, folders)
        if package is None:
            continue
        found = _assigned(data, "__version__", package, wheel.contents, name)
        if found is not None:
            place, version, line = found
            path = next((one for one in _in_tree(project, place, wheel.contents[place])), None)
            yield Said(
                who=f"`__version__` of {package.replace('/', '.')}",
                tag=False,
                version=version,
                path=path,
                line=line if path is not None else None,
            )


def _top(name: str, folders: Collection[str]) -> str | None:
    """The path of a top-level module or package, or of one in a namespace package, whose own file this is.

    `folders` are those with modules. One with modules and without `__init__.py` is no namespace: what is in its folders
    may be of somebody else.
    """
    if "/" not in name:
        return name.removesuffix(".py") if name.endswith(".py") else None
    folder, _, file = name.rpartition("/")
    parts = folder.split("/")
    above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
    whole = file == "__init__.py" and all(part.isidentifier() for part in parts)
    return folder if whole and not any(one in folders for one in above) else None


def by_tags(project: Project) -> Iterator[Said]:
    """The versions of the tags at HEAD that are named like a release of this project.

    Raises:
        GitError: git failed.
    """
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    git = project.git
    if git is None or git.head is None:
        return
    for tag in git.run("tag", "--points-at", "HEAD").splitlines():
        match = TAG.fullmatch(tag)
        name = match["name"] if match else None
        last = name.rpartition("/")[2] if name else ""
        if match is None or (last and canonicalize_name(last) != canonicalize_name(project.name)):
            continue
        try:
            Version(match["version"])
        except InvalidVersion:
            continue
        yield Said(who=f"the tag {printable(tag)}", tag=True, version=match["version"], path=None, line=None)


def by_file(root: Path, name: str) -> Said | None:
    """The version that a file names in a line such as `version: 1.0`; None where there is no such file or line."""
    try:
        text = (root / name).read_text("utf-8", "replace")
    except OSError:
        return None
    match = VERSION_LINE.search(text)
    if match is None:
        return None
    line = text.count("\n", 0, match.start("version")) + 1
    return Said(who=name, tag=False, version=match["version"], path=name, line=line)


def logged(project: Project, path: str | None, version: str) -> Logged:
    """What the changelog says of `version`.

    Raises:
        ProjectError: a file cannot be read.
    """
    found = changelog.read(project.root, path)
    if found is None:
        return Logged(path="", asked=path is not None, entry=False, pending=False, waits=False, day="", line=None)
    own = found.of(version)
    first = own or (found.entries[0] if found.entries else found.unreleased)
    dated = found.form == "dated"
    return Logged(
        path=found.path,
        asked=path is not None,
        entry=dated or own is not None or (first is None and _names(project.root / found.path, version)),
        pending=found.unreleased is not None or bool(found.fragments),
        waits=own is not None and own.pending,
        day="" if own is None or own.date is None else own.date.isoformat(),
        line=None if first is None else first.line,
    )


def _names(path: Path, version: str) -> bool:
    """Whether a text without headings names the version; a list of versions, for one, is a changelog too."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return False
    return re.search(rf"(?<![\w.]){re.escape(version)}(?!\w|\.\d)", text) is not None


def _said(who: str, version: str) -> Said:
    return Said(who=who, tag=False, version=version, path=None, line=None)


def _assigned(
    data: bytes, wanted: str, package: str, contents: Mapping[str, bytes], place: str, *, follow: bool = True
) -> tuple[str, str, int] | None:
    """File, text and line of the last plain assignment at the top level of a module."""
    try:
        with warnings.catch_warnings():
            # What the compiler thinks of a string's escapes is no matter of this gate.
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = None
    plain: dict[str, tuple[str, int]] = {}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        named = [one.id for one in targets if isinstance(one, ast.Name)]
        for name in named:
            said = _text(getattr(node, "value", None), plain, node.lineno)
            plain.pop(name, None)
            if said is not None:
                plain[name] = said
        if wanted in named:
            found = (place, *plain[wanted]) if wanted in plain else None
        elif follow and isinstance(node, ast.ImportFrom) and node.module:
            found = _imported(node, wanted, package, contents) or found
    return found


def _text(value: ast.expr | None, plain: Mapping[str, tuple[str, int]], line: int) -> tuple[str, int] | None:
    """The plain text that is assigned, or that of a name which has one, and the line where it is written."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value, line
    return plain.get(value.id) if isinstance(value, ast.Name) else None


def _imported(
    node: ast.ImportFrom, wanted: str, package: str, contents: Mapping[str, bytes]
) -> tuple[str, str, int] | None:
    """The same of the module that `wanted` is imported from, where that is in the same package."""
    original = next((one.name for one in node.names if (one.asname or one.name) == wanted), None)
    dotted = package.replace("/", ".")
    inside = node.level == 1 or (node.module or "").startswith(f"{dotted}.")
    if original is None or not inside:
        return None
    module = (node.module or "").removeprefix(f"{dotted}.").replace(".", "/")
    for place in (f"{package}/{module}.py", f"{package}/{module}/__init__.py"):
        if place in contents:
            return _assigned(contents[place], original, package, contents, place, follow=False)
    return None


def _in_tree(project: Project, place: str, data: bytes) -> Iterator[str]:
    """Files of the tree with this content below one of the import roots."""
    known = set(project.tree.files)
    for root in dict.fromkeys([*project.layout.import_roots, "src", ".", "lib"]):
        path = place if root == "." else f"{root}/{place}"
        if path in known and (project.root / path).read_bytes() == data:
            yield path
