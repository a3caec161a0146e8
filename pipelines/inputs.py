"""Copy what a run is given into its folder, so that the folder says for ever what was run on what."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ckgqa.bundle.pipelines.record import InputRecord
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash, whole_folder

TEXT_SUFFIXES = {".json", ".jsonl"}


def stage_raw(source: Path, folder: Path) -> tuple[Path, InputRecord]:
    """Copy the archive, a file or a folder, below `folder` and return the copy's path.

    Raises:
        InputError: it is not there.
    """
    if not source.exists():
        raise InputError(f"{source}: there is no such archive; give a zip or a folder with --raw")
    found = InputRecord([str(source.absolute())], tree_hash(source))
    place = folder / source.name
    if not place.exists() or tree_hash(place) != found.hash:
        with whole_folder(folder) as work:
            _copy(source, work / source.name)
    return place, found


def stage_texts(sources: Sequence[Path], folder: Path) -> tuple[Path, InputRecord]:
    """Copy files of texts, and those in folders of them, into `folder`, which stays empty where none are given.

    Raises:
        InputError: something is not there, is no file of texts, or two files have one name, which is in their ids.
    """
    files = [file for source in sources for file in _text_files(source)]
    names = [file.name for file in files]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--texts: two files are named {name}; the name is in each sentence's id, so rename one")
    with whole_folder(folder) as work:
        for file in files:
            _copy(file, work / file.name)
    return folder, InputRecord([str(source.absolute()) for source in sources], tree_hash(folder))


def _text_files(source: Path) -> list[Path]:
    if source.is_dir():
        found = sorted(file for file in source.iterdir() if file.suffix in TEXT_SUFFIXES)
        if not found:
            raise InputError(f"{source}: no .json or .jsonl file in this folder")
        return found
    if not source.is_file():
        raise InputError(f"{source}: there is no such file or folder of texts")
    if source.suffix not in TEXT_SUFFIXES:
        raise InputError(f"{source}: texts are JSON lines, in a file that ends in .json or .jsonl")
    return [source]


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)
