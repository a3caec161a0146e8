"""The artefacts that this stage reads and writes; `components/README.md` describes them."""

SENTENCES = ("ckgqa/sentences", 1)
FACTS = ("ckgqa/facts", 1)
GRAPH_CSV = ("ckgqa/graph-csv", 1)
GRAPH = ("ckgqa/graph", 1)

VERTICES_CSV = "vertices.csv"
EDGES_CSV = "edges.csv"
NAMES = "names.jsonl"
TEXTS = "sentences.jsonl"
REPORT = "report.json"
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
