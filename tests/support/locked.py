"""Locked: a small project with a lock of uv, in which the gate `sbom` passes."""

from __future__ import annotations

DIGEST = {name: digit * 64 for name, digit in zip(("alpha", "beta", "colour", "delta"), "abcd", strict=True)}
PYPROJECT = """
    [project]
    name = "sample"
    version = "1.0"
    license = "MIT"
    authors = [{ name = "The authors" }]
    dependencies = ["alpha", "colour; sys_platform == 'nowhere'"]

    [dependency-groups]
    dev = ["delta"]

    [tool.gates.sbom]
    source = "uv"
    allow = ["MIT", "BSD-*"]

    [tool.gates.sbom.licences]
    alpha = "MIT OR GPL-3.0-only"
    beta = "BSD-3-Clause"
    colour = "MIT"
    delta = "GPL-3.0-only"

    [tool.gates.sbom.suppliers]
    alpha = "A"
    beta = "B"
    colour = "C"
    delta = "D"
    """


def package(name: str, *lines: str) -> str:
    """An entry of uv.lock with one wheel."""
    wheel = f'{{ url = "https://index.example/{name}-1.0-py3-none-any.whl", hash = "sha256:{DIGEST[name]}", size = 1 }}'
    return "\n".join(
        [
            "[[package]]",
            f'name = "{name}"',
            'version = "1.0"',
            'source = { registry = "https://index.example/simple" }',
            *lines,
            f"wheels = [\n    {wheel},\n]\n",
        ]
    )


ROOT = """\
[[package]]
name = "sample"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "alpha" },
    { name = "colour", marker = "sys_platform == 'nowhere'" },
]
"""
LOCK = "\n".join(
    [
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n',
        package("alpha", 'dependencies = [\n    { name = "beta" },\n]'),
        package("beta"),
        package("colour"),
        package("delta"),
        ROOT,
        '[package.dev-dependencies]\ndev = [\n    { name = "delta" },\n]\n',
    ]
)
FILES = {"pyproject.toml": PYPROJECT, "uv.lock": LOCK}
