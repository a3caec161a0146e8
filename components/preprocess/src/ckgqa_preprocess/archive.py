"""Raw archives, zips or folders: find the files by name and stream their lines.

A zip is read in place and never unpacked to disk, so that no member is written anywhere. A zip whose member names or
sizes look like an attack is rejected nevertheless, since its other content cannot be trusted.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from ckgqa.runtime.errors import InputError

MAX_UNPACKED_RATIO = 100  # text seldom packs better than 20 to 1; zip bombs 1,000 to 1 and more
MAX_LINE_BYTES = 4 * 1024**2  # one record is a sentence; this bounds memory if a file has no line ends
CHUNK_BYTES = 1024**2
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1  # bit of a zip member's flags, APPNOTE 4.4.4
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ArchiveLayout:
    """The files of one kind of archive."""

    roles: dict[str, tuple[str, ...]]
    """Role of a file -> the names that it may have."""
    depth: int
    """Maximum number of parts of a file's path: 2 allows a file in one folder."""
    record: str
    """What a line of its files holds, for messages."""


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
        return PurePosixPath(self.names[role]).name

    def lines(self, role: str) -> Iterator[bytes]:
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
                raise InputError(
                    f"{self.name(role)} line {count + len(lines) + 1}: longer than {MAX_LINE_BYTES} bytes; "
                    f"expected {self.layout.record}"
                )
            if lines and not count:
                lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
            count += len(lines)
            yield from lines
        if rest:
            yield rest if count else rest.removeprefix(BYTE_ORDER_MARK)

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
def open_archive(path: Path, layout: ArchiveLayout) -> Iterator[Archive]:
    """Open a zip, a folder, or a folder that holds nothing but one zip (as SageMaker delivers it).

    Args:
        path: the zip or folder.
        layout: the files that it must have.

    Raises:
        InputError: `path` is none of these, a file is missing or occurs twice, or the zip is encrypted or an attack.
    """
    if path.is_dir():
        names = [file.relative_to(path).as_posix() for file in _files(path, layout.depth)]
        zips = [name for name in names if name.endswith(".zip")]
        known = {name for names_of_role in layout.roles.values() for name in names_of_role}
        if len(zips) != 1 or any(PurePosixPath(name).name in known for name in names):
            yield Archive(path, _find_roles(path, names, layout), lambda name: (path / name).open("rb"), None, layout)
            return
        path /= zips[0]
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a zip; expected a zip or a folder with {_wanted(layout)}")
    try:
        opened = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: a damaged zip ({error}); pack or load it anew") from error
    with opened as packed:
        max_bytes = MAX_UNPACKED_RATIO * path.stat().st_size
        members = packed.infolist()
        _reject_unsafe(path, members, max_bytes, layout)
        names = [member.filename for member in members if not member.is_dir()]
        yield Archive(path, _find_roles(path, names, layout), packed.open, max_bytes, layout)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files of a folder and of the folders in it, down to a depth, sorted."""
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir():
            yield entry
        elif depth > 1:
            yield from _files(entry, depth - 1)


def _reject_unsafe(path: Path, members: Iterable[zipfile.ZipInfo], max_bytes: int, layout: ArchiveLayout) -> None:
    """Raise InputError if a member would leave the folder, cannot be read, or claims an absurd size."""
    total = 0
    for member in members:
        name = member.filename.replace("\\", "/")
        escapes = name.startswith("/") or ".." in name.split("/") or name[1:2] == ":"
        if escapes or stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(
                f"{path}: its member {member.filename!r} leads outside the folder it unpacks to; "
                "expected plain files with relative names"
            )
        if member.flag_bits & ENCRYPTED:
            raise InputError(f"{path}: its member {member.filename!r} is encrypted; expected a zip without a password")
        if member.compress_type not in METHODS:
            raise InputError(
                f"{path}: its member {member.filename!r} is packed by method {member.compress_type}; "
                "expected a zip packed by deflate, as every tool does by default"
            )
        total += member.file_size
    if total > max_bytes:
        raise _bomb(path, layout)


def _bomb(path: Path, layout: ArchiveLayout) -> InputError:
    return InputError(
        f"{path}: unpacks to more than {MAX_UNPACKED_RATIO} times its size, as a zip bomb does; "
        f"expected a zip with {_wanted(layout)}"
    )


def _find_roles(path: Path, names: Iterable[str], layout: ArchiveLayout) -> dict[str, str]:
    """Find the files at the top or in folders down to the layout's depth, and skip what macOS adds."""
    files: dict[str, str] = {}
    for name in names:
        parts = PurePosixPath(name).parts
        if len(parts) > layout.depth or parts[0] == "__MACOSX":
            continue
        for role, known in layout.roles.items():
            if parts[-1] in known and files.setdefault(role, name) != name:
                raise InputError(f"{path}: {files[role]} and {name} are both there; expected one {role} file")
    if missing := [f"{role} file ({' or '.join(known)})" for role, known in layout.roles.items() if role not in files]:
        folders = "one folder" if layout.depth == 2 else "a folder"
        raise InputError(f"{path}: no {', no '.join(missing)}, neither at the top nor in {folders}")
    return files


def _wanted(layout: ArchiveLayout) -> str:
    return ", ".join(names[0] for names in layout.roles.values())
