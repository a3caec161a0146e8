"""The settings of each command; every field is a flag, and the text under it is the flag's help."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from ckgqa.runtime.artefacts import Split
from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import (
    CheckedSettings,
    InputDataset,
    InputPath,
    OutputPath,
    OutputValue,
    SettingPath,
    refusal,
)

PositiveInt = Annotated[int, Ge(1)]
PositiveSeconds = Annotated[float, Gt(0)]
Port = Annotated[int, Ge(0), Le(65535)]
KibOrMore = Annotated[int, Ge(1024)]


@dataclass(frozen=True)
class AskSettings(CheckedSettings):
    """Settings of `ask`."""

    graph: InputPath
    """Folder of the graph that answers (ckgqa/graph)."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    question: str
    """A question in Chinese."""
    conversation: str = ""
    """File of the conversation, which every answer replaces; empty: no conversation is stored."""
    follow_up: bool = False
    """Whether this question continues the conversation of `--conversation`; otherwise it begins one."""
    context: str = ""
    """`context` of the previous reply in the same conversation, which `--json true` shows; empty at its beginning."""
    wait_s: Annotated[float, Ge(0)] = 0.0
    """Longest time, in seconds, to wait until the model at an http address is up."""
    json: bool = False
    """Whether the output is the whole reply as JSON; otherwise its wording, with the facts and their sentences."""
    graph_url: str = ""
    """Address of the graph, if it is not the folder's own, such as one with credentials."""
    index: str = ""
    """File of the linking index that `index` wrote; empty: one in the user's cache."""
    calibration: str = ""
    """A calibration.json of `evaluate` for the confidence; empty: the default calibration, fitted on DuIE."""
    model_timeout_s: PositiveSeconds = 5.0
    """Seconds that one attempt of a request to the model may take; there are up to 3 attempts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            not (self.context and self.follow_up),
            refusal("--follow-up", self.follow_up, "false beside --context, which continues a conversation too"),
        )
        require(
            not self.follow_up or self.conversation != "",
            refusal("--follow-up", self.follow_up, "--conversation beside it, the file of the conversation"),
        )


@dataclass(frozen=True)
class ServeSettings(CheckedSettings):
    """Settings of `serve`."""

    graph: InputPath
    """Folder of the graph that answers (ckgqa/graph)."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    graph_url: str = ""
    """Address of the graph, if it is not the folder's own, such as one with credentials."""
    host: str = "127.0.0.1"
    """Address to listen on; in a container 0.0.0.0, all of its addresses."""
    port: Port = 8000
    """Port to listen on; 0 chooses a free one, which the log names."""
    index: str = ""
    """File of the linking index that `index` wrote; empty: one in the user's cache."""
    calibration: str = ""
    """A calibration.json of `evaluate` for the confidence; empty: the default calibration, fitted on DuIE."""
    log_dir: SettingPath = ""
    """Folder that receives unanswered.jsonl and feedback.jsonl; empty: their lines go to the log."""
    max_log_bytes: KibOrMore = 64 * 2**20
    """Size in bytes at which such a file is renamed to *.jsonl.1, which replaces the previous one."""
    model_timeout_s: PositiveSeconds = 5.0
    """Seconds that one attempt of a request to the model may take; there are up to 3 attempts."""
    graph_timeout_s: PositiveSeconds = 5.0
    """Seconds that one traversal may take; there are up to 2 attempts."""
    threads: PositiveInt = 8
    """Requests that are processed at once, each with a connection to the graph; others wait."""
    max_requests: PositiveInt = 64
    """Requests in progress above which further ones are rejected with 503."""
    max_body_bytes: KibOrMore = 64 * 1024
    """Largest body of a request, in bytes."""
    body_timeout_s: PositiveSeconds = 10.0
    """Longest time, in seconds, in which a request's body may arrive."""
    drain_s: PositiveInt = 20
    """Seconds in which requests in progress may end after SIGTERM."""


@dataclass(frozen=True)
class EvaluateSettings(CheckedSettings):
    """Settings of `evaluate`."""

    questions: InputDataset
    """Folder of labelled questions (ckgqa/questions)."""
    sentences: InputDataset
    """Folder of labelled sentences (ckgqa/sentences); its training and validation triples are the gold."""
    graph: InputPath
    """Folder of the graph that answers (ckgqa/graph)."""
    report: OutputPath
    """Folder that receives report.json, report.md, report.html and calibration.json."""
    accuracy: OutputValue
    """File that receives the share of questions with exactly the right answer, 0 to 1."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    graph_url: str = ""
    """Address of the graph, if it is not the folder's own, such as one with credentials."""
    split: Split = "test"
    """The split that is asked and reported; no setting was chosen on the test split."""
    fit: bool = True
    """Whether the confidence is fitted on the validation questions first; otherwise `--calibration` is used."""
    calibration: str = ""
    """A calibration.json for the confidence; empty: hand-tuned weights. It is not read if the confidence is fitted."""
    timeout_s: PositiveSeconds = 10.0
    """Seconds that one attempt of a request to the model may take."""
    max_rows: PositiveInt = 10000
    """Most facts that one question fetches from the graph; high, so that long answers are compared completely."""
    examples: Annotated[int, Ge(0)] = 20
    """Wrong answers that the report shows for each shape of question."""


@dataclass(frozen=True)
class IndexSettings(CheckedSettings):
    """Settings of `index`."""

    graph: InputPath
    """Folder of the graph (ckgqa/graph)."""
    index: OutputPath
    """The index file; an answerer uses it for this graph, wherever the graph's folder is."""
