"""Files and folders that appear whole or not at all, and hashes of their content."""

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

MAX_MODEL_BYTES = 20 * 1024**3  # limit on the unpacked size of an archive, far above any model here
PART = ".part"  # suffix of a file or folder that is still being written


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` if the block succeeds, and is removed if it fails.

    The old content of `path` is replaced only at the end, so that a failed run leaves it unchanged. A mount point (such
    as SageMaker's `/opt/ml/model`) cannot be replaced by a rename: its content is replaced child by child.
    """
    mounted = path.is_mount()
    home = path if mounted else path.parent
    home.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path.name, home)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=PART, dir=home))
    with exclusive_lock(work, timeout_s=None):
        try:
            yield work
            work.chmod(0o755)  # mkdtemp makes a private folder, but the next stage may run as another user
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
    """Yield the path of a temporary file beside `path` that becomes `path` if the block succeeds."""
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
    """Write an output value as KFP reads it, without a newline, and make the parent folders."""
    with atomic_file(path) as work:
        work.write_text(str(value), encoding="utf-8")


def tree_hash(path: Path) -> str:
    """Return the SHA-256 over the relative names and the bytes of a file, or of all files in a folder.

    Raises:
        InputError: the path does not exist.
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
    """Yield the folder `path`, or a temporary folder with the content of its `model.tar.gz`, for the block.

    Raises:
        InputError: the path does not exist or is not an archive, or a member of the archive leaves its folder.
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
    """Unpack folders and plain files; tarfile has a filter for this since Python 3.11.4, but Debian 12 has 3.11.2."""
    for member in tar:
        path = (target / member.name).resolve()
        content = tar.extractfile(member) if member.isfile() else None
        if not path.is_relative_to(target.resolve()) or not (member.isdir() or content):
            raise tarfile.TarError(f"{member.name!r} leads outside or is neither a folder nor a plain file")
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with content, path.open("wb") as file:
            shutil.copyfileobj(content, file)


def _remove_leftovers(name: str, home: Path) -> None:
    """Remove the parts of this output that killed processes left: those whose lock no process holds."""
    for part in list(home.iterdir()):
        if not (part.name.startswith(f".{name}.") and part.name.endswith(PART)):
            continue
        with ExitStack() as stack:
            try:
                stack.enter_context(exclusive_lock(part))
            except (FileNotFoundError, PermissionError, BlockingIOError):
                continue  # removed meanwhile, owned by another user, or written by another process
            _remove(part)


def _move_children(work: Path, path: Path) -> None:
    """Replace the children of `path` by those of `work`, then remove `work`, which is a child of `path` itself."""
    for old in path.iterdir():
        if old != work:
            _remove(old)
    for child in work.iterdir():
        child.rename(path / child.name)
    work.rmdir()


def _remove(path: Path) -> None:
    """Remove a file or a folder if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
