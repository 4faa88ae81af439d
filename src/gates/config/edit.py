"""Edit: settings added to a TOML file without touching anything else in it, and files replaced whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gates.config.positions import Key, positions
from gates.config.source import dotted, parse
from gates.errors import ConfigError, OutputError


@dataclass(frozen=True)
class FileEdit:
    """A file under `root` with its bytes before (None: there is none) and after the edit."""

    root: Path
    name: str
    before: bytes | None
    after: bytes

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> str:
        """A unified diff that `patch` and `git apply` understand."""
        old = "/dev/null" if self.before is None else f"a/{self.name}"
        lines = difflib.unified_diff(
            _lines((self.before or b"").decode("utf-8", "replace")),
            _lines(self.after.decode("utf-8", "replace")),
            old,
            f"b/{self.name}",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def check(self) -> None:
        """Make sure that the file is still what it was when the edit was made.

        Raises:
            OutputError: it is not, or it cannot be read.
        """
        path = self.root / self.name
        try:
            now = path.read_bytes() if path.exists() or path.is_symlink() else None
        except OSError as error:
            raise OutputError(f"{self.name} cannot be read: {error.strerror or error}") from error
        if now != self.before:
            raise OutputError(f"{self.name} was changed by someone else in between; nothing was written, run it again")

    def write(self) -> None:
        """Replace the file in one step, with the permissions that it had; a link stays a link.

        Raises:
            OutputError: the file changed in between, or cannot be written.
        """
        self.check()
        target = Path(os.path.realpath(self.root / self.name))
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                file.write(self.after)
                file.flush()
                os.fsync(file.fileno())
            if self.before is not None:
                shutil.copymode(target, temporary)
            temporary.replace(target)
        except OSError as error:
            raise OutputError(f"{self.name} cannot be written: {error.strerror or error}") from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def with_settings(text: str, table: tuple[str, ...], items: Mapping[str, Any], *, comment: str = "", path: str) -> str:
    """A TOML document in which `table` has `items` besides what it has; every line of `text` is in it as it was.

    The new lines stand under the table's header, else under a new header at the end, else as dotted keys under the
    nearest header above; the line ends are those of the file, and no final newline is added where there was none.

    Raises:
        ConfigError: no place is valid TOML (an inline table), or a key is there already.
    """
    wanted = _merged(parse(text, path), table, items)
    for candidate in _candidates(text, table, items, comment):
        try:
            found = parse(candidate, path)
        except ConfigError:
            continue
        if _comparable(found) == _comparable(wanted):
            return candidate
    raise ConfigError(
        f"[{dotted(table)}] is written in a way that cannot be added to; write it as a table with a header of its own",
        path=path,
        line=positions(text).get(table),
    )


def toml(value: Any) -> str:
    """A value as TOML writes it on one line."""
    import tomlkit

    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{dotted((key,))} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml(one) for one in value)}]"
    written: str = tomlkit.item(value).as_string()
    return written


def _candidates(text: str, table: Key, items: Mapping[str, Any], comment: str) -> Iterator[str]:
    lines = positions(text)
    said = [f"# {comment}"] if comment else []
    headers = [table[:depth] for depth in range(len(table), 0, -1) if _has_header(text, table[:depth], lines)]
    if table in headers:
        yield _inserted(text, lines[table], [*said, *_pairs((), items)])
    if table:
        yield _appended(text, [f"[{dotted(table)}]", *said, *_pairs((), items)])
    for header in headers:
        yield _inserted(text, lines[header], [*said, *_pairs(table[len(header) :], items)])
    yield _inserted(text, _top(text), [*said, *_pairs(table, items)], gap=True)


def _pairs(above: Key, items: Mapping[str, Any]) -> list[str]:
    return [f"{dotted((*above, key))} = {toml(value)}" for key, value in items.items()]


def _has_header(text: str, table: Key, lines: Mapping[Key, int]) -> bool:
    if table not in lines:
        return False
    line = text.split("\n")[lines[table] - 1].strip()
    if not line.startswith("[") or line.startswith("[["):
        return False
    # A table may be named first by a longer header, such as `[tool.gates.lint]`.
    return max(positions(line), key=len) == table


def _top(text: str) -> int:
    """How many lines to leave above new top-level keys: comments at the head of the file, up to an empty line."""
    lines = [line.strip() for line in _lines(text)]
    first = next((at for at, line in enumerate(lines) if line and not line.startswith("#")), None)
    if first is None:
        return len(lines)
    while first and lines[first - 1]:
        first -= 1
    return first


def _inserted(text: str, after: int, new: list[str], *, gap: bool = False) -> str:
    lines = _lines(text)
    end = _newline(text)
    above, below = lines[:after], lines[after:]
    if above and not above[-1].endswith("\n"):
        return text + "".join(end + line for line in new)
    apart = [end] if gap and below and below[0].lstrip().startswith(("[", "#")) else []
    return "".join([*above, *(line + end for line in new), *apart, *below])


def _appended(text: str, new: list[str]) -> str:
    end = _newline(text)
    block = end.join(new)
    if not text.strip():
        return text + block + end
    if not text.endswith("\n"):
        return text + end + end + block
    return text + ("" if text.endswith(end + end) else end) + block + end


def _newline(text: str) -> str:
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def _merged(tables: Mapping[str, Any], path: tuple[str, ...], items: Mapping[str, Any]) -> dict[str, Any]:
    if not path:
        return {**tables, **items}
    inner = tables.get(path[0], {})
    return {**tables, path[0]: _merged(inner if isinstance(inner, Mapping) else {}, path[1:], items)}


def _comparable(value: Any) -> Any:
    """The value so that equal documents are equal, `nan` included."""
    if isinstance(value, Mapping):
        return {key: _comparable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable(one) for one in value]
    return (type(value).__name__, repr(value))


def _lines(text: str) -> list[str]:
    """Lines with their ends; unlike `str.splitlines`, only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
