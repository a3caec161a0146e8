"""Raw archives, zips or folders: open them and stream the lines of their files; `archive_files` finds the files.

A zip is read in place and never unpacked to disk, so that no member is written anywhere. A zip whose member names or
sizes look like an attack is rejected nevertheless, since its other content cannot be trusted.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import LayoutCheck, checked_lines
from ckgqa_preprocess.archive_files import ArchiveFile, ArchiveLayout, find_roles, is_known

MAX_UNPACKED_RATIO = 100  # text seldom packs better than 20 to 1; zip bombs 1,000 to 1 and more
MAX_LINE_BYTES = 4 * 1024**2  # one record is a sentence; this bounds memory if a file has no line ends
CHUNK_BYTES = 1024**2
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1  # bit of a zip member's flags, APPNOTE 4.4.4
UTF8_NAME = 0x800  # bit of a zip member's flags: its name is UTF-8, APPNOTE 4.4.4
LEGACY_NAMES = ("utf-8", "gbk")  # encodings of names without that bit: some tools' UTF-8, and Chinese Windows'
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Archive:
    """An open archive; `lines` streams one of its files."""

    path: Path
    """The zip or the folder."""
    names: dict[str, str]
    """Role (such as `train`) -> name inside the archive."""
    open: Callable[[str], IO[bytes]]
    """Opens a file by its name inside the archive."""
    max_bytes: int | None
    """Limit on the bytes read from all files; None for a folder, which cannot be a zip bomb."""
    layout: ArchiveLayout
    read_bytes: int = field(default=0, init=False)
    """Bytes read so far, counted after decompression: the sizes in a zip's header may lie."""

    def name(self, role: str) -> str:
        """Return the file's name for messages, without its folder."""
        return ArchiveFile(self.names[role]).path.name

    def json_lines(self, role: str) -> Iterator[bytes]:
        """Stream the lines of a file that must hold one JSON object a line, as `lines` does.

        Raises:
            InputError: the file holds a JSON array, or an object that spans several lines; or as `lines` does.
        """
        with closing(self.lines(role)) as lines:
            yield from checked_lines(lines, self.name(role))

    def lines(self, role: str) -> Generator[bytes, None, None]:
        """Stream the lines of a file without their ends; the line number is the position, from 1.

        Raises:
            InputError: the zip is damaged or a bomb, or a line is longer than a record can be.
        """
        rest, count = b"", 0
        for chunk in self._chunks(role):
            whole = rest + chunk if rest else chunk
            lines = whole.split(b"\n")
            rest = lines.pop()
            if len(rest) > MAX_LINE_BYTES:
                raise self._too_long(role, rest, count + len(lines) + 1)
            if lines and not count:
                lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
            count += len(lines)
            yield from lines
        if rest:
            yield rest if count else rest.removeprefix(BYTE_ORDER_MARK)

    def _too_long(self, role: str, line: bytes, number: int) -> InputError:
        """Return the error about a line; raise the one about an array if the whole file is one on a line."""
        if number == 1 and self.layout.is_json:
            LayoutCheck(self.name(role)).read(line)
        return InputError(
            f"{self.name(role)} line {number}: longer than {MAX_LINE_BYTES} bytes; expected {self.layout.record}"
        )

    def _chunks(self, role: str) -> Iterator[bytes]:
        """Stream a file's bytes and enforce the limit."""
        try:
            with self.open(self.names[role]) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    self.read_bytes += len(chunk)
                    if self.max_bytes is not None and self.read_bytes > self.max_bytes:
                        raise _bomb(self.path, self.layout)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InputError(f"{self.path}: {self.names[role]} is damaged ({error}); pack or load it anew") from error


@contextmanager
def open_archive(path: Path, layout: ArchiveLayout, chosen: Mapping[str, str] | None = None) -> Iterator[Archive]:
    """Open a zip, a folder, or a folder that holds nothing but one zip (as SageMaker delivers it).

    Args:
        path: the zip or folder.
        layout: the files that it must have.
        chosen: role -> name or path inside the archive of a file that the user names; an empty one stands for the
            layout's names.

    Raises:
        InputError: `path` is none of these, a file is missing or occurs twice, or the zip is encrypted or an attack.
    """
    chosen = chosen or {}
    if path.is_dir():
        depth = max(layout.depth, *(len(ArchiveFile(name).path.parts) for name in ("", *chosen.values())))
        files = [ArchiveFile(file.relative_to(path).as_posix()) for file in _files(path, depth)]
        zips = [file for file in files if file.path.suffix.lower() == ".zip"]
        if len(zips) != 1 or any(is_known(file, layout, chosen) for file in files):
            roles = find_roles(path, files, layout, chosen)
            yield Archive(path, roles, lambda name: (path / name).open("rb"), None, layout)
            return
        path /= zips[0].name
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a zip; expected a zip or a folder with {layout.wanted}")
    try:
        opened = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: a damaged zip ({error}); pack or load it anew") from error
    with opened as packed:
        max_bytes = MAX_UNPACKED_RATIO * path.stat().st_size
        members = {_name(member): member for member in packed.infolist()}
        _reject_unsafe(path, packed.infolist(), max_bytes, layout)
        names = [_name(member) for member in packed.infolist()]
        files = [ArchiveFile(name) for name in names if not name.replace("\\", "/").endswith("/")]
        roles = find_roles(path, files, layout, chosen)
        yield Archive(path, roles, lambda name: packed.open(members[name]), max_bytes, layout)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files of a folder and of the folders in it, down to a depth, sorted."""
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir():
            yield entry
        elif depth > 1:
            yield from _files(entry, depth - 1)


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


def _reject_unsafe(path: Path, members: Iterable[zipfile.ZipInfo], max_bytes: int, layout: ArchiveLayout) -> None:
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
        raise _bomb(path, layout)


def _bomb(path: Path, layout: ArchiveLayout) -> InputError:
    return InputError(
        f"{path}: unpacks to more than {MAX_UNPACKED_RATIO} times its size, as a zip bomb does; "
        f"expected a zip with {layout.wanted}"
    )
