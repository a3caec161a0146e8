"""The check of the graph that `add` adds to, without DuckDB: a run calls it before its first task."""

from ckgqa.graph.connection import connect
from ckgqa.runtime.artefacts import EDGE_SENTENCES_CSV, GRAPH, GRAPH_DB, NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.errors import naming_input
from ckgqa.runtime.jsonlines import read_jsonl
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.progress import track
from ckgqa_neptune_load.artefact_files import required_file
from ckgqa_neptune_load.graph_csv.csv_format import EDGE_SENTENCE_HEADER
from ckgqa_neptune_load.graph_csv.reader import read_rows
from ckgqa_neptune_load.graph_folder import external_address
from ckgqa_neptune_load.settings import AddSettings


def check_add(settings: AddSettings) -> None:
    """Read the files of the graph's folder to their ends, and open its graph if it is a file.

    Raises:
        InputError: a file is missing or damaged, or the address is wrong.
    """
    if not settings.base.exists():
        return
    with naming_input("--base", settings.base):
        read_manifest(settings.base, GRAPH)
        if not external_address(settings.base, settings.url):
            connect(str(settings.base / GRAPH_DB), read_only=True).close()
        for name in (NAMES_JSONL, TEXTS_JSONL):
            for _ in track(read_jsonl(required_file(settings.base, name)), None, "lines", name):
                pass
        path = required_file(settings.base, EDGE_SENTENCES_CSV)
        for _ in track(read_rows(path, EDGE_SENTENCE_HEADER), None, "lines", path.name):
            pass
