"""Every artefact's format, version and file names, the roles that every fact has, and the splits of labelled data.

`components/README.md` describes what the files hold. A version goes up when a reader of the old one would misread the
new one; a reader refuses every version but the one named here.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args


class ArtefactFormat(NamedTuple):
    """A data contract; `Manifest(*SENTENCES, ...)` and `read_manifest(folder, SENTENCES)` take it."""

    name: str
    """Such as `ckgqa/sentences`."""
    version: int

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"


SENTENCES = ArtefactFormat("ckgqa/sentences", 1)
CASREL = ArtefactFormat("ckgqa/casrel", 3)
EVALUATION = ArtefactFormat("ckgqa/evaluation", 1)
FACTS = ArtefactFormat("ckgqa/facts", 1)
GRAPH_CSV = ArtefactFormat("ckgqa/graph-csv", 2)
GRAPH = ArtefactFormat("ckgqa/graph", 2)
QUESTIONS = ArtefactFormat("ckgqa/questions", 1)
JOINTBERT = ArtefactFormat("ckgqa/jointbert", 2)
QUESTION_EVALUATION = ArtefactFormat("ckgqa/question-evaluation", 2)
ANSWER_EVALUATION = ArtefactFormat("ckgqa/answer-evaluation", 3)
CALIBRATION = ArtefactFormat("ckgqa/calibration", 3)
MODEL_PACKAGE = ArtefactFormat("ckgqa/model-package", 1)
MODEL_REGISTRY = ArtefactFormat("ckgqa/model-registry", 1)
NOTIFICATION = ArtefactFormat("ckgqa/notification", 1)
RUN = ArtefactFormat("ckgqa/run", 1)

_BUILD_GRAPH = "`ckgqa run knowledge-graph --raw DuIE_2_0.zip` builds version"
REMEDIES: Mapping[str, str] = {
    CASREL.name: "train a model again with `ckgqa run knowledge-graph`, or with `train_casrel train`",
    JOINTBERT.name: "train a model again with `ckgqa run question-answering`, or with `train_jointbert train`",
    GRAPH_CSV.name: f"{_BUILD_GRAPH} {GRAPH_CSV.version}; from its inputs, `python -m ckgqa_neptune_load csv` does",
    GRAPH.name: f"{_BUILD_GRAPH} {GRAPH.version}, and then `ckgqa add` adds your own texts again",
}
"""What to do with an artefact of an older version, if running the command again that made it is not enough."""

MANIFEST_JSON = "manifest.json"
SCHEMA_JSON = "schema.json"
REPORT_JSON = "report.json"
REPORT_MD = "report.md"
REPORT_HTML = "report.html"
REJECTS_JSONL = "rejects.jsonl"

# models
CONFIG_JSON = "config.json"
LABELS_JSON = "labels.json"
METRICS_JSONL = "metrics.jsonl"
VOCABULARY_JSON = "vocabulary.json"
WEIGHTS = "model.safetensors"
MODEL_ONNX = "model.onnx"
BERT_JSON = "bert.json"
"""The configuration of a pretrained BERT, in transformers' own keys."""
MODEL_ARCHIVE = "model.tar.gz"
CALIBRATION_JSON = "calibration.json"
CONFUSION_SVG = "confusion.svg"
BASELINE_JSONL = "baseline.jsonl"

# the registry and messages
PACKAGE_JSON = "package.json"
DECISIONS_JSONL = "decisions.jsonl"
REGISTRY_JSON = "registry.json"
NOTIFICATION_JSON = "notification.json"

# facts and graphs
FACTS_JSONL = "facts.jsonl"
VERTICES_CSV = "vertices.csv"
EDGES_CSV = "edges.csv"
EDGE_SENTENCES_CSV = "edge_sentences.csv"
NAMES_JSONL = "names.jsonl"
TEXTS_JSONL = "texts.jsonl"
ADDED_JSONL = "added.jsonl"
GRAPH_DB = "graph.db"
GRAPH_ADDRESS_JSON = "graph.json"

FactSource = Literal["labelled", "extracted"]
"""Where a fact comes from: people labelled a sentence with it, or a model extracted it."""

SUBJECT = "subject"
"""The role of a fact's subject; the label of the edge from a fact vertex to it."""
VALUE = "@value"
"""The slot that every fact has: DuIE 2.0's name for the plain object."""

Split = Literal["train", "validation", "test"]
"""A part of the labelled data: to train on, to choose by, and to score on."""
SPLITS: tuple[Split, ...] = get_args(Split)


def split_file(split: Split) -> str:
    """Return the name of a split's file in a folder of sentences or questions."""
    return f"{split}.jsonl"
