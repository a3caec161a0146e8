"""Find the graph that is meant: by default that of the newest run that has one."""

from pathlib import Path

from ckgqa.execution.records.record import LAST, RunRecord, find_run, read_record
from ckgqa.runtime.artefacts import GRAPH, GRAPH_ADDRESS_JSON, GRAPH_DB, MANIFEST_JSON, RUN
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.settings import refusal


def graph_of(record: RunRecord) -> Path | None:
    """Return the folder of the graph that a run has made by any of its tasks; None if there is none."""
    made = [record.output(task, "graph") for task in record.order]
    folders = [folder for folder in made if folder is not None and folder.is_dir()]
    return folders[-1] if folders else None


def last_graph(runs: Path) -> Path:
    """Return the folder of the newest graph: that of the run that started last among those that have one.

    A run that failed or did not pass its gate does not hide the graph of an earlier run.

    Raises:
        InputError: no run has a graph.
    """
    for manifest in sorted(runs.glob(f"*/{MANIFEST_JSON}"), reverse=True):
        try:
            folder = graph_of(read_record(manifest.parent.absolute()))
        except InputError:  # not a record that this version reads; `ckgqa runs list` names it
            continue
        if folder is not None:
            return folder
    raise InputError(f"{runs}: no run there has a graph yet; `ckgqa run knowledge-graph --raw DuIE_2_0.zip` makes one")


def find_graph(runs: Path, name: str = LAST) -> Path:
    """Return the folder of a graph.

    Args:
        runs: the folder of the runs.
        name: `last`, the name or the folder of a run, or the folder of a graph.

    Raises:
        InputError: there is no such graph.
    """
    if name == LAST:
        return last_graph(runs)
    folder = find_run(runs, name, option="--graph")
    # A graph's own folder, as any artefact's, has a manifest of the same name.
    if (folder / MANIFEST_JSON).is_file() and read_json(folder / MANIFEST_JSON).get("format") not in {RUN.name, None}:
        read_manifest(folder, GRAPH)
        return folder
    record = read_record(folder)
    graph = graph_of(record)
    if graph is None:
        state = f"it ended as {record.state}; `ckgqa runs list` lists others"
        raise InputError(refusal("--graph", name, f"a run with a graph, but {record.folder} has none ({state})"))
    return graph


def address_elsewhere(folder: Path) -> str:
    """Return the address of a graph in a server or in another file; empty for a graph that is in its folder.

    Raises:
        InputError: the folder holds no graph.
    """
    read_manifest(folder, GRAPH)
    return "" if (folder / GRAPH_DB).is_file() else str(read_json(folder / GRAPH_ADDRESS_JSON).get("url", ""))
