"""The artefacts that this stage reads and writes; `components/README.md` describes them."""

from pathlib import Path

from ckgqa.runtime.errors import InputError

SENTENCES = ("ckgqa/sentences", 1)
FACTS = ("ckgqa/facts", 1)
GRAPH_CSV = ("ckgqa/graph-csv", 1)
GRAPH = ("ckgqa/graph", 1)

VERTICES_CSV = "vertices.csv"
EDGES_CSV = "edges.csv"
NAMES = "names.jsonl"
TEXTS = "sentences.jsonl"
REPORT = "report.json"
ADDED = "added.jsonl"
GRAPH_DB = "graph.db"
GRAPH_ADDRESS = "graph.json"

# Neptune separates values by `;` only in a column whose type ends in []; such a column is always a set.
VERTEX_HEADER = ("~id", "~label", "name:String(single)", "type:String[]", "predicate:String(single)")
EDGE_HEADER = ("~id", "~from", "~to", "~label", "source:String", "score:Double", "count:Int", "evidence:String")

ENTITY = "entity"
FACT = "fact"
VALUE_SLOT = "@value"
SUBJECT = "subject"
"""Label of the edge from a fact vertex to its subject."""


def part_of(folder: Path, name: str) -> Path:
    """Return the path of a file that an artefact must have.

    Raises:
        InputError: it is not there.
    """
    if not (folder / name).is_file():
        raise InputError(f"{folder / name}: there is no such file; the artefact is not whole, make it again")
    return folder / name
