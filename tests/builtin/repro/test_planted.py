"""Planted: builds that follow one thing, two, chance or what was there before; each is red, and it is said by what.

One wheel holds a member for each thing that a build may follow; a project of its own has what others could hide.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.repro.collect import collect
from gates.builtin.repro.decide import decide
from gates.builtin.repro.facts import ReproEvidence
from gates.builtin.repro.gate import ReproGate
from gates.testing.run import context

pytestmark = [
    pytest.mark.xdist_group("circumstances"),
    pytest.mark.skipif(os.name != "posix", reason="the backend of these tests asks POSIX"),
]

BACKEND = """
import gzip, io, os, platform, random, socket, subprocess, sys, tarfile, tempfile, time, uuid, zipfile

VERSION = {version}

def mask():
    found = os.umask(0)
    os.umask(found)
    return found

def counted(place):
    number = int(open(place).read()) + 1 if os.path.exists(place) else 0
    with open(place, "w") as stream:
        stream.write(str(number))
    return number

def packed(moment):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(zipfile.ZipInfo("in.txt", moment), "x")
    return held.getvalue()

def members(folder):
    out, modes = {{}}, {{}}
{body}
    return out, modes

def build_wheel(folder, config_settings=None, metadata_directory=None):
    out, modes = members(folder)
    name = f"planted-{{VERSION}}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for member in sorted(out) if not modes.get("unsorted") else out:
            info = zipfile.ZipInfo(member)
            info.external_attr = modes.get(member, 0o644) << 16
            archive.writestr(info, out[member] if isinstance(out[member], bytes) else str(out[member]))
    return name

def build_sdist(folder, config_settings=None):
    name = f"planted-{{VERSION}}"
    with open(os.path.join(folder, f"{{name}}.tar.gz"), "wb") as raw, \\
            gzip.GzipFile("", fileobj=raw, mode="wb", mtime=0) as packed, \\
            tarfile.open(fileobj=packed, mode="w") as held:
        held.addfile(tarfile.TarInfo(f"{{name}}/PKG-INFO"))
    return f"{{name}}.tar.gz"
