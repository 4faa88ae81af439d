"""Contents: members that no artifact should have, that lead out of it, or that only one of two wheels has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase

from gates.builtin.packaging.facts import Member, PackagingEvidence, Packed
from gates.builtin.packaging.rules import PATH_ESCAPES, STRAY_FILE, WHEEL_DIFFERS
from gates.model.finding import Finding, finding
from gates.project.tree import translate

STATE = ".gates"
CACHES = frozenset({
    "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".git", ".hg", ".svn",
    ".venv", "node_modules", ".ipynb_checkpoints", "__MACOSX", ".idea", ".DS_Store", "Thumbs.db", ".coverage",
})  # fmt: skip
"""Names of folders and files that tools and systems leave behind."""

BYTE_CODE = (".pyc", ".pyo")
BACKUPS = ("*~", "*.swp", "*.swo", "#*#", ".#*", "*.orig", "*.rej", "*.bak")
ORIGINALS = ("pyproject.toml.orig", "Cargo.toml.orig")
"""What a build backend itself puts at the root of a source distribution beside the file that it rewrote."""

SECRETS = (
    ".env", ".env.*", ".pypirc", ".netrc", ".htpasswd", ".git-credentials", "id_rsa", "id_dsa", "id_ecdsa",
    "id_ed25519", "*.p12", "*.pfx", "*.jks", "*.keystore", "credentials.json", "client_secret*.json",
    "service-account*.json",
)  # fmt: skip
SAMPLES = (".example", ".sample", ".template", ".dist")
"""Endings of files with the names of secrets, and no secrets."""

GENERIC = frozenset({
    "tests", "test", "testing", "docs", "doc", "examples", "example", "src", "build", "dist", "scripts", "tools",
    "benchmarks", "app", "cli", "data", "lib", "venv", ".eggs",
})  # fmt: skip
"""Folders at the top of a wheel that other distributions use too; those of check-wheel-contents are among them."""

OF_PROJECT = ("setup.py", "conftest.py", "noxfile.py", "test_*.py")
"""Files of a project that become modules for everybody at the top of a wheel."""

INSTALLED = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")

TRIALS = frozenset({"test", "tests", "testing", "testdata", "fixtures", "dummyserver"})
"""Folders in which what looks like a secret or a backup is data of a test."""

Matches = Callable[[str], bool]
NAMED = 5
HOW = {
    "missing": "is not in it",
    "added": "is only in it",
    "content": "has another content in it",
    "kind": "is of another kind in it",
}


def findings(evidence: PackagingEvidence, stray: Sequence[str], allow: Sequence[str]) -> Iterator[Finding]:
    """One for each member at fault, or for each folder of them."""
    for one in evidence.artifacts.items:
        yield from _stray(one, stray, allow)
        for name in one.escaping.items:
            yield finding(PATH_ESCAPES, f"{name} in {one.name} {_leading(one, name)}", subject=name)
    yield from _differing(evidence)


def _leading(one: Packed, name: str) -> str:
    member = next((held for held in one.members.items if _same(held.name, name)), None)
    if member is None or not member.target:
        return "lies outside of the folder it is unpacked into, or is a device"
    if member.kind == "file":
        return f"is the content of {member.target}, to which a link leads out of the project"
    return f"leads out of it, to {member.target}, or is a device"


def _same(short: str, name: str) -> bool:
    return name == short or name.endswith(f"/{short}")


def _stray(one: Packed, stray: Sequence[str], allow: Sequence[str]) -> Iterator[Finding]:
    allowed, wanted = _matcher(allow), _matcher(stray)
    found: dict[str, tuple[str, int]] = {}
    for member in one.members.items:
        if member.kind == "folder":
            continue
        said = _why(one, member, wanted)
        if said is None:
            continue
        place, why = said
        if why != OF_GATES and (allowed(member.name) or allowed(place)):
            continue
        found[place] = (why, found.get(place, (why, 0))[1] + 1)
    for place, (why, count) in sorted(found.items()):
        many = f" ({count} files)" if count > 1 else ""
        yield finding(STRAY_FILE, f"{place}{many} in {one.name} {why}", subject=place)


OF_GATES = "is what gates keeps between runs on one machine; add .gates/ to .gitignore"


def _why(one: Packed, member: Member, wanted: Matches) -> tuple[str, str] | None:
    """The folder or file at fault, and a clause that says why."""
    parts = INSTALLED.sub("", member.name).split("/")
    for depth, part in enumerate(parts, start=1):
        place = "/".join(parts[:depth])
        if part == STATE:
            return place, OF_GATES
        if part in CACHES and not (one.kind == "sdist" and part != "__pycache__" and _tried(parts[: depth - 1])):
            return place, "is what a tool or a system left behind"
    if one.kind == "wheel" and _for_all(one, parts):
        return parts[0], f"is installed as the top-level `{parts[0]}` of everybody's site-packages"
    if wanted(member.name):
        return member.name, "is named by `stray` in [tool.gates.packaging]"
    if one.kind == "sdist" and member.name in ORIGINALS:
        return None
    return _personal(member, parts[-1], tried=_tried(parts[:-1]))


def _for_all(one: Packed, parts: Sequence[str]) -> bool:
    """Whether a member of a wheel is in a folder, or is a module, that other distributions have too."""
    if len(parts) == 1:
        return any(fnmatchcase(parts[0], pattern) for pattern in OF_PROJECT)
    return parts[0] in GENERIC and not _named_so(one, parts[0])


def _personal(member: Member, name: str, *, tried: bool) -> tuple[str, str] | None:
    if name.endswith(BYTE_CODE):
        return member.name, "is byte code of one version of Python"
    if tried:
        return None
    if member.key:
        return member.name, "holds a private key"
    if any(fnmatchcase(name.lower(), pattern) for pattern in SECRETS) and not name.lower().endswith(SAMPLES):
        return member.name, "is named like a file with secrets"
    if any(fnmatchcase(name, pattern) for pattern in BACKUPS):
        return member.name, "is a backup or a remainder of an editor or a merge"
    return None


def _matcher(globs: Sequence[str]) -> Matches:
    """Whether a glob names the path or a folder around it."""
    patterns = [re.compile(f"{translate(glob.rstrip('/'))}(?:/.*)?", re.DOTALL) for glob in globs]
    return lambda name: any(one.fullmatch(name) for one in patterns)


def _tried(folders: Sequence[str]) -> bool:
    return any(part.lower() in TRIALS for part in folders)


def _named_so(one: Packed, top: str) -> bool:
    return re.sub(r"[-_.]+", "_", one.metadata.name).lower() == top


def _differing(evidence: PackagingEvidence) -> Iterator[Finding]:
    wheel = next((one for one in evidence.artifacts.items if one.kind == "wheel"), None)
    if wheel is not None and evidence.again and evidence.again != wheel.name:
        yield finding(
            WHEEL_DIFFERS,
            f"the wheel built from the source distribution is {evidence.again}, and that of the tree is {wheel.name}",
            subject=evidence.again,
        )
        return
    grouped: dict[tuple[str, str], list[str]] = {}
    for one in evidence.changed.items:
        grouped.setdefault((posixpath.dirname(one.member), one.how), []).append(one.member)
    for (_, how), members in sorted(grouped.items()):
        if len(members) <= NAMED:
            for name in members:
                yield _difference(name, HOW[how], name)
        else:
            shown = f"{', '.join(members[:NAMED])} and {len(members) - NAMED} more"
            yield _difference(shown, HOW[how].replace("is ", "are ").replace("has ", "have "), members[0])


def _difference(shown: str, how: str, subject: str) -> Finding:
    message = f"the wheel built from the source distribution is not that of the tree: {shown} {how}"
    return finding(WHEEL_DIFFERS, message, subject=subject)
