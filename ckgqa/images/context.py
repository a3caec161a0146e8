"""The build context that the Docker engine receives: a tar archive of named files."""

import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def archived(files: Mapping[str, Path]) -> Iterator[BinaryIO]:
    """Yield a tar archive of `files` (name in it -> file) that depends on names and bytes alone."""
    with tempfile.TemporaryFile() as stream:
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for name, file in sorted(files.items()):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = file.stat().st_size, 0o644
                with file.open("rb") as content:
                    tar.addfile(entry, content)
        stream.seek(0)
        yield stream
