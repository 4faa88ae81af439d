"""Declared: every place where the project writes its version down, found without running anything of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from gates.project import documents
from gates.project.changelog_titles import same, valid
from gates.project.facts import PYPROJECT, Project
from gates.project.releasing import places
from gates.project.releasing.places import Place

FROM_TAGS = ("setuptools-scm", "hatch-vcs", "flit-scm", "pbr", "versioningit", "poetry-dynamic-versioning", "dunamai")
"""What a build requires where its version comes from a tag."""

NAMES = ("__version__", "VERSION", "version")
MODULES = ("__init__.py", "__about__.py", "__version__.py", "_version.py", "version.py", "about.py")
CITATION = "CITATION.cff"
LIMIT = 2 * 1024 * 1024
_TOML = re.compile(
    rb"^[ \t]*(?:[\w\"'.-]+\.)?version[ \t]*=[ \t]*(?P<quote>[\"'])(?P<version>[^\"'\n]*)(?P=quote)", re.MULTILINE
)
_INI = re.compile(rb"^version[ \t]*[=:][ \t]*(?P<version>\S+)[ \t]*\r?$", re.MULTILINE)
_CITED = re.compile(rb"^version:[ \t]*[\"']?(?P<version>[^\s\"'#]+)", re.MULTILINE)
_RELEASED = re.compile(rb"^date-released:[ \t]*[\"']?(?P<version>[\d-]+)", re.MULTILINE)
_SENTINEL = "0+sentinel"


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """The places, the one that counts first; `from_tags` is what takes the version from a tag instead, or "".

    `others` are places that no backend reads and that say another version.
    """

    places: tuple[Place, ...]
    from_tags: str
    others: tuple[Place, ...] = ()

    @property
    def version(self) -> str | None:
        """The version, None where no place says one."""
        return self.places[0].version if self.places else None


def find(project: Project, further: Sequence[str] = ()) -> Declared:
    """Where the version is; `further` are files that name it besides, each once.

    Raises:
        GatesError: a file of the project cannot be read.
    """
    tool = _from_tags(project)
    counting = [] if tool else list(_counting(project))
    if not counting:
        return Declared(places=(), from_tags=tool)
    version = counting[0].version
    others = [*_modules(project), *_cited(project.root), *_further(project.root, further, version)]
    found = {(one.path, one.start): one for one in (*counting, *(one for one in others if same(one.version, version)))}
    differing = tuple(one for one in others if not same(one.version, version))
    return Declared(places=tuple(found.values()), from_tags="", others=differing)


def released(root: Path) -> Place | None:
    """The date of the release in CITATION.cff, None where it has none."""
    return next(places.matches(places.data_of(root, CITATION), CITATION, _RELEASED), None)


def _from_tags(project: Project) -> str:
    tool = documents.table(project.pyproject, "tool")
    if documents.table(tool, "hatch", "version").get("source") in {"vcs", "versioningit"}:
        return "[tool.hatch.version]"
    if documents.table(tool, "pdm", "version").get("source") == "scm":
        return "[tool.pdm.version]"
    written = documents.table(project.pyproject, "project").get("version")
    if isinstance(written, str):
        return ""
    required = documents.words(documents.table(project.pyproject, "build-system").get("requires"))
    names = {_name(one) for one in required}
    return next((name for name in FROM_TAGS if name in names), "")


def _name(requirement: str) -> str:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return ""


def _counting(project: Project) -> Iterator[Place]:
    """The places that the build backend reads, of which the first counts."""
    root, tool = project.root, documents.table(project.pyproject, "tool")
    for keys in (("project",), ("tool", "poetry")):
        if isinstance(documents.table(project.pyproject, *keys).get("version"), str):
            yield from _toml(places.data_of(root, PYPROJECT), keys)
    hatch, pdm = documents.table(tool, "hatch", "version"), documents.table(tool, "pdm", "version")
    for one in (hatch.get("path"), pdm.get("path")):
        if isinstance(one, str):
            yield from _of_file(root, one)
    dynamic = documents.table(tool, "setuptools", "dynamic").get("version")
    setup_cfg = documents.ini(root, "setup.cfg").get("metadata", {}).get("version", "")
    for attribute in (documents.table(dynamic).get("attr"), *_after(setup_cfg, "attr:")):
        if isinstance(attribute, str):
            yield from _attribute(project, attribute)
    for one in (*documents.words(documents.table(dynamic).get("file")), *_after(setup_cfg, "file:")):
        yield from _of_file(root, one)
    yield from (
        one
        for one in places.matches(places.data_of(root, "setup.cfg"), "setup.cfg", _INI)
        if one.version == setup_cfg.strip()
    )
    yield from places.of_setup(places.data_of(root, "setup.py"))
    if "version" in documents.words(documents.table(project.pyproject, "project").get("dynamic")):
        yield from _modules(project)


def _after(text: str, word: str) -> tuple[str, ...]:
    return (text.strip().removeprefix(word).strip(),) if text.strip().startswith(word) else ()


def _toml(data: bytes, keys: tuple[str, ...]) -> Iterator[Place]:
    """The value of `version` in a table, proved by reading the document with another one in its place."""
    for one in places.matches(data, PYPROJECT, _TOML):
        other = data[: one.start] + _SENTINEL.encode() + data[one.end :]
        try:
            table = documents.table(tomllib.loads(other.decode("utf-8-sig")), *keys)
        except (ValueError, RecursionError):
            continue
        if table.get("version") == _SENTINEL:
            yield one


def _of_file(root: Path, path: str) -> Iterator[Place]:
    """The version in a file: of Python the one that is assigned, of others the first that is alone on its line."""
    data = places.data_of(root, path)
    if path.endswith(".py"):
        yield from list(places.assigned(data, path, NAMES))[:1]
        return
    alone = re.compile(rb"^\s*(?:[\w-]+\s*[=:]\s*)?[\"']?v?(?P<version>\d[\w.!+-]*)[\"']?[ \t]*\r?$", re.MULTILINE)
    yield from [one for one in places.matches(data, path, alone) if valid(one.version)][:1]


def _attribute(project: Project, attribute: str) -> Iterator[Place]:
    module, _, name = attribute.rpartition(".")
    relative = module.replace(".", "/")
    for top in dict.fromkeys((*project.layout.import_roots, ".", "src")):
        base = relative if top == "." else f"{top}/{relative}"
        for path in (f"{base}.py", f"{base}/__init__.py"):
            found = list(places.assigned(places.data_of(project.root, path), path, (name,)))
            if found:
                yield found[0]
                return


def _modules(project: Project) -> Iterator[Place]:
    """What is assigned to `__version__` in the modules of the packages that usually have it."""
    code = set(project.layout.python)
    for top in project.layout.import_roots:
        for package in sorted(project.layout.packages):
            relative = package.replace(".", "/")
            base = relative if top == "." else f"{top}/{relative}"
            for folder in _packages(base, code):
                for name in MODULES:
                    yield from places.assigned(
                        places.data_of(project.root, f"{folder}/{name}"), f"{folder}/{name}", NAMES[:1]
                    )
            yield from places.assigned(places.data_of(project.root, f"{base}.py"), f"{base}.py", NAMES[:1])


def _packages(base: str, code: Collection[str]) -> list[str]:
    """A package itself, or those in a namespace package."""
    inits = [path for path in code if path.startswith(f"{base}/") and path.endswith("/__init__.py")]
    if not inits or f"{base}/__init__.py" in code:
        return [base]
    least = min(path.count("/") for path in inits)
    return sorted(path.removesuffix("/__init__.py") for path in inits if path.count("/") == least)


def _cited(root: Path) -> Iterator[Place]:
    yield from list(places.matches(places.data_of(root, CITATION), CITATION, _CITED))[:1]


def _further(root: Path, paths: Sequence[str], version: str) -> Iterator[Place]:
    exact = re.compile(rb"(?<![\w.+-])(?P<version>" + re.escape(version.encode()) + rb")(?![\w+-]|\.\w)")
    for path in paths:
        found = list(places.matches(places.data_of(root, path), PurePosixPath(path).as_posix(), exact))
        if len(found) == 1:
            yield found[0]


def conflict(declared: Declared) -> Place | None:
    """The first place whose version is not that of the first one."""
    version = declared.version
    return next((one for one in declared.places if version and not same(one.version, version)), None)
