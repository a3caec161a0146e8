"""Files and folders that appear whole or not at all, and hashes of what they hold."""

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.locks import exclusive_lock

MAX_MODEL_BYTES = 20 * 1024**3  # far above any model here; a bound on what an archive may unpack to
PART = ".part"  # ends the name of what is still being written


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes `path` when the block ends well, and vanishes when it does not.

    What stood at `path` before is replaced in the end, not earlier: a failed run leaves it as it was. A mount point
    (such as SageMaker's `/opt/ml/model`) cannot be renamed over: there the content moves in, child by child.
    """
    mounted = path.is_mount()
    home = path if mounted else path.parent
    home.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path.name, home)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=PART, dir=home))
    with exclusive_lock(work, timeout_s=None):
        try:
            yield work
            work.chmod(0o755)  # mkdtemp makes it private, and the next stage may run as another user
            if mounted:
                _move_children(work, path)
            else:
                _remove(path)
                work.rename(path)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give the name of a temporary sibling file that becomes `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path.name, path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    os.close(handle)
    work = Path(name)
    with exclusive_lock(work, timeout_s=None):
        try:
            yield work
            work.chmod(0o644)
            work.replace(path)
        except BaseException:
            work.unlink(missing_ok=True)
            raise


def write_value(path: Path, value: object) -> None:
    """Write an output value the way KFP reads it: parents made, no newline at the end."""
    with atomic_file(path) as work:
        work.write_text(str(value), encoding="utf-8")


def tree_hash(path: Path) -> str:
    """Return the SHA-256 over the relative names and the bytes of a file or of everything in a folder.

    Raises:
        InputError: nothing is there.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        name = "" if file == path else file.relative_to(path).as_posix()
        with file.open("rb") as content:
            digest.update(f"{name}\0{hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the folder that `path` is, or what the `model.tar.gz` at or in it holds, unpacked for the block.

    Raises:
        InputError: nothing is there, it is no archive, or the archive leaves its folder.
    """
    archive = path / "model.tar.gz" if (path / "model.tar.gz").is_file() else path
    if archive.is_dir():
        yield archive
        return
    if not archive.is_file():
        raise InputError(f"{path}: there is no such folder, and no model.tar.gz either")
    with tempfile.TemporaryDirectory(prefix="ckgqa-model-") as work:
        try:
            with tarfile.open(archive) as tar:
                if sum(member.size for member in tar.getmembers()) > MAX_MODEL_BYTES:
                    raise InputError(f"{archive}: unpacks to more than {MAX_MODEL_BYTES} bytes")
                _extract(tar, Path(work))
        except (tarfile.TarError, EOFError) as error:
            raise InputError(f"{archive}: not a sound tar archive of a model ({error})") from error
        yield Path(work)


def _extract(tar: tarfile.TarFile, target: Path) -> None:
    """Unpack folders and plain files; tarfile's own filter for that came with Python 3.11.4, Debian 12 has 3.11.2."""
    for member in tar:
        place = (target / member.name).resolve()
        content = tar.extractfile(member) if member.isfile() else None
        if not place.is_relative_to(target.resolve()) or not (member.isdir() or content):
            raise tarfile.TarError(f"{member.name!r} leads outside or is neither a folder nor a plain file")
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with content, place.open("wb") as file:
            shutil.copyfileobj(content, file)


def _remove_leftovers(name: str, home: Path) -> None:
    """Remove what killed processes left of this output: parts whose lock nobody holds."""
    for part in list(home.iterdir()):
        if not (part.name.startswith(f".{name}.") and part.name.endswith(PART)):
            continue
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusive_lock(part))
            except (FileNotFoundError, PermissionError, BlockingIOError):
                continue  # gone meanwhile, another user's, or being written by another process
            _remove(part)


def _move_children(work: Path, path: Path) -> None:
    """Put what `work` holds in place of what `path` holds; `work` itself is one of its children and goes."""
    for old in path.iterdir():
        if old != work:
            _remove(old)
    for child in work.iterdir():
        child.rename(path / child.name)
    work.rmdir()


def _remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
