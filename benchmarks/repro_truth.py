"""Which factor changes which bytes: every project of the list, built once per factor with that factor alone changed.

    python benchmarks/repro_truth.py [NAME …] [--output benchmarks/repro_truth.json] [--probe | --markdown]

Nothing of the product is used. The means are the crudest there are: a real umask, real modes and owners of the tree,
`unshare -U` for another builder, `faketime` for another date, `disorderfs` for another order of listing, `taskset` for
fewer processors. It therefore needs Linux, root, and the packages faketime and disorderfs. Build requirements are
resolved once per project; wheel and source distribution are built by the PEP 517 hooks, each from a copy of its own at
one and the same path. A factor's rows are what differs from the reference and does not differ in the control, a build
with nothing changed some seconds after all others; what the control shows is `clock` if it is a time, else `random`.
`--probe` builds a project whose backend writes down what it sees of each factor, and fails unless every factor changes
its own file and no other. `--markdown` prints what is known as a table by backend and builds nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pyproject_hooks import BuildBackendHookCaller

import repro_archives
import repro_projects
from repro_archives import Rows
from repro_projects import Project

KINDS = ("wheel", "sdist")
TIMES = ("mtime", "gzip mtime")


class Variant(NamedTuple):
    """One way to change one factor; what is not named is as in the reference."""

    factor: str
    name: str
    env: Mapping[str, str] = {}
    prefix: Sequence[str] = ()
    umask: int = 0o022
    modes: tuple[int, int, int] = (0o644, 0o755, 0o755)
    owner: tuple[int, int] | None = None
    apart: int = 0
    place: str = "place"
    listing: str = ""
    first: str = ""


REFERENCE = Variant("reference", "reference")
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
TURKISH = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
SOMEBODY = {"USER": "somebody", "LOGNAME": "somebody", "USERNAME": "somebody", "HOME": "home-of-somebody"}
# Without its wrapper, whose semaphores run into those of other processes.
FAKETIME = next((str(one) for one in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "libfaketime.so.1")
VARIANTS = (
    Variant("path", "elsewhere", place="another place/and deeper/below"),
    Variant("umask", "077", umask=0o077),
    Variant("umask", "002", umask=0o002),
    Variant("modes", "0600 0700", modes=(0o600, 0o700, 0o700)),
    Variant("modes", "0664 0775", modes=(0o664, 0o775, 0o775)),
    Variant("owner", "builder", prefix=("unshare", "-U", "--map-user=1234", "--map-group=2345")),
    Variant("owner", "tree", owner=(1234, 2345)),
    Variant("timezone", "Kiritimati", env={"TZ": "Pacific/Kiritimati"}),
    Variant("locale", "C", env=C_LOCALE),
    Variant("locale", "tr_TR.UTF-8", env=TURKISH),
    Variant("hashseed", "1", env={"PYTHONHASHSEED": "1"}),
    Variant("hashseed", "424242", env={"PYTHONHASHSEED": "424242"}),
    Variant("clock", "+400 days", env={"LD_PRELOAD": FAKETIME, "FAKETIME": "+400d", "NO_FAKE_STAT": "1"}),
    Variant("mtimes", "hours apart", apart=5003),
    Variant("listing", "reversed", listing="--reverse-dirents=yes"),
    Variant("listing", "shuffled", listing="--shuffle-dirents=yes"),
    Variant("user", "somebody", env=SOMEBODY),
    Variant("cpus", "one", prefix=("taskset", "-c", "0")),
    Variant("rebuild", "the same again", first="same"),
    Variant("rebuild", "after the other", first="other"),
    Variant("control", "later"),
)


class Environment(NamedTuple):
    """Where a project's backend is installed, and what else is."""

    folder: Path
    versions: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("repro_truth.json"))
    parser.add_argument("--probe", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    if given.markdown:
        tables(json.loads(given.output.read_text("utf-8")))
        return
    if os.geteuid() != 0:
        raise SystemExit("Other owners and disorderfs need root.")
    # pyproject_hooks repeats what a backend warns of; a project's deprecations are no matter here.
    warnings.simplefilter("ignore")
    if given.probe:
        probe()
        return
    known: dict[str, Any] = json.loads(given.output.read_text("utf-8")) if given.output.exists() else {}
    for project in repro_projects.listed(given.names):
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="repro-truth-") as folder:
            found = truth(project, Path(folder).resolve())
        known[project.name] = found
        given.output.write_text(_shown(known), "utf-8")
        said = {kind: sorted({row["factor"] for row in found["artifacts"][kind]["differences"]}) for kind in KINDS}
        print(f"{project.name} {project.version}: {said} in {time.perf_counter() - began:.0f} s", flush=True)


