"""Material: the texts to be looked at, laid out in a folder of their own, and what is left out of it."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.builtin.secrets.facts import Skipped, Why
from gates.project.tree import printable

SUBMODULE = "160000"
MODES: Mapping[str, Why] = {"120000": "link", SUBMODULE: "submodule"}
KINDS: Mapping[int, Why] = {stat.S_IFLNK: "link", stat.S_IFDIR: "submodule"}
"""What is no text, by git's mode and by the file system's kind."""

POINTER = b"version https://git-lfs.github.com/spec/"
LOCKS = frozenset({
    "Brewfile.lock.json", "Cargo.lock", "Cartfile.resolved", "Gemfile.lock", "Package.resolved", "Pipfile.lock",
    "Podfile.lock", "composer.lock", "package-lock.json", "packages.lock.json", "poetry.lock", "yarn.lock",
})  # fmt: skip
"""Files full of digests, which detect-secrets passes over (`is_lock_file`): nobody looked at them."""

ENDINGS = frozenset({
    ".7z", ".bin", ".bmp", ".bz2", ".class", ".css", ".dmg", ".doc", ".eot", ".exe", ".gif", ".gz", ".ico", ".iml",
    ".ipr", ".iws", ".jar", ".jpeg", ".jpg", ".lock", ".map", ".mo", ".pdf", ".png", ".prefs", ".psd", ".rar", ".realm",
    ".s7z", ".sum", ".svg", ".tar", ".tif", ".tiff", ".ttf", ".webp", ".woff", ".xls", ".xlsx", ".zip",
})  # fmt: skip
"""Endings that detect-secrets passes over without a word (`is_non_text_file`, which no option turns off)."""

SNIFFED = 8000
"""Bytes in which git looks for a zero byte, which makes a file binary."""

CONTROL = "control/settings.py"
SECRET = "AKIA" + "QW3RTYUIOPASDFGH"
"""Looks like a key and opens nothing; whoever does not find it looked at nothing."""


@dataclass
class Material:
    """Texts below `root`, each under its group and path, and what was left out; `placed` are their own names."""

    root: Path
    largest: int
    placed: dict[str, tuple[str, str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the control there."""
        self._write(self.root / CONTROL, f'key = "{SECRET}"\n'.encode())

    def add(self, group: str, path: str, mode: str, data: bytes | None, commit: str = "") -> bool:
        """Lay out a file; whether there is text in it. `data` is None where it cannot be read or is too large."""
        why = _why(mode, data, self.largest) or ("lock" if path.rpartition("/")[2] in LOCKS else None)
        if why is not None:
            self.skipped.append(Skipped(path=printable(path), why=why, commit=commit))
            return False
        # In folders of their own, so that no name that is given here is that of another file.
        name = f"{group}/other/{path}.txt" if Path(path).suffix in ENDINGS else f"{group}/same/{path}"
        self._write(self.root / name, _readable(data or b""))
        self.placed[name] = (printable(path), commit)
        return True

    def skip(self, path: str, why: Why, commit: str = "") -> None:
        """Say that a file is left out."""
        self.skipped.append(Skipped(path=printable(path), why=why, commit=commit))

    @staticmethod
    def _write(place: Path, data: bytes) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def content(root: Path, path: str, largest: int) -> bytes | Why | None:
    """The bytes of a file of the work tree, why it is left out, or None where it is not there."""
    place = root / path
    try:
        found = place.lstat()
        if not stat.S_ISREG(found.st_mode):
            return KINDS.get(stat.S_IFMT(found.st_mode), "unreadable")
        return "huge" if found.st_size > largest else place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return "unreadable"


def _why(mode: str, data: bytes | None, largest: int) -> Why | None:
    if mode in MODES:
        return MODES[mode]
    if data is None:
        return "unreadable"
    if len(data) > largest:
        return "huge"
    if data.startswith(POINTER) and len(data) < 1024:
        return "lfs"
    if b"\0" in data[:SNIFFED] and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "binary"
    return None


def _readable(data: bytes) -> bytes:
    """The text as UTF-8: detect-secrets passes over a file in another encoding without a word."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()
    return data
