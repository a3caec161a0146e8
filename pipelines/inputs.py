"""Copy what a run is given into its folder, so that the folder says for ever what was run on what."""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckgqa.bundle.pipelines.record import InputRecord
from ckgqa.runtime.artefacts import CASREL, GRAPH, GRAPH_DB
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.optional_inputs import HUB, text_files

logger = logging.getLogger(__name__)

GRAPH_SUFFIXES = (".db", ".json", ".jsonl")

Sources = Sequence[Path]
Found = Mapping[str, Path]
"""What is copied: file or folder by the name that it gets in the input's folder."""


def stage(sources: Sources, found: Found, folder: Path) -> InputRecord:
    """Copy what was found into `folder`, whole or not at all; what is there already to the byte is left as it is.

    Raises:
        InputError: a source holds the folder, so that a run would be copied into itself.
    """
    for source in sources:
        if folder.resolve().is_relative_to(source.resolve()):
            raise InputError(f"{source}: the folder of the runs is in it; give one that holds the input alone")
    if not folder.is_dir() or _hashes({"": folder}) != _hashes(found):
        with atomic_folder(folder) as work:
            for name, source in found.items():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                _copy(source, work / name)
    return InputRecord([str(source.absolute()) for source in sources], tree_hash(folder))


def find_raw(sources: Sources) -> Found:
    """Find the one archive, a file or a folder; nothing, where none is given.

    Raises:
        InputError: it is not there.
    """
    if not sources:
        return {}
    (source,) = sources
    if not source.exists():
        raise InputError(f"{source}: there is no such archive; give a zip or a folder with --raw")
    return {source.resolve().name: source}


def find_encoder(sources: Sources) -> Found:
    """Find what the folder of a BERT holds; nothing, where none is given.

    Raises:
        InputError: there is no such folder, as with a name on the hub, or it holds nothing.
    """
    if not sources:
        return {}
    (folder,) = sources
    if not folder.is_dir() or not any(folder.iterdir()):
        raise InputError(f"--encoder {folder}: no folder of a BERT is there. {HUB}")
    return {file.name: file for file in folder.iterdir()}


def find_graph(sources: Sources) -> Found:
    """Find the files of a graph's folder; nothing, where none is given.

    Raises:
        InputError: it is no such folder.
        ServiceError: somebody writes to the graph, or a load into it broke off.
    """
    if not sources:
        return {}
    (folder,) = sources
    read_manifest(folder, GRAPH)
    log = folder / f"{GRAPH_DB}-wal"
    if log.is_file() and log.stat().st_size:
        raise ServiceError(
            f"{log}: not all that was loaded is in {GRAPH_DB} yet; wait for the load to end, or run a broken one again"
        )
    # SQLite's own files come and go beside a graph that someone has open.
    return {file.name: file for file in folder.iterdir() if file.is_file() and file.suffix in GRAPH_SUFFIXES}


def find_model(sources: Sources) -> Found:
    """Find what the folder of a CasRel model holds, or its model.tar.gz; nothing, where none is given.

    Raises:
        InputError: it is no such model.
    """
    if not sources:
        return {}
    (source,) = sources
    with unpacked(source) as model:
        read_manifest(model, CASREL)
    return {"model.tar.gz": source} if source.is_file() else {file.name: file for file in source.iterdir()}


def find_nothing(_sources: Sources) -> Found:
    """Find nothing: a folder that stays empty, for what stages may be given and a pipeline has none of."""
    return {}


def refuse_other_schemas(found: Mapping[str, Found]) -> None:
    """Refuse a model that was trained on another schema than the graph's, before it has extracted for an hour.

    Args:
        found: what was found of each input.

    Raises:
        InputError: there are two schemas; of another one, a predicate may mean another thing.
    """
    manifests = {name: files["manifest.json"].parent for name, files in found.items() if "manifest.json" in files}
    if {"graph", "model"} <= manifests.keys():
        graph, model = manifests["graph"], manifests["model"]
        hashes = [read_manifest(graph, GRAPH).schema_hash, read_manifest(model, CASREL).schema_hash]
        if hashes[0] != hashes[1]:
            raise InputError(
                f"{model}: this model was trained on schema {hashes[1][:12]}, but the graph {graph} follows schema "
                f"{hashes[0][:12]}; a model of the graph's schema is expected, or a graph built anew with this one"
            )