PROBE = """\
import getpass, locale, os, time, zipfile
from pathlib import Path

def counted():
    count = Path("count")
    count.write_text(str(int(count.read_text()) + 1) if count.exists() else "1")
    return count.read_text()

def build_wheel(folder, config_settings=None, metadata_directory=None):
    mask = os.umask(0)
    os.umask(mask)
    about = os.stat("data/7")
    seen = {
        "path": os.getcwd(),
        "umask": mask,
        "modes": (about.st_mode, os.stat("data").st_mode),
        "owner": (os.getuid(), about.st_uid, about.st_gid),
        "timezone": time.localtime(0),
        "locale": (locale.setlocale(locale.LC_ALL, ""), locale.getpreferredencoding()),
        "hashseed": hash("probe"),
        "clock": int(time.time() // 864000),
        "mtimes": about.st_mtime,
        "listing": os.listdir("data"),
        "user": (os.environ["USER"], os.environ["LOGNAME"], os.path.basename(os.environ["HOME"])),
        "cpus": len(os.sched_getaffinity(0)),
        "rebuild": counted(),
        "random": os.urandom(8),
    }
    with zipfile.ZipFile(os.path.join(folder, "probe-1-py3-none-any.whl"), "w") as archive:
        for name, one in seen.items():
            archive.writestr(zipfile.ZipInfo(name), repr(one))
    return "probe-1-py3-none-any.whl"

def build_sdist(folder, config_settings=None):
    counted()
    return "probe-1.tar.gz"
"""


