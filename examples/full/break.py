"""Breaks one thing in a copy of this project, shows what, and has the copy judged.

python break.py         what can be broken
python break.py lint    break what `lint` looks after; ends as `gates check lint` does
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

HERE = Path(__file__).parent
LEFT = ".git", ".gates", "__pycache__", ".*cache", ".coverage*", "dist"
UNTESTED = """

def half(text: str) -> float:
    return parse(text).value / 2
"""
LEAVES = """

def test_that_leaves_a_variable() -> None:
    __import__("os").environ["MEASURES"] = "left"
"""
RELEASED = """repository = "example/measures"
workflow = "release.yml"
ref = "refs/tags/v{version}"
"""
KEY = '\nKEY = "AKIA' + 'ZYXWVUTSRQPONMLK"\n'  # in two parts: this file has no key in it
LINK = "\n[Nowhere](nowhere.md)\n"


class Fault(NamedTuple):
    """A change after which a gate is red, by these rules."""

    gate: str
    rules: tuple[str, ...]
    says: str
    plant: Callable[[Path], None]
    committed: bool = False


def stop(why: str) -> NoReturn:
    """End with 2, as for a wrong usage: nothing was judged, so no gate went red."""
    print(f"break.py: {why}", file=sys.stderr)
    sys.exit(2)


def swap(name: str, before: str, after: str) -> Callable[[Path], None]:
    """A fault that puts `after` in the place of `before`."""

    def plant(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        if before not in text:
            stop(f"{name} has no {before!r} to be broken: it was changed")
        (root / name).write_text(text.replace(before, after), "utf-8")

    return plant


def more(name: str, text: str) -> Callable[[Path], None]:
    """A fault that puts `text` at the end of a file."""

    def plant(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return plant


def release(root: Path) -> None:
    """A wheel in `dist`, as of a release, that nobody attested."""
    swap("pyproject.toml", "rehearse = true", f"{RELEASED}rehearse = false")(root)
    (root / "dist").mkdir()
    (root / "dist" / "measures-1.0-py3-none-any.whl").write_bytes(b"of whatever machine\n")


SWAPS = {
    "import": ("src/measures/text.py", "import re\n", "import os\nimport re\n"),
    "type": ("src/measures/text.py", 'float(found["value"])', 'found["value"]'),
    "tonne": ("src/measures/units.py", '"mass", 1000.0', '"mass", 100.0'),
    "thrice": (
        "src/measures/ledger.py",
        "found += parse(line)",
        "found += parse(line) and parse(line) and parse(line)",
    ),
    "page": ("src/measures/ledger.py", "PAGE = 50", "PAGE = 1"),
    "build": ("pyproject.toml", "reproducible = true", "reproducible = false"),
    "changelog": ("CHANGELOG.md", "## 1.0", "## 0.9"),
    "mark": ("tests/test_text.py", '@pytest.mark.requirement("MS-2")\n', ""),
    "supplier": ("pyproject.toml", "supplier = 80", "supplier = 100"),
    "advisory": ("ci/advisories/PYSEC-2019-217.json", '"fixed": "2.10.1"', '"fixed": "999"'),
    "workflow": (".github/workflows/ci.yml", "run: gates check", "run: gates check || true"),
    "select": ("pyproject.toml", '"tests", "determinism"', '"determinism"'),
}


def swapped(name: str) -> Callable[[Path], None]:
    """The fault of that name in the table."""
    return swap(*SWAPS[name])


FAULTS = {
    "lint": Fault("lint", ("LNT001",), "an import that nobody uses", swapped("import")),
    "types": Fault("types", ("TYP001",), "a text where a number belongs", swapped("type")),
    "tests": Fault("tests", ("TST001",), "a tonne of 100 kilograms", swapped("tonne")),
    "determinism": Fault(
        "determinism",
        ("DET003",),
        "a test that leaves a variable behind",
        more("tests/test_text.py", LEAVES),
    ),
    "coverage": Fault(
        "coverage",
        ("COV004",),
        "a function that no test runs",
        more("src/measures/text.py", UNTESTED),
    ),
    "bench": Fault("bench", ("BEN001",), "each line is read three times", swapped("thrice")),
    "bench-between": Fault(
        "bench",
        ("BEN008",),
        "an account of every line, which is long since committed",
        swapped("page"),
        committed=True,
    ),
    "repro": Fault("repro", ("REP002", "REP003"), "a build with times of today", swapped("build")),
    "packaging": Fault(
        "packaging", ("PKG011",), "a changelog without the version", swapped("changelog")
    ),
    "trace": Fault("trace", ("TRC004",), "a requirement without its test", swapped("mark")),
    "sbom": Fault("sbom", ("SBOM004",), "a supplier is asked of each part", swapped("supplier")),
    "audit": Fault(
        "audit", ("AUD001",), "an advisory about what is installed", swapped("advisory")
    ),
    "secrets": Fault("secrets", ("SEC001",), "a key in a file", more("src/measures/units.py", KEY)),
    "provenance": Fault("provenance", ("PRV001",), "a release that nobody attested", release),
    "workflows": Fault(
        "workflows",
        ("WFL003", "POL007"),
        "a failure that the workflow swallows",
        swapped("workflow"),
    ),
    "docs": Fault("docs", ("CMD002",), "a link that leads nowhere", more("docs/index.md", LINK)),
    "docs-stale": Fault(
        "docs", ("CMD003",), "a page that is not what the code says", swapped("tonne")
    ),
    "policy": Fault("policy", ("POL002",), "no tests any more", swapped("select")),
}


def git(root: Path, *words: str) -> str:
    """What git prints in `root`."""
    who = ("-c", "user.name=measures", "-c", "user.email=measures@example.org")
    quiet = ("-c", "commit.gpgsign=false", "-c", f"core.hooksPath={os.devnull}")
    done = subprocess.run(
        ["git", *who, *quiet, *words], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        stop(f"git {words[0]} does not work: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def copied(root: Path) -> None:
    """A repository with two commits: a change needs something to be compared with."""
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns(*LEFT))
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=As it is")
    git(root, "commit", "--quiet", "--allow-empty", "--message=Nothing new")


def broken(root: Path, fault: Fault) -> str:
    """The change that was made, as a patch."""
    fault.plant(root)
    git(root, "add", "--all", "--intent-to-add")
    patch = git(root, "diff")
    if fault.committed:
        git(root, "commit", "--quiet", "--all", "--message=Broken")
        git(root, "commit", "--quiet", "--allow-empty", "--message=Nothing new")
    return patch


def main() -> int:
    """The code of `gates check` on the broken copy."""
    parser = argparse.ArgumentParser(description="Break one thing in a copy, and have it judged.")
    parser.add_argument("fault", nargs="?", choices=FAULTS, help="what to break; without, a list")
    parser.add_argument("--keep", action="store_true", help="leave the copy, and say where it is")
    given = parser.parse_args()
    if given.fault is None:
        for name, fault in FAULTS.items():
            print(f"{name:14} {' '.join(fault.rules):14} {fault.says}")
        return 0
    fault = FAULTS[given.fault]
    folder = Path(tempfile.mkdtemp(prefix="measures-"))
    try:
        copied(folder / "full")
        print(broken(folder / "full", fault), flush=True)
        judge = [sys.executable, "-P", "-m", "gates", "check", fault.gate]
        return subprocess.run(judge, cwd=folder / "full", check=False).returncode
    finally:
        if given.keep:
            print(f"the copy is {folder / 'full'}")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
