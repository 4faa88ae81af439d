"""Workloads: eight of 0.5 to 5 ms, as a project with benchmarks, each made slower by a share of the same work."""

from __future__ import annotations

import subprocess
from pathlib import Path

PRODUCT = '''
"""Eight kinds of work, each in units; SHARE more units are that much slower."""

import hashlib
import json
import re
import sqlite3
import string
import zlib

SHARE = {share!r}


def units(count):
    return range(round(count * (1 + SHARE)))


class Node:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right


def insert(node, key):
    if node is None:
        return Node(key)
    if key < node.key:
        node.left = insert(node.left, key)
    else:
        node.right = insert(node.right, key)
    return node


def serialise():
    value = {{"name": "x" * 20, "items": [{{"id": n, "price": n / 7, "tags": ["a", "b"]}} for n in range(6)]}}
    for _ in units(100):
        json.loads(json.dumps(value))


def query():
    database = sqlite3.connect(":memory:")
    database.execute("create table t (a integer, b text)")
    for number in units(800):
        database.execute("insert into t values (?, ?)", (number, str(number)))
    total = database.execute("select count(*) from t where b like '%7%'").fetchone()
    database.close()
    return total


LINE = re.compile(r"(?P<host>\\S+) - - \\[(?P<time>[^]]+)\\] \\"(?P<verb>[A-Z]+) (?P<path>\\S+)\\" (?P<code>[0-9]+)")


def parse():
    text = '10.0.0.1 - - [21/Nov/2026:10:00:00] "GET /index.html?x=1" 200'
    return [LINE.match(text).groupdict() for _ in units(1500)]


def tally():
    words = "the quick brown fox jumps over the lazy dog again and again".split()
    found = {{}}
    for number in units(600):
        for word in words:
            found[word, number % 50] = found.get((word, number % 50), 0) + 1
    return found


def order():
    for number in units(100):
        sorted(((n * 7919 + number) % 101 for n in range(60)), key=lambda one: -one)


def format_lines():
    template = string.Template("$name has $count of $thing")
    for number in units(500):
        template.substitute(name="somebody", count=number, thing="that")
        f"{{number:>10,}} {{number / 3:.3f}} {{number!r}}"


def compress():
    data = b"".join(str(n * n).encode() for n in range(400))
    for _ in units(40):
        hashlib.sha256(zlib.compress(data, 1)).digest()


def grow():
    root = None
    for number in units(1600):
        root = insert(root, (number * 7919) % 4001)
    return root
'''

NAMES = ("serialise", "query", "parse", "tally", "order", "format_lines", "compress", "grow")

TESTS = "import product\n" + "".join(
    f"\n\ndef test_{name}(benchmark):\n    benchmark(product.{name})\n" for name in NAMES
)

PYPROJECT = """
[project]
name = "product"
version = "1"

[tool.gates.bench]
limit = 5.0
"""


def make(root: Path) -> Path:
    """A committed project with the workloads and a benchmark of each."""
    root.mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / ".gitignore").write_text(".gates/\n__pycache__/\n.benchmarks/\n")
    (root / "tests/test_work.py").write_text(TESTS)
    slow(root, 0.0)
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(root))
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "base"], check=True)
    subprocess.run([*git, "commit", "-qm", "head", "--allow-empty"], check=True)
    return root


def slow(root: Path, share: float) -> None:
    """Give each workload `share` more units of its work."""
    (root / "product.py").write_text(PRODUCT.format(share=share))