def find_artefact(sources: Sources) -> Found:
    """Find what the folder of an artefact holds; nothing, where none is given.

    Raises:
        InputError: it is no artefact's folder.
    """
    if not sources:
        return {}
    (folder,) = sources
    if not (folder / "manifest.json").is_file():
        raise InputError(f"{folder}: no folder that a stage wrote is there, since it has no manifest.json")
    return {file.name: file for file in folder.iterdir()}


def find_texts(sources: Sources) -> Found:
    """Find the files of texts that are given or stand, at any depth, in a folder that is given.

    Returns:
        File by the name that it has among the texts: its own, or its path below its folder.

    Raises:
        InputError: something is not there or holds no texts, or two files have one name, which is in their ids.
    """
    found: dict[str, Path] = {}
    for source in sources:
        texts = text_files(source)
        if not texts:
            logger.warning("%s: no file of texts in this folder", source)
        for name, file in texts.items():
            if name in found:
                raise InputError(f"--texts: two files are named {name}; the name is in each text's id, so rename one")
            found[name] = file
    return found


def flag(name: str) -> str:
    """Return the flag that gives the input of this name."""
    return f"--{name.replace('_', '-')}"


def _hashes(found: Found) -> dict[str, str]:
    """Hash every file that was found or stands, at any depth, in a folder that was."""
    hashes: dict[str, str] = {}
    for name, source in found.items():
        files = [file for file in source.rglob("*") if file.is_file()] if source.is_dir() else [source]
        hashes |= {(Path(name) / file.relative_to(source)).as_posix(): tree_hash(file) for file in files}
    return hashes


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class Kind:
    """One input that pipelines may have: the parameter `NAME_uri`, which the flag `--NAME` gives."""

    find: Callable[[Sources], Found]
    """Finds what is copied, and refuses what it cannot use."""
    help: str
    many: bool = False
    """May be given several times."""
    offered: bool = True
    """There is a flag for it."""
    alone: bool = False
    """The parameter is where the one thing in the folder is, under its own name, and not the folder."""
    made_by: tuple[str, str] | None = None
    """The task, and its output, that makes such an artefact: what is not given is taken from the newest run that has
    all of those that are not given."""

    def place(self, folder: Path) -> Path:
        """Return what the pipeline is given of an input's folder."""
        return next(folder.iterdir(), folder) if self.alone else folder


INPUTS = {
    "raw": Kind(find_raw, "The raw archive: a zip or a folder.", alone=True),
    "texts": Kind(
        find_texts,
        "More texts to extract from: a .jsonl, .json or .txt file, or a folder of them; may be repeated.",
        many=True,
    ),
    "graph_csv": Kind(
        find_artefact,
        "The graph to ask about (ckgqa/graph-csv).  [default: that of the newest run that made one]",
        made_by=("csv", "graph_csv"),
    ),
    "schema": Kind(
        find_artefact,
        "The sentences that the graph was made from (ckgqa/sentences), for their schema.  [default: of the same run]",
        made_by=("preprocess", "sentences"),
    ),
    "encoder": Kind(
        find_encoder, "A BERT to train on: its folder, or its name on the hub; without one all is trained from nothing."
    ),
    "graph": Kind(find_graph, "The folder of the graph that is added to (ckgqa/graph)."),
    "model": Kind(find_model, "The folder of the CasRel model that extracts, or its model.tar.gz."),
    "nothing": Kind(find_nothing, "", offered=False),
}
REQUIRED = {"knowledge-graph": ("raw",), "add-texts": ("graph", "model", "texts")}
"""Inputs by pipeline without which it has nothing to work on; of the others at least one must be there."""
