"""The settings of `csv`, `load` and `add`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.retry import RetryPolicy
from ckgqa.runtime.settings import CheckedSettings, InputDataset, InputPath, OutputDataset, OutputPath, refusal
from ckgqa.runtime.white_space import split_list


@dataclass(frozen=True)
class CsvSettings(CheckedSettings):
    """Settings of `csv`."""

    graph_csv: OutputDataset
    """Folder to write: vertices.csv, edges.csv, edge_sentences.csv, names.jsonl, texts.jsonl, report.json."""
    sentences: InputDataset | None = None
    """Folder of labelled sentences (ckgqa/sentences): the triples of its training and validation splits, and the texts
    of all splits. May be left out, or be an empty folder, if there are facts."""
    facts: InputDataset | None = None
    """Folder of extracted triples (ckgqa/facts). May be left out if there are sentences."""
    alias_predicates: str = "简称,号,字,别名,又名,曾用名,外文名"
    """Predicates whose value is another name of the subject (abbreviation, style name, other name, former name, foreign
    name), separated by commas: `,`, `，` or `、`."""
    memory_mb: Annotated[int, Ge(64)] = 448
    """Memory for DuckDB in MB; the rest goes to a temporary folder inside the output. With the default the whole
    process stays below 1 GB."""
    threads: Annotated[int, Ge(1)] = 2
    """Threads of DuckDB; each needs about 100 MB. The output is the same for any number."""
    allow_empty: bool = False
    """Whether an input without any triple is accepted, as in texts that a user adds to a graph; the CSV then has no
    edge."""

    def __post_init__(self) -> None:
        """Reject a value out of bounds, and settings without any input."""
        super().__post_init__()
        require(
            optional_input(self.sentences) is not None or self.facts is not None,
            refusal("--facts", "(not set)", "a folder of extracted triples, or --sentences with labelled sentences"),
        )

    @property
    def alias_names(self) -> list[str]:
        """The alias predicates as a sorted list."""
        return sorted(set(split_list(self.alias_predicates)))


@dataclass(frozen=True)
class LoadSettings(CheckedSettings):
    """Settings of `load`, and of `add`, which has more."""

    graph_csv: InputDataset
    """Folder written by `csv` (ckgqa/graph-csv)."""
    graph: OutputPath
    """Folder to write (ckgqa/graph): the embedded graph or the server's address, and the files beside it."""
    url: str = ""
    """Address of the graph to load into: empty for a new embedded graph in the output folder, embedded:PATH for an
    existing embedded file, ws://HOST:PORT/gremlin or wss://... for a Gremlin Server."""
    request_timeout_s: Annotated[float, Gt(0)] = 60.0
    """Seconds that one request to a server may take."""
    attempts: Annotated[int, Ge(1)] = 6
    """Attempts of a request to a server that fails in a way that may pass."""
    retry_wait_s: Annotated[float, Ge(0)] = 0.5
    """Seconds before the second attempt; each further wait is twice as long."""

    @property
    def retry(self) -> RetryPolicy:
        """The policy for requests to a server."""
        return RetryPolicy(attempts=self.attempts, wait_s=self.retry_wait_s)


@dataclass(frozen=True, kw_only=True)
class AddSettings(LoadSettings):
    """Settings of `add`."""

    base: InputPath
    """Folder of the graph that is added to (ckgqa/graph); it is not modified."""
    url: str = ""
    """Address of the base's graph, if it differs from the one in graph.json: no file keeps a password. Empty
    otherwise, and always for a base that holds graph.db itself."""
