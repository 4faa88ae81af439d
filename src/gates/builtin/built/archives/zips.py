"""Zips: members of a zip file (wheel, jar, egg), with every field of both of their headers."""

from __future__ import annotations

import calendar
import hashlib
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from gates.builtin.built.archives.limits import Budget
from gates.builtin.built.archives.member import Archive, Member, Unsafe
from gates.builtin.built.archives.names import shown
from gates.builtin.built.archives.streams import DAMAGED, bunzipped, digest, inflated

LOCAL = struct.Struct("<4s5H3I2H")
"""Local file header, APPNOTE.TXT 4.3.7."""
METHODS = {0: "stored", 8: "deflate", 12: "bzip2"}
ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flag bits 0, 6 and 13: encrypted, strongly, and with a masked directory."""


def read(data: bytes, budget: Budget) -> Archive:
    """The members in the order of the central directory.

    Raises:
        Unsafe: it is damaged, encrypted or too large, or its parts overlap.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            start, comment = archive.start_dir, archive.comment
        end = 0
        spans = []
        members = []
        for info in infos:
            budget.meet()
            local = _Local(data, info)
            spans.append((info.header_offset, local.end))
            members.append(_member(info, local, budget))
            end = max(end, local.end)
    except (zipfile.BadZipFile, struct.error, ValueError, EOFError, OSError, IndexError, NotImplementedError) as error:
        raise Unsafe(DAMAGED) from error
    return Archive(format="zip", members=tuple(members), around=_around(data, spans, start, comment))


class _Local:
    """The local header of a member and where its bytes lie."""

    def __init__(self, data: bytes, info: zipfile.ZipInfo) -> None:
        fields = LOCAL.unpack_from(data, info.header_offset)
        if fields[0] != b"PK\3\4":
            raise Unsafe(DAMAGED)
        _, self.version, self.flags, self.method, self.time, self.date, *_sizes, name, extra = fields
        at = info.header_offset + LOCAL.size
        self.name = data[at : at + name]
        self.extra = data[at + name : at + name + extra]
        begin = at + name + extra
        self.end = begin + info.compress_size
        if self.end > len(data):
            raise Unsafe(DAMAGED)
        self.packed = data[begin : self.end]


def _member(info: zipfile.ZipInfo, local: _Local, budget: Budget) -> Member:
    name = info.orig_filename
    if (info.flag_bits | local.flags) & ENCRYPTED:
        raise Unsafe(f"holds {shown(name)}, which is encrypted")
    if "\0" in name or local.name != _raw(info) or info.filename not in {name, name.replace("\\", "/")}:
        raise Unsafe(f"gives {shown(name)} another name in its directory than beside its bytes")
    if info.file_size > budget.limits.member:
        raise Unsafe(f"holds {shown(name)}, which is larger than {budget.limits.member:,} bytes")
    content = _content(info, local, budget)
    mode = info.external_attr >> 16
    kind = _kind(name, mode)
    return Member(
        name=name,
        kind=kind,
        mode=mode,
        mtime=_mtime(info),
        owner="",
        target=content.decode("utf-8", "surrogateescape") if kind == "link" else "",
        content=content,
        header=_fields(info, local),
        compressed=hashlib.sha256(local.packed).hexdigest(),
    )


def _raw(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def _content(info: zipfile.ZipInfo, local: _Local, budget: Budget) -> bytes:
    if info.compress_type != local.method:
        raise Unsafe(DAMAGED)
    if info.compress_type == zipfile.ZIP_STORED:
        budget.unpack(len(local.packed))
        content = local.packed
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        content = inflated(local.packed, budget, info.file_size)
    elif info.compress_type == zipfile.ZIP_BZIP2:
        content = bunzipped(local.packed, budget)
    else:
        raise Unsafe(f"holds {shown(info.orig_filename)} in a compression that is not read ({info.compress_type})")
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise Unsafe(f"holds {shown(info.orig_filename)}, whose bytes are not those that its checksum says")
    return content


def _kind(name: str, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode) or name.endswith("/"):
        return "folder"
    return "file" if stat.S_IFMT(mode) in {0, stat.S_IFREG} else "other"


def _mtime(info: zipfile.ZipInfo) -> float | None:
    year, month, day, hour, minute, second = info.date_time
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    return float(calendar.timegm((year, month, day, hour, minute, second)))


def _fields(info: zipfile.ZipInfo, local: _Local) -> dict[str, str]:
    """Other fields of the central header, and those of the local one that say something else."""
    fields = {
        "method": METHODS[info.compress_type],
        "system": str(info.create_system),
        "made by version": str(info.create_version),
        "needs version": str(info.extract_version + 256 * info.reserved),
        "flags": f"{info.flag_bits:#06x}",
        "internal attributes": str(info.internal_attr),
        "DOS attributes": f"{info.external_attr & 0xFFFF:#06x}",
        "disk": str(info.volume),
    }
    if _mtime(info) is None:
        fields["time"] = "-".join(map(str, info.date_time))
    if info.comment:
        fields["comment"] = shown(info.comment.decode("utf-8", "surrogateescape"))[:120]
    if local.version != info.extract_version + 256 * info.reserved:
        fields["needs version (local)"] = str(local.version)
    if local.flags != info.flag_bits:
        fields["flags (local)"] = f"{local.flags:#06x}"
    stamp = _stamp(local.date, local.time)
    if stamp != info.date_time:
        fields["time (local)"] = "-".join(map(str, stamp))
    central = dict(_extras(info.extra))
    fields.update({f"extra {key}": value for key, value in central.items()})
    beside = dict(_extras(local.extra))
    if beside != central:
        fields.update({f"extra {key} (local)": value for key, value in beside.items()})
    return fields


def _stamp(date: int, time: int) -> tuple[int, int, int, int, int, int]:
    return ((date >> 9) + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)


def _extras(extra: bytes) -> Iterator[tuple[str, str]]:
    """Extra fields by id, in hex, APPNOTE.TXT 4.5.1; what does not fit is one field `rest`."""
    at = 0
    while at + 4 <= len(extra):
        key, size = struct.unpack_from("<2H", extra, at)
        if at + 4 + size > len(extra):
            break
        yield f"{key:#06x}", extra[at + 4 : at + 4 + size].hex()[:120] or "empty"
        at += 4 + size
    if at < len(extra):
        yield "rest", extra[at:].hex()[:120]


def _around(data: bytes, spans: list[tuple[int, int]], start: int, comment: bytes) -> Mapping[str, str]:
    """What lies before, between and after the members; data descriptors lie between."""
    around: dict[str, str] = {}
    place = 0
    between = []
    for begin, end in sorted(spans):
        if begin < place:
            raise Unsafe("has members that overlap, as archives do that are made to exhaust a machine")
        if begin > place:
            between.append(data[place:begin])
        place = end
    if start < place:
        raise Unsafe(DAMAGED)
    if start > place:
        between.append(data[place:start])
    if spans and data[:4] != b"PK\3\4":
        around["before"] = digest(between[0])
        between = between[1:]
    if between:
        around["between"] = digest(b"".join(between))
    if [begin for begin, _ in spans] != sorted(begin for begin, _ in spans):
        around["places"] = "members lie in another order than the directory says"
    if comment:
        around["comment"] = shown(comment.decode("utf-8", "surrogateescape"))[:120]
    return around
