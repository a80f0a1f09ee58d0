"""An archive of a repository, member by member: whatever it promises, only plain files land, within limits.

Zip files are read by their table, tar files from the front. Nothing is trusted to be as large as it says,
and an archive inside an archive is a file like any other.
"""

import bz2
import gzip
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from tools.errors import Invalid
from tools.repo.intake import MEMBERS_MAX, Intake, must_stop, take, wanted
from tools.repo.kinds import KINDS, PACKED_BYTES_MAX

UNPACKED_BYTES_MAX = 1_000_000_000  # passed over on the way to what lands
TABLE_BYTES_MAX = 16_000_000  # of a zip: each entry costs ten times as much in memory
LABEL_BYTES_MAX = 64_000  # of a tar member's further header
MEMORY_MAX = 100_000_000  # of a packer's window
PART = 64_000
BLOCK = 512

BREAKS_OFF = "the archive breaks off or is damaged"


class Damaged(Exception):
    """The archive is not what it says, or ends too early."""


class Exhausted(Exception):
    """More comes out of it than anybody would put in."""


_BROKEN = (
    *(Damaged, zipfile.BadZipFile, lzma.LZMAError, zlib.error, struct.error),
    *(OSError, EOFError, ValueError, NotImplementedError),
)


def unpack_archive(file: IO[bytes], intake: Intake) -> None:
    """Let the members that somebody would read land; `Invalid` where it is no archive at all."""
    if file.seek(0, os.SEEK_END) > PACKED_BYTES_MAX:
        raise Invalid("path", f"an archive may have {PACKED_BYTES_MAX // 1_000_000} MB; give a folder")
    file.seek(0)
    start = file.read(BLOCK)
    file.seek(0)
    try:
        if start.startswith((b"PK\3\4", b"PK\5\6")):
            _zip(file, intake)
        else:
            _tar(_unpacked(file, start), intake)
    except Exhausted:
        intake.stopped = f"stopped after unpacking {UNPACKED_BYTES_MAX:,} bytes"
    except _BROKEN:
        if not intake.seen:
            raise Invalid("path", f"this is no archive that can be read; there are {KINDS}") from None
        intake.stopped = BREAKS_OFF


# --- zip -----------------------------------------------------------------------------------


def _zip(file: IO[bytes], intake: Intake) -> None:
    if _table_bytes(file) > TABLE_BYTES_MAX:
        intake.seen = 1
        intake.stopped = f"stopped: it has more than {MEMBERS_MAX:,} entries"
        return
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if must_stop(intake):
                return
            if not member.is_dir() and _is_plain(member) and wanted(intake, _name(member.filename)):
                _zipped(archive, member, intake)


def _table_bytes(file: IO[bytes]) -> int:
    """How long the table at a zip's end says that it is; the library would read it whole."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - 65_557 - 76)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise Damaged
    said = struct.unpack_from("<I", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7":  # a table for large archives comes before it
        said = struct.unpack_from("<Q", tail, at - 36)[0]
    return min(said, end)


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """No link, device or pipe; archives from elsewhere say nothing about it."""
    kind = member.external_attr >> 28
    return kind in {0, 0o10}


def _zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, intake: Intake) -> None:
    if member.flag_bits & 1:
        intake.locked += 1
        return
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        intake.strange += 1  # the others are unpacked without a bound
        return
    try:
        with archive.open(member) as source:
            content = source.read(intake.limits.bytes_per_file + 1)
    except _BROKEN:
        intake.lost += 1
        return
    take(intake, _name(member.filename), len(content), content)


# --- tar -----------------------------------------------------------------------------------


class _Packed(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(slots=True)
class _Stream:
    """Bytes from the front of a tar file, no more at a time than asked for, and not without end."""

    source: _Readable
    packed: _Packed | None = None
    given: int = 0
    rest: bytearray = field(default_factory=bytearray)

    def exactly(self, size: int) -> bytes:
        content = self.some(size)
        if len(content) < size:
            raise Damaged
        return content

    def some(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := self._part(min(size, PART))):
            parts.append(part)
            size -= len(part)
            self.given += len(part)
            if self.given > UNPACKED_BYTES_MAX:
                raise Exhausted
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        if self.packed is None:
            return self.source.read(size)
        while not self.packed.eof:
            more = self.source.read(PART) if self.packed.needs_input else b""
            if part := self.packed.decompress(more, size):
                return part
            if self.packed.needs_input and not more:
                raise Damaged
        return b""


def _unpacked(file: IO[bytes], start: bytes) -> _Stream:
    if start.startswith(b"\x1f\x8b"):
        return _Stream(gzip.GzipFile(fileobj=file))
    if start.startswith(b"\xfd7zXZ"):
        return _Stream(file, lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_MAX))
    if start.startswith(b"BZh"):
        return _Stream(file, bz2.BZ2Decompressor())
    return _Stream(file)


def _tar(stream: _Stream, intake: Intake) -> None:
    label: dict[str, str] = {}
    while head := stream.some(BLOCK):
        if not head.strip(b"\0"):
            return
        member = _header(head)
        if must_stop(intake):
            return
        if member.type in _LABELS:
            label |= _label(stream, member)
            continue
        _member(stream, member, label, intake)
        label = {}


def _header(head: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        raise Damaged from None


def _member(stream: _Stream, member: tarfile.TarInfo, label: dict[str, str], intake: Intake) -> None:
    """Let one member land, or pass over its bytes."""
    name, size = _name(label.get("path", member.name)), int(label.get("size", member.size))
    if member.type == tarfile.GNUTYPE_SPARSE or size < 0:
        raise Damaged  # its holes would be told in further blocks
    content = b""
    if member.type in {tarfile.REGTYPE, tarfile.AREGTYPE}:
        if not name.endswith("/") and wanted(intake, name):
            content = stream.exactly(min(size, intake.limits.bytes_per_file))
            take(intake, name, size, content)
    elif member.type in _EMPTY:
        size = 0
    _pass(stream, -(-size // BLOCK) * BLOCK - len(content), intake)


def _pass(stream: _Stream, size: int, intake: Intake) -> None:
    while size > 0:
        if must_stop(intake):
            return
        size -= len(stream.exactly(min(size, PART * 16)))


_EMPTY = frozenset({tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE})
_LABELS = frozenset({tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK})


def _label(stream: _Stream, member: tarfile.TarInfo) -> dict[str, str]:
    """What stands before a member whose name is too long for its header."""
    if member.size > LABEL_BYTES_MAX:
        raise Damaged
    content = stream.exactly(-(-member.size // BLOCK) * BLOCK)[: member.size]
    if member.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    return _records(content) if member.type == tarfile.XHDTYPE else {}


def _records(content: bytes) -> dict[str, str]:
    """`LENGTH NAME=VALUE` and a line's end, again and again."""
    told: dict[str, str] = {}
    while content:
        length, _, _ = content.partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(content):
            raise Damaged
        name, _, value = content[len(length) + 1 : int(length) - 1].partition(b"=")
        if name in {b"path", b"size"}:
            told[name.decode()] = value.decode("utf-8", "surrogateescape")
        content = content[int(length) :]
    return told


def _name(said: str) -> str:
    return said.removeprefix("./")


def alone(root: Path) -> Path:
    """The folder in which everything lies, where there is one: archives of projects begin with theirs."""
    entries = list(root.iterdir())
    for label in root.glob("*.dist-info/METADATA"):  # a wheel's; a source distribution has it at its top
        label.replace(root / "PKG-INFO")
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else root
