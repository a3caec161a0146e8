"""Copy what a run is given into its folder, so that the folder says for ever what was run on what."""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from ckgqa.bundle.pipelines.record import InputRecord
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash, whole_folder

logger = logging.getLogger(__name__)

TEXT_KINDS = (".jsonl", ".json", ".txt")
"""Files that the stage `extract` reads; its program is another one, and a test holds the two together."""


def check_raw(source: Path) -> None:
    """Refuse an archive that is not there.

    Raises:
        InputError: it is not.
    """
    if not source.exists():
        raise InputError(f"{source}: there is no such archive; give a zip or a folder with --raw")


def stage_raw(source: Path, folder: Path) -> tuple[Path, InputRecord]:
    """Copy the archive, a file or a folder, below `folder` and return the copy's path.

    Raises:
        InputError: it is not there.
    """
    found = InputRecord([str(source.absolute())], tree_hash(source))
    place = folder / source.name
    if not place.exists() or tree_hash(place) != found.hash:
        with whole_folder(folder) as work:
            _copy(source, work / source.name)
    return place, found


def stage_texts(sources: Sequence[Path], folder: Path) -> tuple[Path, InputRecord]:
    """Copy files of texts, and those in folders of them, into `folder`, which stays empty where none are given.

    Raises:
        InputError: as `find_texts`.
    """
    found = find_texts(sources)
    with whole_folder(folder) as work:
        for name, file in found.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            _copy(file, work / name)
    return folder, InputRecord([str(source.absolute()) for source in sources], tree_hash(folder))


def find_texts(sources: Sequence[Path]) -> dict[str, Path]:
    """Find the files of texts that are given or stand, at any depth, in a folder that is given.

    Returns:
        File by the name that it has among the texts: its own, or its path below its folder.

    Raises:
        InputError: something is not there or holds no texts, or two files have one name, which is in their ids.
    """
    found: dict[str, Path] = {}
    for source in sources:
        for name, file in _text_files(source).items():
            if name in found:
                raise InputError(f"--texts: two files are named {name}; the name is in each text's id, so rename one")
            found[name] = file
    return found


def _text_files(source: Path) -> dict[str, Path]:
    """Return the files of texts that one source is or holds, by name; none of an empty folder."""
    if not source.exists():
        raise InputError(f"{source}: there is no such file or folder of texts")
    root = source if source.is_dir() else source.parent
    there = sorted(file for file in source.rglob("*") if file.is_file()) if source.is_dir() else [source]
    files = {file.relative_to(root).as_posix(): file for file in there}
    texts = {name: file for name, file in files.items() if file.suffix.lower() in TEXT_KINDS}
    others = [name for name in files if name not in texts]
    if others and not texts:
        raise InputError(f"{source}: no file of texts but {others[0]}; one of {', '.join(TEXT_KINDS)} is expected")
    if others:
        logger.warning("%s: passed over, since they are no files of texts: %s", source, ", ".join(others))
    if not texts:
        logger.warning("%s: no file of texts in this folder", source)
    return texts


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
