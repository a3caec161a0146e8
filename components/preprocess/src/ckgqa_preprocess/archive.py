"""Raw archives, zips or folders: open them and stream the lines of their files; `archive_files` finds the files."""

import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import LayoutCheck, checked_lines
from ckgqa.runtime.zip_files import open_zip
from ckgqa_preprocess.archive_files import ArchiveFile, ArchiveLayout, find_roles, is_known

MAX_LINE_BYTES = 4 * 1024**2  # one record is a sentence; this bounds memory if a file has no line ends
CHUNK_BYTES = 1024**2
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
    layout: ArchiveLayout

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
        """Stream a file's bytes."""
        with self.open(self.names[role]) as stream:
            yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


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
            yield Archive(path, roles, lambda name: (path / name).open("rb"), layout)
            return
        path /= zips[0].name
    if not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a zip; expected a zip or a folder with {layout.wanted}")
    with open_zip(path, layout.wanted) as opened:
        roles = find_roles(path, [ArchiveFile(name) for name in opened.names], layout, chosen)
        yield Archive(path, roles, opened.open, layout)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files of a folder and of the folders in it, down to a depth, sorted."""
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir():
            yield entry
        elif depth > 1:
            yield from _files(entry, depth - 1)
