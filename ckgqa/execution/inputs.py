"""Find the inputs of a run and copy them into its folder, so that the run stays reproducible."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckgqa.execution.records.record import InputRecord
from ckgqa.runtime.artefacts import CASREL, GRAPH, GRAPH_DB, MANIFEST_JSON, MODEL_ARCHIVE
from ckgqa.runtime.errors import InputError, ServiceError, naming_input
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.optional_inputs import FETCH_REMEDY
from ckgqa.runtime.settings import refusal
from ckgqa.runtime.text_files import WANTED, text_files

GRAPH_SUFFIXES = (".csv", ".db", ".json", ".jsonl")

InputSources = Sequence[Path]
InputFiles = Mapping[str, Path]
"""What is copied: file or folder by its name in the folder of the input."""


def stage(sources: InputSources, files: InputFiles, folder: Path) -> InputRecord:
    """Copy what was found into `folder`, whole or not at all; equal content is left as it is.

    Raises:
        InputError: a source contains the folder, so that a run would be copied into itself.
    """
    for source in sources:
        if folder.resolve().is_relative_to(source.resolve()):
            raise InputError(f"{source}: expected a folder without the folder of the runs in it")
    if not folder.is_dir() or _hashes({"": folder}) != _hashes(files):
        with atomic_folder(folder) as work:
            for name, source in files.items():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                _copy(source, work / name)
    return InputRecord([str(source.absolute()) for source in sources], tree_hash(folder))


def find_raw(sources: InputSources) -> InputFiles:
    """Find the archive, a file or a folder; return nothing without a source.

    Raises:
        InputError: it does not exist.
    """
    if not sources:
        return {}
    (source,) = sources
    if not source.exists():
        raise InputError(refusal("--raw", source, "an existing zip file or folder"))
    return {source.resolve().name: source}


def find_encoder(sources: InputSources) -> InputFiles:
    """Find the content of a BERT's folder; return nothing without a source.

    Raises:
        InputError: there is no such folder, as with a name on the Hugging Face hub, or it is empty.
    """
    if not sources:
        return {}
    (folder,) = sources
    if not folder.is_dir() or not any(folder.iterdir()):
        raise InputError(refusal("--encoder", folder, f"an existing folder of a BERT. {FETCH_REMEDY}"))
    return {file.name: file for file in folder.iterdir()}


def find_graph(sources: InputSources) -> InputFiles:
    """Find the files of a graph's folder; return nothing without a source.

    Raises:
        InputError: the folder holds no graph.
        ServiceError: another program writes to the graph, or a load into it broke off.
    """
    if not sources:
        return {}
    (folder,) = sources
    read_manifest(folder, GRAPH)
    log = folder / f"{GRAPH_DB}-wal"
    if log.is_file() and log.stat().st_size:
        raise ServiceError(
            f"{log}: {GRAPH_DB} does not hold all loaded data yet; wait for the load to end, or run a broken load again"
        )
    # SQLite creates and removes files of its own beside an open graph.
    return {file.name: file for file in folder.iterdir() if file.is_file() and file.suffix in GRAPH_SUFFIXES}


def find_model(sources: InputSources) -> InputFiles:
    """Find the content of a CasRel model's folder, or its model.tar.gz; return nothing without a source.

    Raises:
        InputError: it is not a CasRel model.
    """
    if not sources:
        return {}
    (source,) = sources
    with unpacked(source) as model:
        read_manifest(model, CASREL)
    return {MODEL_ARCHIVE: source} if source.is_file() else {file.name: file for file in source.iterdir()}


def find_nothing(_sources: InputSources) -> InputFiles:
    """Return nothing: the folder stays empty, for an input of a stage that a pipeline does not have."""
    return {}


def refuse_other_schemas(inputs: Mapping[str, InputFiles]) -> None:
    """Reject a model that was trained on another schema than the graph's, before it extracts for an hour.

    Args:
        inputs: the files of each input.

    Raises:
        InputError: the schemas differ; a predicate of another schema may have another meaning.
    """
    manifests = {name: files[MANIFEST_JSON].parent for name, files in inputs.items() if MANIFEST_JSON in files}
    if {"graph", "model"} <= manifests.keys():
        graph, model = manifests["graph"], manifests["model"]
        hashes = [read_manifest(graph, GRAPH).schema_hash, read_manifest(model, CASREL).schema_hash]
        if hashes[0] != hashes[1]:
            raise InputError(
                f"{model}: this model was trained on schema {hashes[1][:12]}, but the graph {graph} follows schema "
                f"{hashes[0][:12]}; a model of the graph's schema is expected, or a graph built anew with this one"
            )


def find_artefact(sources: InputSources) -> InputFiles:
    """Find the content of an artefact's folder; return nothing without a source.

    Raises:
        InputError: the folder holds no artefact.
    """
    if not sources:
        return {}
    (folder,) = sources
    if not (folder / MANIFEST_JSON).is_file():
        raise InputError(f"{folder}: expected a folder that a stage wrote; it has no {MANIFEST_JSON}")
    return {file.name: file for file in folder.iterdir()}


def find_texts(sources: InputSources) -> InputFiles:
    """Find the files of texts among the sources and, at any depth, in those that are folders.

    Returns:
        File by its name among the texts: its own, or its path below its folder.

    Raises:
        InputError: a source does not exist or holds no texts, or two files have the same name, which is in their ids.
    """
    files: dict[str, Path] = {}
    for source in sources:
        with naming_input("--texts", source):
            texts = text_files(source)
        if not texts:
            raise InputError(refusal("--texts", source, f"a folder with {WANTED}; this one holds no file"))
        for name, file in texts.items():
            if name in files:
                raise InputError(refusal("--texts", name, "one file of this name, since the name is in each text's id"))
            files[name] = file
    return files


def _hashes(files: InputFiles) -> dict[str, str]:
    """Hash every file that was found and, at any depth, those in the folders that were found."""
    hashes: dict[str, str] = {}
    for name, source in files.items():
        parts = [part for part in source.rglob("*") if part.is_file()] if source.is_dir() else [source]
        hashes |= {(Path(name) / part.relative_to(source)).as_posix(): tree_hash(part) for part in parts}
    return hashes


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


@dataclass(frozen=True)
class InputKind:
    """One input that pipelines may have: the flag `--NAME` sets the parameter `NAME_uri`."""

    find: Callable[[InputSources], InputFiles]
    """Finds what is copied, and rejects what cannot be used."""
    help: str
    metavar: str = "FOLDER"
    """What stands for the value in the help."""
    absent: str = ""
    """What applies without the flag, for the help."""
    many: bool = False
    """The flag may be repeated."""
    offered: bool = True
    """The command line has a flag for it."""
    alone: bool = False
    """The parameter is the path of the only file or folder in the input's folder, and not of that folder itself."""
    made_by: tuple[str, str] | None = None
    """The task, and its output, that makes such an artefact. Absent inputs are taken from the newest run that has all
    of them."""

    def path_in(self, folder: Path) -> Path:
        """Return the path in an input's folder that the pipeline gets."""
        return next(folder.iterdir(), folder) if self.alone else folder


