"""Requirements files: what pip installs, with the files that one includes, its constraints and its hashes."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from gates.builtin.supply.addresses import cleaned
from gates.builtin.supply.distribution import Artifact, Distribution, Origin, locked
from gates.builtin.supply.source import Supply
from gates.errors import ConfigError, GatesError
from gates.model.evidence import counted
from gates.project.documents import table, text_of, toml
from pytest_vltair.installed import canonical

COMMENT = re.compile(r"(?:^|\s)#.*")
PIN = re.compile(r"===?\s*([^\s*,;]+)")
EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
HEX = re.compile(r"[0-9a-f]+")
DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
"""Hexadecimal digits of a whole hash, by its kind (pip's, and two that pip no longer takes)."""
FOLLOWS = {"-r": "r", "--requirement": "r", "-c": "c", "--constraint": "c"}
ALONE = frozenset({
    "--pre", "--prefer-binary", "--require-hashes", "--no-index", "--no-binary", "--only-binary", "-i", "--index-url",
    "--extra-index-url", "-f", "--find-links", "--trusted-host", "--use-feature", "--pypi-url",
})  # fmt: skip
"""Options of a whole file; they say where to look, not what for."""


class _Line(msgspec.Struct, frozen=True):
    """One requirement as it is written, with its hashes and place."""

    text: str
    hashes: tuple[str, ...]
    editable: bool
    constraint: bool
    path: str
    line: int


def read(root: Path, *names: str) -> Supply:
    """What the requirements files `names` below `root` ask for together, with all that they include.

    Raises:
        ConfigError: a file is missing, or has a line that is no requirement.
        ProjectError: a file may not be read.
    """
    seen: dict[tuple[str, bool], None] = {}
    lines = [line for name in names for line in _lines(root, name, seen, constraint=False)]
    pins = {one.name: one.version for line in lines if line.constraint for one in [_distribution(line)] if one.version}
    found: dict[str, Distribution] = {}
    for line in lines:
        if line.constraint:
            continue
        one = _distribution(line)
        if one.origin in {"editable", "local"}:
            folder = _folder(line.text)
            # The project itself is what the list is for, and no part of what it depends on.
            if folder == ".":
                continue
            one = replace(one, name=_name_of(root, folder) or one.name)
        if not one.version and one.name in pins and one.origin == "index":
            one = replace(one, version=pins[one.name])
        held = found.get(one.key)
        found[one.key] = one if held is None else _both(held, one)
    return Supply(
        kind="requirements",
        paths=counted(dict.fromkeys(path for path, _ in seen)),
        root=None,
        roots=counted(()),
        rooted=False,
        distributions=counted(sorted(found.values(), key=lambda one: one.key)),
        notes=counted(()),
    )


def _both(first: Distribution, second: Distribution) -> Distribution:
    """One distribution that two lines name: under the marker of either."""
    marker = f"({first.marker}) or ({second.marker})" if first.marker and second.marker else ""
    return replace(first if first.artifacts.count else second, marker=marker)


def _folder(text: str) -> str:
    """The path that a line names below the project's root, without extras, marker and slashes at its end."""
    path = text.partition(" ;")[0].partition("[")[0].strip().replace("\\", "/")
    return posixpath.normpath(path.removeprefix("file:")) if path else "."


def _name_of(root: Path, folder: str) -> str:
    """The name that the project in a folder gives itself, "" where there is none."""
    try:
        held = toml(text_of(root / folder, "pyproject.toml") or "", "pyproject.toml")
    except GatesError:
        return ""
    name = table(held, "project").get("name")
    return canonical(name) if isinstance(name, str) else ""


def _lines(root: Path, name: str, seen: dict[tuple[str, bool], None], *, constraint: bool) -> Iterator[_Line]:
    # One file may be both: what constrains asks for nothing, and is no reason to skip what asks.
    if (name, constraint) in seen:
        return
    text = text_of(root, name)
    if text is None:
        raise ConfigError(f"{name}, which the requirements include, is not there", path=name)
    seen[name, constraint] = None
    for number, line in _joined(text, name):
        words = _words(line, name, number)
        first, _, value = words[0].partition("=") if words[0].startswith("--") else (words[0], "", "")
        if first[:2] in {"-r", "-c"} and len(first) > 2:
            first, value = first[:2], first[2:]
        if first in FOLLOWS:
            included = value or (words[1] if len(words) > 1 else "")
            yield from _lines(root, _beside(name, included), seen, constraint=constraint or FOLLOWS[first] == "c")
        elif first in {"-e", "--editable"}:
            yield _line(value or " ".join(words[1:]), (), name, number, constraint=constraint, editable=True)
        elif first in ALONE:
            continue
        elif first.startswith("-"):
            raise ConfigError(f"{name} has the option {first}, which is not understood", path=name, line=number)
        else:
            yield _requirement(line, name, number, constraint=constraint)


def _requirement(line: str, name: str, number: int, *, constraint: bool) -> _Line:
    text, *options = re.split(r"\s+(?=--(?:hash|config-settings?|global-option)[= ])", line)
    hashes = [re.sub(r"--hash[= ]\s*", "", one).strip().lower() for one in options if one.startswith("--hash")]
    for one in hashes:
        kind, _, digest = one.partition(":")
        if len(digest) != DIGITS.get(kind) or not HEX.fullmatch(digest):
            raise ConfigError(f"{name} has a hash that is cut off or is none: {one[:80]}", path=name, line=number)
    return _line(text.strip(), tuple(hashes), name, number, constraint=constraint, editable=False)


def _line(text: str, hashes: tuple[str, ...], name: str, number: int, *, constraint: bool, editable: bool) -> _Line:
    return _Line(text=text, hashes=hashes, editable=editable, constraint=constraint, path=name, line=number)


def _joined(text: str, name: str) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, without comments, and the number of the first."""
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = COMMENT.sub("", raw).strip() if not held else COMMENT.sub("", raw).rstrip()
        start = start if held else number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole = (held + line).strip()
        held = ""
        if whole:
            yield start, whole
    if held.strip():
        raise ConfigError(f"{name} ends in the middle of a requirement, so it was cut off", path=name, line=start)


def _words(line: str, name: str, number: int) -> list[str]:
    if not line.startswith("-"):
        return [line]
    try:
        return shlex.split(line) or [line]
    except ValueError as error:
        raise ConfigError(f"{name} has a line that cannot be read: {error}", path=name, line=number) from error


def _beside(name: str, included: str) -> str:
    if "://" in included:
        raise ConfigError(f"{name} includes {cleaned(included)}, which would have to be fetched", path=name)
    parts: list[str] = []
    for part in (*PurePosixPath(name).parent.parts, *PurePosixPath(included.replace("\\", "/")).parts):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _distribution(line: _Line) -> Distribution:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        parsed = Requirement(line.text)
    except InvalidRequirement:
        return _addressed(line)
    pin = PIN.fullmatch(str(parsed.specifier))
    origin, url = _origin(parsed.url, editable=line.editable) if parsed.url else ("index", "")
    return _locked(line, canonical(parsed.name), pin[1] if pin else "", origin, url, str(parsed.marker or ""))


def _addressed(line: _Line) -> Distribution:
    """What is named by an address or a path alone: its name is in the fragment, else in the name of the file."""
    text, _, marker = line.text.partition(" ;")
    egg = EGG.search(text)
    file = PurePosixPath(urlsplit(text).path).name
    wheel = re.fullmatch(r"([A-Za-z0-9._]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl", file)
    sdist = re.fullmatch(r"([A-Za-z0-9._-]+)-(\d[^-]*?)\.(?:tar\.(?:gz|bz2|xz)|zip)", file)
    held = wheel or sdist
    named = egg[1] if egg else held[1] if held else PurePosixPath(text.partition("[")[0].rstrip("/")).name
    place = "://" in text or text.startswith((".", "/")) or "/" in text or held is not None
    if not place or not re.fullmatch(r"[A-Za-z0-9._-]+", named) or not named.strip("."):
        if line.editable or text.rstrip("/").strip(".") == "":
            named = "." if not named.strip(".") else named
        else:
            raise ConfigError(f"{line.path} has a line that is no requirement", path=line.path, line=line.line)
    origin, url = _origin(text, editable=line.editable)
    return _locked(line, canonical(named), held[2] if held else "", origin, url, marker.strip())


def _origin(url: str, *, editable: bool) -> tuple[Origin, str]:
    if editable and "://" not in url:
        return "editable", ""
    scheme = urlsplit(url).scheme
    if "+" in scheme:
        return "vcs", cleaned(url).partition("#")[0]
    if scheme in {"http", "https"}:
        return "url", cleaned(url).partition("#")[0]
    return "local", ""


def _locked(line: _Line, name: str, version: str, origin: Origin, url: str, marker: str) -> Distribution:
    # A line has the hashes of all files of a release, without saying which is whose.
    artifacts = (Artifact(name="", url=url, hashes=counted(sorted(line.hashes))),) if line.hashes else ()
    return locked(
        name,
        version,
        path=line.path,
        line=line.line,
        origin=origin,
        url=url,
        artifacts=artifacts,
        known=False,
        marker=marker,
    )
