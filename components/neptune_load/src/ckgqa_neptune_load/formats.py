"""The artefacts that this stage reads and writes; `components/README.md` describes them."""

from pathlib import Path

from ckgqa.runtime.errors import InputError

# Neptune separates values by `;` only in a column whose type ends in []; such a column is always a set.
VERTEX_HEADER = ("~id", "~label", "name:String(single)", "type:String[]", "predicate:String(single)")
EDGE_HEADER = ("~id", "~from", "~to", "~label", "source:String", "score:Double", "count:Int", "evidence:String")

ENTITY = "entity"
FACT = "fact"


def part_of(folder: Path, name: str) -> Path:
    """Return the path of a file that an artefact must have.

    Raises:
        InputError: it is not there.
    """
    if not (folder / name).is_file():
        raise InputError(f"{folder / name}: there is no such file; the artefact is not whole, make it again")
    return folder / name
