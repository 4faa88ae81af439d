"""Fetching child: asks the index that pip is configured for, and downloads one release without building anything.

Runs in a process of its own: `python fetching_child.py NAME VERSION PYTHON FOLDER`. Its last line of output is JSON:
`files` with `name` and `yanked` (the reason, or null), or `problem` with `kind` (`network`, `missing`, `corrupt`).
pip itself would run the hooks of a source distribution before it keeps it.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECTIONS = ("global", "download", ":env:")
"""Where pip looks for a setting of `pip download`, what counts most last."""


def main(name: str, version: str, python: str, folder: str) -> dict[str, Any]:
    """What was downloaded, or what kept it from being."""
    options = configuration()
    use_certificates(options)
    from httpx2 import HTTPError
    from unearth.errors import UnpackError

    try:
        return {"files": [*fetched(name, version, python, Path(folder), options)]}
    except HTTPError as error:
        return problem("network", f"{type(error).__name__}: {error}")
    except UnpackError as error:
        return problem("corrupt", str(error))


def fetched(name: str, version: str, python: str, folder: Path, options: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What `chosen` takes, downloaded into `folder`, with what the index says of it."""
    from unearth import PackageFinder, TargetPython

    indexes = [] if is_set(options.get("no-index")) else words(options.get("index-url", usual()))
    indexes += [] if is_set(options.get("no-index")) else words(options.get("extra-index-url", ""))
    links = [one for one in words(options.get("find-links", "")) if "://" in one or Path(one).exists()]
    if not indexes and not links:
        return
    finder = PackageFinder(
        index_urls=indexes,
        find_links=links,
        trusted_hosts=words(options.get("trusted-host", "")),
        target_python=TargetPython(py_ver=tuple(int(part) for part in python.split(".")[:2])),
    )
    for one in chosen(finder.find_matches(f"{name}=={version}", allow_yanked=True)):
        path = finder.download(one.link, folder)
        yield {"name": path.name, "path": str(path), "yanked": one.link.yank_reason}


def usual() -> str:
    """The index where nothing is configured."""
    from unearth import PackageFinder

    return str(PackageFinder().sources[0]["url"])


def chosen(packages: Any) -> Iterator[Any]:
    """The best wheel, the one for every platform, and the source distribution; they come best first."""
    seen: set[str] = set()
    for one in packages:
        name = one.link.filename
        kinds = {"pure"} if name.endswith("-none-any.whl") else set()
        kinds.add("wheel" if one.link.is_wheel else "sdist")
        if kinds - seen:
            seen |= kinds
            yield one


def configuration() -> dict[str, str]:
    """What pip is told for downloads, by name of the setting and without its section; none where pip is not there."""
    listed = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listed.stdout.splitlines():
        key, _, value = line.partition("=")
        section, _, setting = key.rpartition(".")
        if section in found:
            found[section][setting] = str(ast.literal_eval(value))
    return {name: value for section in SECTIONS for name, value in found[section].items()}


def use_certificates(options: dict[str, str]) -> None:
    """Have what pip is told of certificates and proxies hold here too."""
    if "cert" in options:
        os.environ.setdefault("SSL_CERT_FILE", options["cert"])
    if "proxy" in options:
        for name in ("http_proxy", "https_proxy"):
            os.environ.setdefault(name, options["proxy"])


def words(value: str) -> list[str]:
    """The parts of a setting that holds several."""
    return value.split()


def is_set(value: str | None) -> bool:
    """Whether a switch of pip is on."""
    return (value or "").strip().lower() in {"1", "true", "yes", "on", "t", "y"}


def problem(kind: str, message: str) -> dict[str, Any]:
    """What kept it from being downloaded, in one line."""
    return {"problem": {"kind": kind, "message": " ".join(message.split())}}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201 - what the parent reads
