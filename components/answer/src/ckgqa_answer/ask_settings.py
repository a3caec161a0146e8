"""What can be set for `ask`; every field is a flag, the literal under it its help."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import InputPath


@dataclass(frozen=True)
class AskSettings:
    """Settings of `ask`."""

    graph: InputPath
    """Folder of the graph that is asked (ckgqa/graph)."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    question: str
    """A question in Chinese."""
    conversation: str = ""
    """File that keeps the conversation: every answer replaces what is in it; empty to keep none."""
    follow_up: bool = False
    """Whether this question goes on with the conversation of `--conversation`; else it begins one."""
    context: str = ""
    """`context` of the reply before in the same conversation, which `--json true` shows; empty at its beginning."""
    wait_s: float = 0.0
    """Longest time, at least 0 seconds, to wait for the model at an http address to come up first."""
    json: bool = False
    """Whether the whole reply is written, as JSON; else its words, with the facts and their sentences."""
    graph_url: str = ""
    """Address of the graph where it is not the folder's own; one with credentials, say."""
    index: str = ""
    """File of the linking index that `index` wrote; empty: one in the user's cache."""
    calibration: str = ""
    """A calibration.json of `evaluate` for the confidence; empty for the one that ships, fitted on DuIE."""
    model_timeout_s: float = 5.0
    """Seconds that one attempt to ask the model may take, above 0; there are up to 3."""

    def __post_init__(self) -> None:
        require(self.model_timeout_s > 0, "--model-timeout-s must be above 0")
        require(self.wait_s >= 0, "--wait-s must be at least 0")
        require(not (self.context and self.follow_up), "--context and --follow-up say the same: give one")
        require(not self.follow_up or self.conversation != "", "--follow-up needs --conversation, a file that keeps it")
