"""Edit: settings added to the text of a TOML file without touching anything else in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.config.file_edit import lines_of
from gates.config.positions import Key, positions
from gates.config.source import dotted
from gates.errors import ConfigError
from gates.project.documents import toml as tables_of


def with_settings(text: str, table: tuple[str, ...], items: Mapping[str, Any], *, comment: str = "", path: str) -> str:
    """A TOML document in which `table` has `items` besides what it has; every line of `text` is in it as it was.

    The new lines stand under the table's header, else under a new header at the end, else as dotted keys under the
    nearest header above; the line ends are those of the file, and no final newline is added where there was none.

    Raises:
        ConfigError: no place is valid TOML (an inline table), or a key is there already.
    """
    wanted = _merged(tables_of(text, path), table, items)
    for candidate in _candidates(text, table, items, comment):
        try:
            found = tables_of(candidate, path)
        except ConfigError:
            continue
        if _comparable(found) == _comparable(wanted):
            return candidate
    raise ConfigError(
        f"[{dotted(table)}] is written in a way that cannot be added to; write it as a table with a header of its own",
        path=path,
        line=positions(text).get(table),
    )


def with_element(text: str, array: tuple[str, ...], items: Mapping[str, Any], *, path: str) -> str:
    """A TOML document in which the array of tables `array` has one more, `items`; all else is in it as it was.

    The new table stands after the last one of the array, else after the last line of the table round it.

    Raises:
        ConfigError: no place is valid TOML: the array is written inline.
    """
    tables = tables_of(text, path)
    wanted = _extended(tables, array, items)
    lines = positions(text)
    block = [f"[[{dotted(array)}]]", *_pairs((), items)]
    above = [array[:depth] for depth in range(len(array), 0, -1)]
    anchors = (max((line for key, line in lines.items() if key[: len(one)] == one), default=0) for one in above)
    for candidate in (*(_before_next_header(text, line, block) for line in anchors if line), _appended(text, block)):
        try:
            found = tables_of(candidate, path)
        except ConfigError:
            continue
        if _comparable(found) == _comparable(wanted):
            return candidate
    raise ConfigError(
        f"{dotted(array)} is written in a way that cannot be added to; write it as [[{dotted(array)}]]",
        path=path,
        line=lines.get(array),
    )


def with_names(text: str, table: tuple[str, ...], key: str, names: Sequence[str], *, path: str) -> str:
    """A TOML document in which the list of strings `key` of `table` has `names` at its end, if they are not in it.

    Raises:
        ConfigError: there is no place where that is valid TOML.
    """
    held: Any = tables_of(text, path)
    for name in (*table, key):
        held = held.get(name, {})
    new = [name for name in names if name not in held]
    if not new:
        return text
    if not held:
        return with_settings(text, table, {key: new}, path=path)
    import tomlkit

    document: Any = tomlkit.parse(text)
    place = document
    for name in (*table, key):
        place = place[name]
    place.extend(new)
    written: str = document.as_string()
    return written


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
    lines = [line.strip() for line in lines_of(text)]
    first = next((at for at, line in enumerate(lines) if line and not line.startswith("#")), None)
    if first is None:
        return len(lines)
    while first and lines[first - 1]:
        first -= 1
    return first


def _inserted(text: str, after: int, new: list[str], *, gap: bool = False) -> str:
    lines = lines_of(text)
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


def _before_next_header(text: str, line: int, new: list[str]) -> str:
    """`new` between the table that the line `line` (from 1) is in and the next header with the comments above it."""
    lines = lines_of(text)
    header = next((at for at in range(line, len(lines)) if lines[at].lstrip().startswith("[")), None)
    if header is None:
        return _appended(text, new)
    while lines[header - 1].lstrip().startswith("#"):
        header -= 1
    end = _newline(text)
    apart = [] if not lines[header - 1].strip() else [end]
    return "".join([*lines[:header], *apart, *(one + end for one in new), end, *lines[header:]])


def _extended(tables: Mapping[str, Any], path: tuple[str, ...], items: Mapping[str, Any]) -> dict[str, Any]:
    if len(path) == 1:
        held = tables.get(path[0], [])
        return {**tables, path[0]: [*(held if isinstance(held, list) else []), dict(items)]}
    inner = tables.get(path[0], {})
    return {**tables, path[0]: _extended(inner if isinstance(inner, Mapping) else {}, path[1:], items)}


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