"""

EACH: Mapping[str, tuple[str, set[str]]] = {
    "year": ("time.strftime('%Y')", {"clock"}),
    "month": ("time.strftime('%m')", {"clock"}),
    "second": ("time.strftime('%S')", {"clock"}),
    "inner.zip": ("packed(time.gmtime()[:6])", {"clock"}),
    "set": ("{'x', 'y'}", {"hashseed"}),
    "another-set": ("{'name', 'version'}", {"hashseed"}),
    "two": ("os.listdir('two')", {"listing"}),
    "uuid": ("uuid.uuid4()", {"random"}),
    "address": ("object()", {"random"}),
    "pid": ("os.getpid()", {"random"}),
    "mkdtemp": ("tempfile.mkdtemp()", {"random"}),
    "host": ("socket.gethostname() + platform.node()", {"user"}),
    "home": ("os.path.expanduser('~')", {"user"}),
    "temporary": ("tempfile.gettempdir()", {"path"}),
    "folder": ("folder", {"path"}),
    "python": ("sys.prefix + sys.executable", {"path"}),
    "home-counter": ("counted(os.path.expanduser('~/.counter'))", {"rebuild"}),
    "tree-counter": ("counted('counter.txt')", {"rebuild"}),
    "east": ("time.timezone < 0", {"timezone"}),
    "west": ("time.timezone > 0", {"timezone"}),
    "private": ("mask() == 0o077", {"umask"}),
    "shared": ("mask() == 0o002", {"umask"}),
    "clone": ("bool(os.stat('pyproject.toml').st_mode & 0o020)", {"modes"}),
    "together": ("mask() == 0o077 and time.timezone < 0", {"timezone+umask"}),
    "either": ("str(mask()) + os.getcwd()", {"path", "umask"}),
    "processors": ("os.cpu_count()", {"cpus"}),
    "owner": ("os.getuid()", {"owner"}),
    "encoding": ("sys.getfilesystemencoding()", {"locale"}),
    "checkout": ("os.stat('pyproject.toml').st_mtime", {"mtimes"}),
    "generated": ("open('new.txt', 'w').close() or os.stat('new.txt').st_mtime", {"clock"}),
}


def project(root: Path, body: str, version: str = '"1"') -> Path:
    """A project with the members of `body` in its wheel."""
    (root / "backend").mkdir(parents=True)
    (root / "two").mkdir()
    for name in ("a", "b"):
        (root / "two" / name).write_text(name)
    text = BACKEND.format(body=textwrap.indent(body, "    "), version=version)
    (root / "backend" / "planted.py").write_text(text)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "planted"\nbackend-path = ["backend"]\n'
    )
    return root


def evidence(root: Path, **settings: Any) -> ReproEvidence:
    """What the gate finds out about the project, which is not green."""
    held: dict[str, Any] = {"artifacts": ("wheel",), "source_date_epoch": 1_700_000_000, **settings}
    asked = context(root, ReproGate(), **held)
    found = collect(asked)
    assert isinstance(found, ReproEvidence), found
    assert decide(found, asked.settings).findings != ()
    return found


def said(found: ReproEvidence) -> dict[tuple[str, str], set[str]]:
    """The factors by member and attribute."""
    told: dict[tuple[str, str], set[str]] = {}
    for one in found.differences.items:
        told.setdefault((one.member, one.attribute), set()).add(one.factor)
    return told


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    body = "\n".join(f"out[{name!r}] = {text}" for name, (text, _) in EACH.items())
    found = evidence(project(tmp_path_factory.mktemp("every") / "project", body))
    return {member.partition("!")[0]: factors for (member, _), factors in said(found).items()}


@pytest.mark.parametrize("member", EACH)
def test_a_member_is_red_by_its_factor_and_no_other(every: Mapping[str, set[str]], member: str) -> None:
    assert every.get(member) == EACH[member][1]


ALONE: Mapping[str, tuple[str, Mapping[tuple[str, str], set[str]]]] = {
    "two that undo each other": (
        "out['a'] = (mask() == 0o022) ^ (os.environ['USER'] == 'builder')",
        {("a", "content"): {"umask", "user"}},
    ),
    "a set of two, whatever its order with the first seeds": (
        "out['a'] = {'x', 'y'}",
        {("a", "content"): {"hashseed"}},
    ),
    "a set, a listing and a third value in one member": (
        "out['a'] = repr({'x', 'y'}) + repr(os.listdir('two')) + str(mask() == 0o002)",
        {("a", "content"): {"hashseed", "listing", "umask"}},
    ),
    "presence and content by two": (
        "out['a'] = ''\nif time.timezone >= 0:\n    out['b'] = mask()",
        {("b", "member"): {"timezone"}, ("b", "content"): {"umask"}},
    ),
    "permission bits": ("out['a'] = ''\nmodes['a'] = 0o666 & ~mask()", {("a", "mode"): {"umask"}}),
    "order": (
        "modes['unsorted'] = 1\nfor name in os.listdir('two'):\n    out[name] = ''",
        {("", "order"): {"listing"}},
    ),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_project_that_follows_it_is_red_by_that(tmp_path: Path, name: str) -> None:
    body, expected = ALONE[name]
    assert said(evidence(project(tmp_path / "project", body))) == expected


def test_a_version_by_the_date_is_another_name(tmp_path: Path) -> None:
    root = project(tmp_path / "project", "pass", version="time.strftime('%Y.%m')")
    found = evidence(root, artifacts=("sdist",))
    assert said(found) == {("", "name"): {"clock"}}


def test_a_build_that_faketime_disturbs_has_its_clock_varied_all_the_same(tmp_path: Path) -> None:
    body = (
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.01)'], check=True)\n"
        "out['a'] = time.strftime('%Y')"
    )
    found = evidence(project(tmp_path / "project", body))
    clock = next(one for one in found.factors.items if one.name == "clock")
    assert (clock.varied, clock.method.partition(",")[0]) in {(True, "in-process: time-machine"), (True, "faketime")}
    assert said(found) == {("a", "content"): {"clock"}}
