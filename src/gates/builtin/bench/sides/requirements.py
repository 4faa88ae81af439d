"""Requirements: what each side asks to be installed, and which of it the judged environment does not have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from gates.project import documents
from gates.project.facts import Project
from pytest_vltair.installed import canonical

MARKERS = """
import json, os, platform, sys
v = sys.implementation.version
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": ".".join(map(str, v[:3])) + ("" if v[3] == "final" else v[3][0] + str(v[4])),
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "sys_platform": sys.platform,
}))
"""
"""What markers are about (PEP 508), of the Python that is asked."""

POETRY = re.compile(r"\s*(?P<sign>\^|~(?!=))\s*(?P<version>[0-9][0-9A-Za-z.+-]*)\s*")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution that the sides require differently; empty where a side does not require it."""

    name: str
    base: tuple[Requirement, ...]
    head: tuple[Requirement, ...]

    def __str__(self) -> str:
        """`base: attrs==22.1; head: attrs>=23`."""
        return "; ".join(
            f"{side}: {', '.join(map(str, wanted)) or f'no {self.name}'}"
            for side, wanted in (("base", self.base), ("head", self.head))
        )


def differences(base: Project, head: Project, environment: Mapping[str, str] | None = None) -> tuple[Difference, ...]:
    """What the sides require differently, by name, as far as markers apply in `environment`.

    Only what the product needs to run: extras and groups for benchmarks are head's on both sides.
    """
    old, new = declared(base), declared(head)
    if set(old) == set(new):
        return ()
    before, after = _by_name(old, environment), _by_name(new, environment)
    return tuple(
        Difference(name=name, base=before.get(name, ()), head=after.get(name, ()))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def declared(project: Project) -> tuple[str, ...]:
    """The requirements of a project as it writes them, in the words of PEP 508; none where only code knows them.

    Raises:
        ConfigError: setup.cfg or a file of requirements cannot be read.
    """
    table = documents.table(project.pyproject, "project")
    if documents.words(table.get("dependencies")):
        return documents.words(table.get("dependencies"))
    poetry = documents.table(project.pyproject, "tool", "poetry", "dependencies")
    if poetry:
        return tuple(_from_poetry(poetry))
    files = documents.table(project.pyproject, "tool", "setuptools", "dynamic", "dependencies").get("file")
    texts = [documents.text_of(project.root, one) or "" for one in documents.words(files)]
    texts.append(documents.ini(project.root, "setup.cfg").get("options", {}).get("install_requires", ""))
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for text in texts for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("-"))


def is_hidden(base: Project, head: Project) -> bool:
    """Whether the sides may require something else and do not say it: it is in a `setup.py`, and that differs."""
    if declared(base) or declared(head):
        return False
    texts = [one.root / "setup.py" for one in (base, head)]
    said = [path.read_text("utf-8", "replace") if path.is_file() else "" for path in texts]
    return said[0] != said[1] and any("install_requires" in one for one in said)


def unmet(wanted: Sequence[Requirement], installed: Mapping[str, str], *, by_name: bool) -> tuple[Requirement, ...]:
    """Those that no distribution in `installed` meets; one at an address is met `by_name`, or never."""
    return tuple(one for one in wanted if not _is_met(one, installed, by_name=by_name))


def marker_environment(text: str) -> Mapping[str, str]:
    """What `MARKERS` printed; that of this Python where it printed nothing that can be read."""
    try:
        found = json.loads(text.splitlines()[-1])
    except (ValueError, IndexError):
        return {**default_environment()}  # type: ignore[dict-item]
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def parsed(lines: Iterable[str]) -> Iterator[Requirement]:
    """The requirements among `lines`; what is none is left to the build backend to refuse."""
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _by_name(lines: Iterable[str], environment: Mapping[str, str] | None) -> Mapping[str, tuple[Requirement, ...]]:
    found: dict[str, set[Requirement]] = {}
    for one in parsed(lines):
        if one.marker is None or one.marker.evaluate(dict(environment) if environment else None):
            one.marker = None
            found.setdefault(canonical(one.name), set()).add(one)
    return {name: tuple(sorted(held, key=str)) for name, held in found.items()}


def _is_met(wanted: Requirement, installed: Mapping[str, str], *, by_name: bool) -> bool:
    version = installed.get(canonical(wanted.name))
    if version is None:
        return False
    if wanted.url is not None:
        return by_name
    try:
        return wanted.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def _from_poetry(table: Mapping[str, Any]) -> Iterator[str]:
    """Poetry's own way to write requirements, in the words of PEP 508; what is a folder or optional is left out."""
    for name, value in table.items():
        entry = value if isinstance(value, Mapping) else {"version": value}
        version = entry.get("version")
        if name == "python" or entry.get("optional") or not isinstance(version, str):
            continue
        extras = documents.words(entry.get("extras"))
        marker = f" ; {entry['markers']}" if isinstance(entry.get("markers"), str) else ""
        named = f"{name}[{','.join(extras)}]" if extras else name
        yield f"{named}{_specifier(version)}{marker}"


def _specifier(version: str) -> str:
    """`^1.2` as `<2,>=1.2`; poetry's `||` is no specifier, and stands for anything."""
    written = ",".join(_range(one.strip()) for one in version.split(",")) if "|" not in version else ""
    try:
        return str(SpecifierSet(written))
    except InvalidSpecifier:
        return ""


def _range(one: str) -> str:
    found = POETRY.fullmatch(one)
    if found is None:
        return "" if one == "*" else f"=={one}" if one[:1].isdigit() else one
    parts = [int(part) for part in re.findall(r"\d+", found["version"])[:3]]
    if found["sign"] == "~":
        kept = min(len(parts), 2)
    else:
        kept = next((index for index, part in enumerate(parts) if part), len(parts) - 1) + 1
    upper = [*parts[: kept - 1], parts[kept - 1] + 1]
    return f">={found['version']},<{'.'.join(map(str, upper))}"
