"""Archives that go into a container before it starts, and come out after it has ended.

They are files and streams, so that memory stays flat.
"""

import gzip
import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

FOLDER_MODE = 0o777
"""Images run as any user, and every one of them may write below `/opt/ml`."""
FILE_MODE = 0o666


class InputArchive:
    """A tar file with the files that one container finds when it starts."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 -- closed by __exit__
        self._tar = tarfile.TarFile(fileobj=self._file, mode="w")
        self._folders: set[str] = set()

    def add_folder(self, path: str) -> None:
        """Add a folder and those above it, except the root."""
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            if name not in self._folders:
                self._folders.add(name)
                info = tarfile.TarInfo(name)
                info.type, info.mode = tarfile.DIRTYPE, FOLDER_MODE
                self._tar.addfile(info)

    def add_file(self, path: str, size: int, content: IO[bytes]) -> None:
        """Add a file of a known size and the folders above it."""
        self.add_folder(path.rpartition("/")[0])
        info = tarfile.TarInfo(path.strip("/"))
        info.size, info.mode = size, FILE_MODE
        self._tar.addfile(info, content)

    def add_json(self, path: str, value: Any) -> None:  # noqa: ANN401 -- any JSON value
        """Add a JSON file."""
        data = json.dumps(value).encode()
        self.add_file(path, len(data), io.BytesIO(data))

    def reader(self) -> IO[bytes]:
        """Finish the archive and return it at its start."""
        self._tar.close()
        self._file.seek(0)
        return self._file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class ChunkReader(io.RawIOBase):
    """A file over the chunks that the engine sends."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 -- a writable buffer
        """Fill the buffer with what has come; 0 at the end."""
        if not self._rest:
            self._rest = next(filter(None, self._chunks), b"")  # an empty chunk is not the end
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def stream(chunks: Iterator[bytes]) -> IO[bytes]:
    """Return chunks as a buffered file."""
    return io.BufferedReader(ChunkReader(chunks), 1 << 20)


def write_model_archive(folders: list[IO[bytes]], target: IO[bytes], work: Path) -> int:
    """Write `model.tar.gz`, or `output.tar.gz`, from the tar streams of the folder on each host.

    The same files give the same bytes: members are sorted and carry neither times nor owners.

    Args:
        folders: one tar stream per host; of files with the same path, the first host's stays.
        target: receives the archive.
        work: folder for temporary files.

    Returns:
        The number of files.
    """
    with tempfile.TemporaryFile(dir=work) as spooled:
        members = _spool(folders, spooled)
        # The time in gzip's header would differ from run to run.
        with (
            gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=target, mtime=0) as compressed,
            tarfile.open(fileobj=compressed, mode="w|") as tar,
        ):
            for name in sorted(members):
                member, offset = members[name]
                spooled.seek(offset)
                tar.addfile(member, spooled if member.isfile() else None)
    return sum(member.isfile() for member, _ in members.values())


def _spool(folders: list[IO[bytes]], spooled: IO[bytes]) -> dict[str, tuple[tarfile.TarInfo, int]]:
    """Copy the files of several tar streams into one file; return path -> member and offset of its content."""
    members: dict[str, tuple[tarfile.TarInfo, int]] = {}
    for folder in folders:
        with tarfile.open(fileobj=folder, mode="r|") as tar:
            for member in tar:
                name = member.name.partition("/")[2]
                linked = members.get(member.linkname.partition("/")[2]) if member.islnk() else None
                if linked is not None and name not in members:
                    members[name] = (_anonymous(linked[0], name), linked[1])
                if not name or name in members or not (member.isfile() or member.isdir() or member.issym()):
                    continue
                offset = spooled.seek(0, io.SEEK_END)
                content = tar.extractfile(member) if member.isfile() else None
                while content is not None and (data := content.read(1 << 20)):
                    spooled.write(data)
                members[name] = (_anonymous(member, name), offset)
    return members


def _anonymous(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    """Return a member without time and owner; a hard link has become a file of its own."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode, info.linkname = member.type, member.size, member.mode, member.linkname
    return info
