"""Zip files that others packed: read in place, within bounds, and never unpacked to disk.

No member is written anywhere. A zip whose member names or sizes look like an attack is rejected nevertheless, since its
other content cannot be trusted.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from ckgqa.runtime.errors import InputError

MAX_UNPACKED_RATIO = 100  # text seldom packs better than 20 to 1; zip bombs 1,000 to 1 and more
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1  # bit of a zip member's flags, APPNOTE 4.4.4
UTF8_NAME = 0x800  # bit of a zip member's flags: its name is UTF-8, APPNOTE 4.4.4
LEGACY_NAMES = ("utf-8", "gbk")  # encodings of names without that bit: some tools' UTF-8, and Chinese Windows'
BUFFER_BYTES = 1024**2


@dataclass
class OpenZip:
    """An open zip; `open` streams one of its files."""

    path: Path
    names: tuple[str, ...]
    """The names of its files, in the order of the zip; two files may have one name."""
    packed: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]
    """The files by name; of two with one name the last."""
    max_bytes: int
    """Limit on the bytes read from all files."""
    wanted: str
    """What the zip is expected to hold, for messages."""
    read_bytes: int = field(default=0, init=False)
    """Bytes read so far, counted after decompression: the sizes in a zip's header may lie."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file by its name inside the zip.

        Reading it raises InputError if the file is damaged or the zip is a bomb.
        """
        try:
            member = self.packed.open(self.members[name])
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise self._damaged(name, error) from error
        return io.BufferedReader(_Member(self, name, member), BUFFER_BYTES)

    def count(self, read: int) -> None:
        """Count bytes that were read.

        Raises:
            InputError: they are more than the limit.
        """
        self.read_bytes += read
        if self.read_bytes > self.max_bytes:
            raise _bomb(self.path, self.wanted)

    def _damaged(self, name: str, error: Exception) -> InputError:
        return InputError(f"{self.path}: {name} is damaged ({error}); pack or load it anew")


class _Member(io.RawIOBase):
    """The bytes of one file in a zip, counted as they are read."""

    def __init__(self, home: OpenZip, name: str, member: IO[bytes]) -> None:
        super().__init__()
        self._home, self._name, self._member = home, name, member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        try:
            content = self._member.read(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise self._home._damaged(self._name, error) from error  # noqa: SLF001 -- a part of the open zip
        self._home.count(len(content))
        view[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._member.close()
        super().close()


@contextmanager
def open_zip(path: Path, wanted: str) -> Iterator[OpenZip]:
    """Open a zip for the block.

    Args:
        path: the zip; its name does not matter.
        wanted: what it is expected to hold, for messages, such as `train.json, dev.json`.

    Raises:
        InputError: it is damaged, encrypted or an attack.
    """
    try:
        opened = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: a damaged zip ({error}); pack or load it anew") from error
    with opened as packed:
        max_bytes = MAX_UNPACKED_RATIO * path.stat().st_size
        _reject_unsafe(path, packed.infolist(), max_bytes, wanted)
        members = [(_name(member), member) for member in packed.infolist()]
        files = [(name, member) for name, member in members if not name.replace("\\", "/").endswith("/")]
        yield OpenZip(path, tuple(name for name, _ in files), packed, dict(files), max_bytes, wanted)


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; without a mark that it is UTF-8, Python reads its bytes as those of IBM's code page.

    Chinese Windows writes such names in GBK, where a backslash may be half of a character.
    """
    if member.flag_bits & UTF8_NAME or member.filename.isascii():
        return member.filename
    content = member.filename.encode("cp437")
    for encoding in LEGACY_NAMES:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _reject_unsafe(path: Path, members: Iterable[zipfile.ZipInfo], max_bytes: int, wanted: str) -> None:
    """Raise InputError if a member would leave the folder, cannot be read, or claims an absurd size."""
    total = 0
    for member in members:
        shown = _name(member)
        name = shown.replace("\\", "/")
        escapes = name.startswith("/") or ".." in name.split("/") or name[1:2] == ":"
        if escapes or stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(
                f"{path}: its member {shown!r} leads outside the folder it unpacks to; "
                "expected plain files with relative names"
            )
        if member.flag_bits & ENCRYPTED:
            raise InputError(f"{path}: its member {shown!r} is encrypted; expected a zip without a password")
        if member.compress_type not in METHODS:
            raise InputError(
                f"{path}: its member {shown!r} is packed by method {member.compress_type}; "
                "expected a zip packed by deflate, as every tool does by default"
            )
        total += member.file_size
    if total > max_bytes:
        raise _bomb(path, wanted)


def _bomb(path: Path, wanted: str) -> InputError:
    return InputError(
        f"{path}: unpacks to more than {MAX_UNPACKED_RATIO} times its size, as a zip bomb does; "
        f"expected a zip with {wanted}"
    )