INPUTS = {
    "raw": InputKind(find_raw, "Raw archive: a zip file or a folder.", "FILE|FOLDER", alone=True),
    "texts": InputKind(
        find_texts,
        "Texts to extract from: a .jsonl, .json or .txt file, or a zip or folder of such files; may be repeated.",
        "FILE|FOLDER",
        many=True,
    ),
    "graph_csv": InputKind(
        find_artefact,
        "Graph to ask about (ckgqa/graph-csv).",
        absent="that of the newest run that made one",
        made_by=("csv", "graph_csv"),
    ),
    "schema": InputKind(
        find_artefact,
        "Sentences that the graph was made from (ckgqa/sentences), for their schema.",
        absent="those of the same run",
        made_by=("preprocess", "sentences"),
    ),
    "encoder": InputKind(
        find_encoder,
        "Pretrained BERT to train on: its folder, or its name on the Hugging Face hub.",
        "NAME|FOLDER",
        absent="none, train from random weights",
    ),
    "graph": InputKind(
        find_graph,
        "Graph to use: that of a run, that in a folder, or `last`, that of the newest run that has one.",
        "RUN|FOLDER",
    ),
    "model": InputKind(
        find_model,
        "Model that extracts: an ID of the registry, such as extraction-model/3, or a folder.",
        "ID|FOLDER",
    ),
    "nothing": InputKind(find_nothing, "", offered=False),
}
GIVEN_BY_RUN = {f"{name}_uri": name for name in INPUTS}
"""Parameters of pipelines that hold the paths of the run's own copies of its inputs -> name of the input."""
REQUIRED = {"knowledge-graph": ("raw",), "add-texts": ("graph", "model", "texts")}
"""Inputs that a pipeline cannot run without; a pipeline that is not listed needs at least one of its inputs."""
