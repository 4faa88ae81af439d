r"""Escape: how text that others wrote is shown, so that it cannot act as anything but text.

File names, tool messages and project names may hold terminal sequences, bidirectional overrides, bytes that are not
UTF-8, HTML or a command for the CI that reads our output. Everywhere but in JSON they are shown in one way:

- `\n`, `\r`, `\t`, and `\xNN` for every other C0 control character, DEL, and a byte that was not UTF-8;
- `\uNNNN` or `\UNNNNNNNN` for C1 controls, bidirectional marks, line separators, invisible characters, surrogates.

A backslash stays a backslash, so this form is for reading; the JSON report alone is lossless, except that JSON cannot
hold a surrogate, which has the form above there too.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

_CONTROLS = "\x00-\x1f"
_HIDDEN = (
    "\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_COMMAND = r"(?m)^([^\S\n]*):(?=:)"
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    point = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if point < 0x80:
        return f"\\x{point:02x}"
    if 0xDC80 <= point <= 0xDCFF:
        return f"\\x{point - 0xDC00:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def line(text: str) -> str:
    """`text` as one line without any character that is invisible or acts on a terminal."""
    return text if text.isprintable() else re.sub(f"[{_CONTROLS}{_HIDDEN}]", _shown, text)


def lines(text: str) -> list[str]:
    """The lines of a message, each as `line` shows it; tabs become spaces and empty lines at the end go."""
    if text.isprintable():
        return [text]
    return [line(part.expandtabs(4)) for part in text.replace("\r\n", "\n").rstrip("\n").split("\n")]


def without_surrogates(value: Any) -> Any:
    """A copy of a JSON-like value in which every surrogate is shown as `line` shows it."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", _shown, value)
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_surrogates(item) for item in value]
    return value


def commands(text: str) -> str:
    """`text` without a line that GitHub's runner takes for a workflow command.

    The runner takes `::name::` after leading white space, and `##[name]` anywhere in a line.
    """
    if "::" in text:
        text = re.sub(_COMMAND, r"\1\\x3a", text)
    return text.replace("##[", "##\\x5b")


def workflow_data(text: str) -> str:
    """The message of a workflow command: percent signs and line ends encoded, the older command form broken."""
    return text.replace("##[", "##\\x5b").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """The value of a workflow command's property, where colons and commas are encoded too."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """One line of plain text for Markdown: neither Markdown nor HTML nor mathematics is left in it."""
    plain = line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*_{}\[\]#|~!]", r"\\\g<0>", plain).replace("$", "&#36;")


def code_span(text: str) -> str:
    """One line of text as a Markdown code span, whatever backticks it holds."""
    plain = line(text)
    ticks = "`" * (_longest_ticks(plain) + 1)
    pad = " " if not plain or plain[0] in "` " or plain[-1] in "` " else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def code_block(text: str) -> str:
    """Text as a fenced Markdown block, whatever backticks it holds."""
    plain = "\n".join(lines(text))
    fence = "`" * max(3, _longest_ticks(plain) + 1)
    return f"{fence}\n{plain}\n{fence}"


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def xml(text: str) -> str:
    """Text for XML, in an element or a quoted attribute; what XML 1.0 cannot hold is shown as `line` shows it."""
    shown = "\n".join(lines(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = shown.replace('"', "&quot;").replace("##[", "##&#91;")
    return re.sub(_COMMAND, r"\1&#58;", shown) if "::" in shown else shown


def xml_attribute(text: str) -> str:
    """Text for a quoted attribute of XML, where a parser would turn line ends into spaces."""
    return xml(text).replace("\n", "&#10;")


def xml_document(text: str, encoding: str) -> str:
    """An XML document as it is, or in ASCII with character references where the output is not UTF-8."""
    return text if _is_utf8(encoding) else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def json_document(text: str, encoding: str) -> str:
    r"""A JSON document of the same value, safe to print: hidden characters and `##[` become `\uNNNN`.

    Where the output is not UTF-8, every character outside ASCII does.
    """
    if not _is_utf8(encoding):
        text = re.sub("[^\x00-\x7f]", _json_shown, text)
    if text.isascii() and "\x7f" not in text and "##[" not in text:
        return text
    return re.sub(rf"[{_HIDDEN}]|(?<=##)\[", _json_shown, text)


def _json_shown(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except (LookupError, ValueError):
        return False


def encodable(text: str, encoding: str) -> str:
    """`text` with backslash escapes for what `encoding` cannot hold; an unknown encoding counts as ASCII."""
    try:
        text.encode(encoding)
    except (LookupError, ValueError):
        try:
            return text.encode(encoding, "backslashreplace").decode(encoding)
        except (LookupError, ValueError):
            return text.encode("ascii", "backslashreplace").decode("ascii")
    return text