def probe() -> None:
    """Fail unless each factor changes what the probe sees of it, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="repro-probe-") as name:
        folder = Path(name).resolve()
        tree = folder / "origin"
        (tree / "data").mkdir(parents=True)
        for number in range(40):
            (tree / "data" / str(number)).write_text("", "utf-8")
        (tree / "backend.py").write_text(PROBE, "utf-8")
        system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        (tree / "pyproject.toml").write_text(system, "utf-8")
        found = judged(tree, prepared(tree, folder), folder, "wheel")["differences"]
    seen = {(row["factor"], row["samples"][0], row["members"]) for row in found}
    expected = {(name, name, 1) for name in [*(one.factor for one in VARIANTS if one.factor != "control"), "random"]}
    if seen != expected:
        raise SystemExit(f"Factors that do not change their own file alone: {sorted(seen ^ expected)}")
    ways = sum(len(row["by"]) for row in found)
    if ways != len(VARIANTS):
        raise SystemExit(f"Of {len(VARIANTS)} ways to change a factor, only {ways} change something.")
    print(f"{len(expected)} factors, {ways} ways to change them: each changes its own file and no other")


def truth(project: Project, folder: Path) -> dict[str, Any]:
    """The record of one project."""
    tree = repro_projects.unpacked(repro_projects.fetched(project), folder / "origin")
    environment = prepared(tree, folder)
    artifacts = {kind: judged(tree, environment, folder, kind) for kind in KINDS}
    return {
        "version": project.version,
        "backend": project.backend,
        "versions": environment.versions,
        "python": ".".join(map(str, sys.version_info[:3])),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "artifacts": artifacts,
    }


def prepared(tree: Path, folder: Path) -> Environment:
    """An environment with what the build system and its hooks require, resolved once."""
    requires, backend, path = repro_projects.build_system(tree)
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "virtualenv", "-q", "--no-setuptools", "--no-wheel", venv], check=True)
    _install(venv, requires)
    copy = shutil.copytree(tree, folder / "asked", symlinks=True)
    hooks = BuildBackendHookCaller(
        str(copy), backend, path, runner=_runner(REFERENCE, venv, folder / "place"), python_executable=_python(venv)
    )
    (folder / "place" / "tmp").mkdir(parents=True)
    further = {*hooks.get_requires_for_build_wheel(), *hooks.get_requires_for_build_sdist()}
    _install(venv, sorted(further))
    listed = subprocess.run(
        [_python(venv), "-m", "pip", "list", "--format=json"], check=True, capture_output=True, text=True
    )
    versions = {one["name"]: one["version"] for one in json.loads(listed.stdout) if one["name"] != "pip"}
    return Environment(venv, versions)


def _install(venv: Path, requires: Sequence[str]) -> None:
    if requires:
        subprocess.run([_python(venv), "-m", "pip", "install", "-q", *requires], check=True)


def _python(venv: Path) -> str:
    return str(venv / "bin" / "python")


def judged(tree: Path, environment: Environment, folder: Path, kind: str) -> dict[str, Any]:
    """Verdict and differences of one artifact."""
    reference = built(tree, environment, folder, kind, REFERENCE)
    if isinstance(reference, str):
        raise SystemExit(f"{tree.name}: the {kind} cannot be built. {reference}")
    kept = folder / f"reference-{kind}"
    kept.mkdir()
    shutil.move(reference, kept)
    found: dict[str, Rows] = {}
    for variant in VARIANTS:
        if variant.factor == "control":
            time.sleep(2.5)
        other = built(tree, environment, folder, kind, variant)
        if isinstance(other, str):
            print(f"  {tree.name} {kind}, {variant.factor} {variant.name}: {other}", flush=True)
            found[f"{variant.factor}: {variant.name}"] = frozenset({("failed", "")})
        else:
            rows = repro_archives.differences(kept / reference.name, other)
            found[f"{variant.factor}: {variant.name}"] = rows
    differing = _attributed(found)
    return {"name": reference.name, "identical": not differing, "differences": differing}


def built(tree: Path, environment: Environment, folder: Path, kind: str, variant: Variant) -> Path | str:
    """The artifact of one build, or why there is none."""
    for one in ("place", "another place", "lower"):
        shutil.rmtree(folder / one, ignore_errors=True)
    place = folder / variant.place
    lower = folder / "lower" if variant.listing else place
    place.mkdir(parents=True)
    for one in ("tmp", "home", "home-of-somebody", "wheel", "sdist", "again"):
        (lower / one).mkdir(parents=True)
    copy = shutil.copytree(tree, lower / "tree", symlinks=True)
    file, executable, directory = variant.modes
    repro_projects.dressed(copy, file=file, executable=executable, folder=directory)
    repro_projects.stamped(copy, apart=variant.apart)
    if variant.owner is not None:
        subprocess.run(["chown", "-hR", "{}:{}".format(*variant.owner), copy], check=True)
    if variant.listing:
        subprocess.run(["disorderfs", "-q", variant.listing, lower, place], check=True, capture_output=True)
    try:
        return _hooked(place, tree, environment, kind, variant, folder)
    finally:
        if variant.listing:
            subprocess.run(["fusermount", "-u", place], check=True)


def _hooked(place: Path, tree: Path, environment: Environment, kind: str, variant: Variant, folder: Path) -> Path | str:
    _, backend, path = repro_projects.build_system(tree)
    hooks = BuildBackendHookCaller(
        str(place / "tree"),
        backend,
        path,
        runner=_runner(variant, environment.folder, place),
        python_executable=_python(environment.folder),
    )
    made: dict[str, Callable[[str], str]] = {"wheel": hooks.build_wheel, "sdist": hooks.build_sdist}
    other = "sdist" if kind == "wheel" else "wheel"
    try:
        if variant.first:
            made[kind if variant.first == "same" else other](str(place / "again"))
        name = made[kind](str(place / kind))
    except subprocess.CalledProcessError as error:
        return "the build fails: " + str(error.stderr).strip().splitlines()[-1]
    result: Path = folder / "results" / name
    result.parent.mkdir(exist_ok=True)
    shutil.copyfile(place / kind / name, result)
    return result


def _runner(variant: Variant, venv: Path, place: Path) -> Any:
    env = {
        "PATH": f"{venv / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": str(place / "tmp"),
        "USER": "builder",
        "LOGNAME": "builder",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(repro_projects.EPOCH),
        "HOME": "home",
        **variant.env,
    }
    env["HOME"] = str(place / env["HOME"])

    def run(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        subprocess.run(
            [*variant.prefix, *cmd],
            cwd=cwd,
            env={**env, **(extra_environ or {})},
            umask=variant.umask,
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


def _attributed(found: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """Rows by attribute and factor, without what the control shows anyway."""
    control = found["control: later"]
    rows: dict[tuple[str, str], set[str]] = {}
    ways: dict[tuple[str, str], list[str]] = {}
    for variant, differing in found.items():
        factor, _, way = variant.partition(": ")
        for attribute, member in differing if factor == "control" else differing - control:
            named = ("clock" if attribute in TIMES else "random") if factor == "control" else factor
            rows.setdefault((attribute, named), set()).add(member)
            seen = ways.setdefault((attribute, named), [])
            if way not in seen:
                seen.append(way)
    return [
        {
            "attribute": attribute,
            "factor": factor,
            "by": ways[attribute, factor],
            "members": len(members),
            "samples": sorted(members)[:2],
            "digest": digest(members),
        }
        for (attribute, factor), members in sorted(rows.items())
    ]


def digest(members: set[str]) -> str:
    """A short digest of a set of member names, told apart from their order and a closing slash."""
    text = "\n".join(sorted({one.rstrip("/") for one in members}))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def tables(known: Mapping[str, Any]) -> None:
    """Print how many projects of each backend are the same under every factor, and what the others follow."""
    print("| backend | artifact | same bytes under every factor | what the others follow (projects) |")
    print("|---|---|---|---|")
    for backend in dict.fromkeys(project.backend for project in repro_projects.listed()):
        those = [one for one in known.values() if one["backend"] == backend]
        for kind in KINDS:
            held = [one["artifacts"][kind] for one in those]
            same = sum(one["identical"] for one in held)
            seen = Counter((row["factor"], row["attribute"]) for one in held for row in one["differences"])
            follows = ", ".join(
                f"{factor}: {attribute} ({count})" for (factor, attribute), count in sorted(seen.items())
            )
            print(f"| {backend} | {kind} | {same} of {len(held)} | {follows or 'nothing'} |")


def _shown(known: Mapping[str, Any]) -> str:
    """JSON with one line per difference."""
    text = json.dumps(known, indent=1, ensure_ascii=True, sort_keys=True)
    return re.sub(r"\{\s+\"attribute\"[^{}]*\}", lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text) + "\n"


if __name__ == "__main__":
    main()
