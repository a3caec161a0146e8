"""What the two commands can be told."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.settings import InputPath, OutputPath


@dataclass(frozen=True)
class CsvSettings:
    """Settings of `csv`."""

    graph_csv: OutputPath
    """Folder to write: vertices.csv, edges.csv, names.jsonl, sentences.jsonl, report.json."""
    sentences: InputPath | None = None
    """Folder of labelled sentences (ckgqa/sentences): the triples of its training and validation splits; may be left
    out, or an empty folder, when there are facts."""
    facts: InputPath | None = None
    """Folder of extracted triples (ckgqa/facts); may be left out when there are sentences."""
    alias_predicates: str = "简称,号,字,别名,又名,曾用名,外文名"
    """Predicates whose value is another name of the subject, separated by commas (abbreviation, style name, other
    name, former name, foreign name)."""
    memory_mb: int = 448
    """Memory for DuckDB in MB, at least 64; what does not fit goes to a temporary folder where the output is
    written. With the default the whole process stays below 1 GB."""
    threads: int = 2
    """Threads of DuckDB, at least 1; each wants about 100 MB. The output is the same for any number."""
    allow_empty: bool = False
    """Whether it is no error that there is no triple at all, as in texts that a user adds to a graph; the CSV is then
    empty."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require(
            optional_input(self.sentences) is not None or self.facts is not None,
            "nothing to load: give --sentences, --facts, or both",
        )
        require(self.memory_mb >= 64, f"--memory-mb {self.memory_mb}: at least 64 are needed")
        require(self.threads >= 1, f"--threads {self.threads}: at least 1 is needed")

    @property
    def alias_names(self) -> list[str]:
        """The alias predicates as a sorted list."""
        return sorted({name.strip() for name in self.alias_predicates.split(",")} - {""})


@dataclass(frozen=True)
class LoadSettings:
    """Settings of `load`, and of `add`, which has more."""

    graph_csv: InputPath
    """Folder written by `csv` (ckgqa/graph-csv)."""
    graph: OutputPath
    """Folder to write: the embedded graph or the server's address, and what goes with it."""
    url: str = ""
    """Where to load: empty for a new embedded graph in the output folder, embedded:PATH for an existing embedded
    file, ws://HOST:PORT/gremlin or wss://... for a Gremlin Server."""
    request_timeout_s: float = 60.0
    """Seconds that one request to a server may take."""
    attempts: int = 6
    """How often a request to a server is tried when it fails in a way that may pass, at least 1."""
    retry_wait_s: float = 0.5
    """Seconds before the second attempt; each further wait is twice as long."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require(self.request_timeout_s > 0, f"--request-timeout-s {self.request_timeout_s}: more than 0 is needed")
        require(self.attempts >= 1, f"--attempts {self.attempts}: at least 1 is needed")
        require(self.retry_wait_s >= 0, f"--retry-wait-s {self.retry_wait_s}: 0 or more is needed")


@dataclass(frozen=True, kw_only=True)
class AddSettings(LoadSettings):
    """Settings of `add`."""

    base: InputPath
    """Folder of the graph that is added to (ckgqa/graph); it stays as it is."""
    url: str = ""
    """Where the base's graph is, if that is not what its graph.json says, as with a password, which no file keeps;
    empty otherwise, and always for a base that holds its graph itself."""
