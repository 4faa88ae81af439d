"""Every cure is applied to a project that has the difference, built by the real backend, and the difference is gone."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from gates.builtin.built.artifact import Kind
from gates.builtin.repro.explaining.causes import FAMILIES, explained, suspects
from gates.builtin.repro.explaining.compared import Change, changes
from gates.builtin.repro.facts import FACTORS, RANDOM, UNEXPLAINED, Attribute, Difference
from support.environments import ONE_RETRY, Made

BACKENDS = {
    "setuptools": "setuptools.build_meta", "flit_core": "flit_core.buildapi", "hatchling": "hatchling.build",
    "poetry-core": "poetry.core.masonry.api", "pdm-backend": "pdm.backend",
}  # fmt: skip
HOOK = """
import importlib, os, sys, tarfile, time
sys.path[:0] = [entry for entry in os.environ["ON_PATH"].split(os.pathsep) if entry]
later, backwards, cpus, uid = (int(value) for value in os.environ["FAKED"].split())
real_time, real_list, real_info = time.time, os.listdir, tarfile.TarFile.gettarinfo


def owned(self, *arguments, **names):
    info = real_info(self, *arguments, **names)
    info.uid = uid
    return info


tarfile.TarFile.gettarinfo = owned
time.time = lambda: real_time() + later * 86400
if backwards:
    os.listdir = lambda *path: sorted(real_list(*path), reverse=True)
else:
    os.listdir = lambda *path: sorted(real_list(*path))
os.cpu_count = lambda: cpus
os.getuid = lambda: uid
backend, kind, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
sys.argv = ["hook"]
getattr(importlib.import_module(backend), "build_" + kind)(out)
"""
PYPROJECT = """\
[build-system]
requires = []
build-backend = "{backend}"

