"""The graphs that runs have made: whatever asks or adds to "the graph" means that of the newest run that has one."""

from pathlib import Path

from ckgqa.bundle.pipelines.record import RunRecord, find_run, read_record
from ckgqa.runtime.artefacts import GRAPH, GRAPH_ADDRESS_JSON, GRAPH_DB, MANIFEST_JSON, RUN
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import read_manifest

LAST = "last"


def graph_of(record: RunRecord) -> Path | None:
    """Return the folder of the graph that a run has made, whichever of its tasks did; None where it has none."""
    made = [record.output(task, "graph") for task in record.order]
    folders = [folder for folder in made if folder is not None and folder.is_dir()]
    return folders[-1] if folders else None


def last_graph(runs: Path) -> Path:
    """Return the folder of the newest graph: that of the run begun last among those that have one.

    A run that broke off or did not pass its gate hides no graph of an earlier one.

    Raises:
        InputError: no run has a graph.
    """
    for manifest in sorted(runs.glob(f"*/{MANIFEST_JSON}"), reverse=True):
        try:
            folder = graph_of(read_record(manifest.parent.absolute()))
        except InputError:  # no record that this version reads; `ckgqa runs list` names it
            continue
        if folder is not None:
            return folder
    raise InputError(f"{runs}: no run there has a graph yet; `ckgqa run knowledge-graph --raw DuIE_2_0.zip` makes one")


def find_graph(runs: Path, name: str = LAST) -> Path:
    """Return the folder of the graph that is meant: `last`, a run by its name or folder, or a graph's own folder.

    Raises:
        InputError: there is no such graph.
    """
    if name == LAST:
        return last_graph(runs)
    folder = find_run(runs, name)
    # A graph's own folder, as any artefact's, has a manifest of the same name.
    if (folder / MANIFEST_JSON).is_file() and read_json(folder / MANIFEST_JSON).get("format") not in {RUN.name, None}:
        read_manifest(folder, GRAPH)
        return folder
    record = read_record(folder)
    found = graph_of(record)
    if found is None:
        raise InputError(
            f"{record.folder}: this run has no graph (it ended as {record.state}); `ckgqa runs list` names others"
        )
    return found


def address_elsewhere(folder: Path) -> str:
    """Return the address of a graph in a server or in a file elsewhere; empty for one that is in its folder.

    Raises:
        InputError: the folder is no graph's.
    """
    read_manifest(folder, GRAPH)
    return "" if (folder / GRAPH_DB).is_file() else str(read_json(folder / GRAPH_ADDRESS_JSON).get("url", ""))
