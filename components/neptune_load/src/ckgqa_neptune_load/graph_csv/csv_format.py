"""The columns of the graph's CSV, and how a line is written; `components/README.md` describes the files."""

import re
from collections.abc import Iterable

from ckgqa.runtime.artefacts import FactSource

# Neptune separates values by `;` only in a column whose type ends in []; such a column is always a set.
VERTEX_HEADER = ("~id", "~label", "name:String(single)", "type:String[]", "predicate:String(single)")
EDGE_HEADER = ("~id", "~from", "~to", "~label", "source:String", "score:Double", "count:Int", "evidence:String")
EDGE_SENTENCE_HEADER = ("edge", "sentence", "source", "score")

ENTITY = "entity"
FACT = "fact"
LABELLED: FactSource = "labelled"
EXTRACTED: FactSource = "extracted"

_NEEDS_QUOTES = re.compile('[",\r\n]')


def csv_line(fields: Iterable[str]) -> str:
    """Return one line of CSV after RFC 4180: quotes where needed, a quote in a value doubled."""
    return (
        ",".join('"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text for text in fields) + "\n"
    )