[project]
name = "pkg"
version = "1.0"
description = "d"
readme = "README.md"
{extra}
"""
FINDING = '[tool.setuptools.packages.find]\nwhere = ["src"]\n[tool.setuptools.package-data]\npkg = ["*"]\n'
POETRY_1 = """\
[build-system]
requires = []
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "pkg"
version = "1.0"
description = "d"
authors = ["A <a@example.org>"]
packages = [{ include = "pkg", from = "src" }]
"""


@dataclass(frozen=True)
class Around:
    """Circumstances of one build."""

    umask: int = 0o022
    mode: int = 0o644
    mtime: float = 1500000000
    env: Mapping[str, str] = field(default_factory=dict)
    later: int = 0
    backwards: int = 0
    cpus: int = 2
    uid: int = 1000


POSIX = {"LC_ALL": "POSIX", "LANG": "", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
OTHERS: dict[str, Around] = {
    "umask": Around(umask=0o077),
    "modes": Around(mode=0o600),
    "owner": Around(uid=4321),
    "mtimes": Around(mtime=1550000000.5),
    "clock": Around(later=30),
    "timezone": Around(env={"TZ": "XYZ-9"}),
    "locale": Around(env=POSIX),
    "hashseed": Around(env={"PYTHONHASHSEED": "8"}),
    "listing": Around(backwards=1),
    "user": Around(env={"HOME": "/somewhere"}),
    "cpus": Around(cpus=5),
    "path": Around(),
    RANDOM: Around(),
    "rebuild": Around(),
}


@pytest.fixture(scope="module")
def python(environments: Made) -> Path:
    return environments.all().python


def of_version(folder: Path, requirement: str) -> Path:
    """The Python of a new environment with one distribution."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installing = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-compile", requirement]
    done = subprocess.run(installing, env={**os.environ, **ONE_RETRY}, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the package index did not give {requirement}: {done.stderr[-200:]}")
    return python


def project(folder: Path, pyproject: str, files: Mapping[str, str]) -> Path:
    for name, content in {
        "pyproject.toml": pyproject, "README.md": "# read\n", "src/pkg/__init__.py": '"""A package."""\n', **files,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def plain(folder: Path, family: str, **files: str) -> Path:
    """A project that a backend builds, with no code of its own in the build."""
    extra = FINDING if family == "setuptools" else ""
    return project(folder, PYPROJECT.format(backend=BACKENDS[family], extra=extra), files)


class Building:
    """Builds copies of a project, each in a folder of its own."""

    def __init__(self, python: Path, place: Path, source: Path, kind: Kind, epoch: str = "1600000000") -> None:
        self.python, self.place, self.source, self.kind, self.epoch = python, place, source, kind, epoch
        self.count = 0

    def copied(self, around: Around) -> Path:
        self.count += 1
        tree = self.place / f"copy-{self.count}" / "tree"
        shutil.copytree(self.source, tree)
        for path in tree.rglob("*"):
            path.chmod(around.mode | 0o111 & around.mode >> 2 if path.is_dir() else around.mode)
            if path.is_dir():
                path.chmod(0o755 if around.mode == 0o644 else 0o700)
            os.utime(path, (around.mtime, around.mtime))
        return tree

    def built(self, around: Around, tree: Path | None = None) -> Path:
        tree = tree or self.copied(around)
        text = (tree / "pyproject.toml").read_text(encoding="utf-8")
        backend = re.search(r'build-backend = "(.*)"', text)
        assert backend is not None
        self.count += 1
        out = self.place / f"out-{self.count}"
        env = {
            "PATH": os.environ["PATH"], "HOME": str(self.place), "LC_ALL": "C.UTF-8", "TZ": "UTC0",
            "PYTHONHASHSEED": "1", "ON_PATH": str(tree / "_build") if "backend-path" in text else "",
            "FAKED": f"{around.later} {around.backwards} {around.cpus} {around.uid}", **around.env,
        }  # fmt: skip
        if self.epoch:
            env["SOURCE_DATE_EPOCH"] = self.epoch
        done = subprocess.run(
            [str(self.python), "-c", HOOK, backend[1], self.kind, str(out)],
            cwd=tree, env=env, umask=around.umask, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return next(path for path in out.iterdir() if path.suffix in {".whl", ".gz"})

    def differences(self, factor: str, other: Around | None = None) -> tuple[Change, ...]:
        if factor == "rebuild":
            tree = self.copied(Around())
            return changes(self.built(Around(), tree), self.built(Around(), tree))
        return changes(self.built(Around()), self.built(other or OTHERS[factor]))


def difference(kind: Kind, change: Change, factor: str) -> Difference:
    return Difference(
        kind=kind, member=change.member, attribute=change.attribute, factor=factor, before=change.before,
        after=change.after, excerpt=change.excerpt,
    )  # fmt: skip


def paste(cure: str, source: Path) -> None:
    """Do what a snippet says: write its modules, and set its keys in the table [build-system]."""
    for part in re.split(r"(?m)^(?=# \S+\.(?:py|toml))", cure):
        if not part.strip():
            continue
        path = source / part.split()[1]
        if path.suffix == ".py":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(part, encoding="utf-8")
            continue
        table = part.partition("[build-system]\n")[2]
        before, _, rest = path.read_text(encoding="utf-8").partition("build-backend = ")
        path.write_text(before + table + rest.partition("\n")[2], encoding="utf-8")


CONTAINED = [
    ("setuptools", "sdist", "clock", "gzip-mtime"), ("setuptools", "sdist", "clock", "mtime"),
    ("setuptools", "sdist", "mtimes", "mtime"), ("setuptools", "sdist", "umask", "mode"),
    ("setuptools", "sdist", "modes", "mode"), ("setuptools", "sdist", "owner", "owner"),
    ("setuptools", "wheel", "umask", "mode"), ("setuptools", "wheel", "modes", "mode"),
    ("pdm-backend", "sdist", "clock", "gzip-mtime"),
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="permission bits and owners are those of POSIX")
@pytest.mark.parametrize(("family", "kind", "factor", "attribute"), CONTAINED)
def test_a_snippet_makes_the_archive_even(
    python: Path, tmp_path: Path, family: str, kind: Kind, factor: str, attribute: str
) -> None:
    source = plain(tmp_path / "p", family, **{"src/pkg/x.txt": "x"})
    building = Building(python, tmp_path, source, kind)
    found = [change for change in building.differences(factor) if change.attribute == attribute]
    assert found
    paste(explained(difference(kind, found[0], factor), BACKENDS[family], "1.0").cure, source)
    assert building.differences(factor) == ()


@pytest.mark.parametrize("family", ["flit_core", "hatchling", "poetry-core", "pdm-backend", "setuptools"])
@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_the_wrapper_fits_every_backend(python: Path, tmp_path: Path, family: str, kind: Kind) -> None:
    source = plain(tmp_path / "p", family)
    change = Change(member="pkg/__init__.py", attribute="owner", before="a", after="b")
    paste(explained(difference(kind, change, "owner"), BACKENDS[family], "1").cure, source)
    everything = Around(umask=0o077, mode=0o600, mtime=5e8, env=POSIX | {"PYTHONHASHSEED": "8"}, later=30, backwards=1)
    assert Building(python, tmp_path, source, kind).differences("path", everything) == ()


def test_hatchling_is_even_without_its_setting(python: Path, tmp_path: Path) -> None:
    uneven = PYPROJECT.format(backend=BACKENDS["hatchling"], extra="[tool.hatch.build]\nreproducible = false\n")
    source = project(tmp_path / "p", uneven, {})
    building = Building(python, tmp_path, source, "sdist")
    [found, *_] = [change for change in building.differences("mtimes") if change.attribute == "mtime"]
    assert (
        "Remove `reproducible = false`" in explained(difference("sdist", found, "mtimes"), "hatchling.build", "1").cure
    )
    project(source, uneven.replace("reproducible = false", ""), {})
    assert building.differences("mtimes") == ()


def test_flit_follows_the_epoch(python: Path, tmp_path: Path) -> None:
    source = plain(tmp_path / "p", "flit_core")
    building = Building(python, tmp_path, source, "wheel", epoch="")
    [found, *_] = [change for change in building.differences("mtimes") if change.attribute == "mtime"]
    cure = explained(difference("wheel", found, "mtimes"), "flit_core.buildapi", "4").cure
    assert "export SOURCE_DATE_EPOCH=" in cure
    building.epoch = "1600000000"
    assert building.differences("mtimes") == ()


def test_poetry_core_is_even_from_the_version_that_is_named(tmp_path: Path) -> None:
    source = project(tmp_path / "p", POETRY_1, {})
    old = Building(of_version(tmp_path / "old", "poetry-core==1.9.1"), tmp_path, source, "sdist")
    [found, *_] = [change for change in old.differences("mtimes") if change.attribute == "mtime"]
    cure = explained(difference("sdist", found, "mtimes"), BACKENDS["poetry-core"], "1.9.1").cure
    version = re.search(r"poetry-core>=([\d.]+)", cure)
    assert version is not None
    old.python = of_version(tmp_path / "new", f"poetry-core=={version[1]}")
    assert old.differences("mtimes") == ()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize("family", ["flit_core", "hatchling", "poetry-core"])
def test_a_name_in_ascii_is_written_alike_in_each_locale(python: Path, tmp_path: Path, family: str) -> None:
    source = plain(tmp_path / "p", family, **{"src/pkg/näme.txt": "x"})
    building = Building(python, tmp_path, source, "sdist")
    [found] = building.differences("locale")
    assert found.attribute == "pax"
    cure = explained(difference("sdist", found, "locale"), BACKENDS[family], "1").cure
    assert "Rename it in ASCII letters" in cure
    (source / "src/pkg/näme.txt").rename(source / "src/pkg/name.txt")
    assert building.differences("locale") == ()


SETUP = """\
import compileall, gzip, locale, os, random, subprocess, sys, tempfile, time, uuid, zipfile
from pathlib import Path
from setuptools import setup
made = Path("src/pkg/made.txt")
{code}
setup()
"""
WRITE = "made.write_text(str({}), encoding='utf-8')"
COMPILE = "subprocess.run([sys.executable, '-m', 'compileall', '-q', '-f', '-b', {}], check=True)"
COMPILER = "Path('x.c').write_text('int x;'); subprocess.run(['cc', '-g', {} '-c', os.path.abspath('x.c'), '-o', 'src/pkg/made.o'], check=True)"  # noqa: E501
PROBE = "made.write_text('x'); {} made.write_text(oct(made.stat().st_mode))"
ZIP = "archive = zipfile.ZipFile('src/pkg/made.zip', 'w'); archive.writestr({}, 'x'); archive.close()"

GENERATED = [
    ("hashseed", WRITE.format("set('abcdefg')"), WRITE.format("sorted(set('abcdefg'))"), "sorted("),
    ("clock", WRITE.format("time.time() // 86400"), WRITE.format("os.environ['SOURCE_DATE_EPOCH']"), "os.environ"),
    ("timezone", WRITE.format("time.localtime(0)[:6]"), WRITE.format("time.gmtime(0)[:6]"), "time.gmtime()"),
    ("umask", PROBE.format(""), PROBE.format("os.chmod(made, 0o644);"), "os.chmod(path, 0o644)"),
    ("modes", WRITE.format("os.stat('README.md').st_mode"),
     "import shutil; shutil.copyfile('README.md', made); os.chmod(made, 0o644); "
     + WRITE.format("made.stat().st_mode"), "shutil.copyfile"),
    ("owner", WRITE.format("os.getuid()"), WRITE.format("0"), "os.getuid()"),
    ("user", WRITE.format("Path.home()"), WRITE.format("'~'"), "Path.home()"),
    ("listing", WRITE.format("os.listdir('.')"), WRITE.format("sorted(os.listdir('.'))"), "sorted(os.listdir("),
    ("locale", "open(made, 'w', errors='replace').write('ä')", "open(made, 'w', encoding='utf-8').write('ä')",
     'encoding="utf-8"'),
    ("path", WRITE.format("os.path.abspath('README.md')"), WRITE.format("os.path.relpath('README.md', os.getcwd())"),
     "os.path.relpath"),
    ("mtimes", WRITE.format("os.stat('README.md').st_mtime"), WRITE.format("int(os.environ['SOURCE_DATE_EPOCH'])"),
     "SOURCE_DATE_EPOCH"),
    ("cpus", WRITE.format("os.cpu_count()"), WRITE.format("'any'"), "os.cpu_count()"),
    ("rebuild", "open(made, 'a').write('line')", "open(made, 'w').write('line')", 'open(path, "w")'),
    (RANDOM, WRITE.format("uuid.uuid4()"), WRITE.format("uuid.uuid5(uuid.NAMESPACE_URL, 'x')"), "uuid.uuid5"),
    (RANDOM, WRITE.format("random.random()"), WRITE.format("random.Random(0).random()"), "random.Random(0)"),
    ("path", COMPILE.format("os.path.abspath('src')"),
     COMPILE.format("'--invalidation-mode', 'unchecked-hash', '-s', os.getcwd(), 'src'"), "unchecked-hash -s"),
    ("mtimes", COMPILE.format("'--invalidation-mode', 'timestamp', 'src'"),
     COMPILE.format("'--invalidation-mode', 'unchecked-hash', 'src'"),
     "unchecked-hash -s"),
    ("clock", "Path('src/pkg/made.gz').write_bytes(gzip.compress(b'x', mtime=time.time()))",
     "Path('src/pkg/made.gz').write_bytes(gzip.compress(b'x', mtime=0))", "gzip.compress(data, mtime=0)"),
    ("clock", ZIP.format("zipfile.ZipInfo('a', time.gmtime(time.time())[:6])"),
     ZIP.format("zipfile.ZipInfo('a', (1980, 1, 1, 0, 0, 0))"), "ZipInfo(name, (1980"),
    ("path", COMPILER.format(""), COMPILER.format("f'-ffile-prefix-map={os.getcwd()}=.',"), "-ffile-prefix-map"),
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="umask, time zone and locale are those of POSIX")
@pytest.mark.parametrize(("factor", "uneven", "even", "said"), GENERATED)
def test_what_a_cure_says_makes_generated_content_even(
    python: Path, tmp_path: Path, factor: str, uneven: str, even: str, said: str
) -> None:
    if "'cc'" in uneven and not shutil.which("cc"):
        pytest.skip("there is no C compiler")
    pyproject = PYPROJECT.format(backend=BACKENDS["setuptools"], extra=FINDING)
    source = project(tmp_path / "p", pyproject, {"setup.py": SETUP.format(code=uneven)})
    building = Building(python, tmp_path, source, "wheel")

    def generated() -> list[Change]:
        found = building.differences(factor)
        return [change for change in found if change.attribute not in {"mode", "RECORD"}]

    [change] = generated()
    assert change.member.startswith(("pkg/made", "pkg/__init__.pyc"))
    assert said in explained(difference("wheel", change, factor), BACKENDS["setuptools"], "84").cure
    project(source, pyproject, {"setup.py": SETUP.format(code=even)})
    assert generated() == []


def test_each_difference_has_a_sentence_and_a_cure() -> None:
    members = ("", "pkg/a.py", "pkg/{it}.pyc", "a.so", "ä.txt", "a.zip!/b")
    factors = (*FACTORS, RANDOM, UNEXPLAINED, "umask+modes")
    for attribute, factor, member in itertools.product(get_args(Attribute), factors, members):
        for backend in (*(f"{name}.x" for name in FAMILIES), "own", "setuptools.build_meta:__legacy__", ""):
            one = Change(member=member, attribute=attribute, before="b", after="a")
            said = explained(difference("wheel", one, factor), backend, "1.2")
            assert re.fullmatch(r"[^\n]+\.", said.cause), said
            assert len(said.cause) < 200
            assert said.cure.strip()
            assert "{factor}" not in said.cause + said.cure


def test_suspects_are_factors_and_the_likeliest_is_first() -> None:
    for kind, attribute in itertools.product(get_args(Kind), get_args(Attribute)):
        assert set(suspects(kind, attribute)) <= set(FACTORS)
        assert len(set(suspects(kind, attribute))) == len(suspects(kind, attribute)) > 0
    assert suspects("wheel", "mode")[0] == "umask"
    assert suspects("sdist", "gzip-mtime")[0] == "clock"
    assert suspects("wheel", "content")[:3] == ("clock", "hashseed", "listing")


ONLY = "line 1 (only hashes of members that differ themselves)"
SENTENCES = """\
mode pkg/a.py umask: setuptools 84.2.1 writes the permission bits of pkg/a.py into the wheel after the umask.
owner a owner: setuptools 84.2.1 writes the owner of a into the wheel after the owner of the source and of the build.
content a hashseed: a is written in the order of a set or of hash(), which the hash seed changes.
RECORD p.dist-info/RECORD clock: RECORD lists the hashes of members that differ.
compressed a unexplained: Nothing that was tried changes the compressed bytes of a in the wheel.
mtime a random: Every build changes the modification time of a in the wheel.
mode a umask+cpus: setuptools 84.2.1 writes the permission bits of a into the wheel after the umask and the processors.
content a clock+cpus: a holds the time of the build (only together: the time of the build and the processors).
name p clock: The version in the artifact's name follows the time of the build.
generator p.dist-info/WHEEL unexplained: Another version of the backend built it.
pax ä locale: The name ä is not ASCII, and a locale without UTF-8 writes it otherwise, leaves the file out, or fails.
"""


@pytest.mark.parametrize("line", SENTENCES.splitlines())
def test_causes_read_so(line: str) -> None:
    head, _, cause = line.partition(": ")
    attribute, member, factor = head.split()
    row = Difference(
        kind="wheel", member=member, attribute=msgspec.convert(attribute, Attribute), factor=factor,
        before=ONLY if attribute == "RECORD" else "", after="", excerpt="",
    )  # fmt: skip
    assert explained(row, "setuptools.build_meta", "84.2.1").cause == cause
