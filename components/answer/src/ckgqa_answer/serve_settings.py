"""What can be set for `serve`; every field is a flag and a variable, the literal under it its help."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import InputPath


@dataclass(frozen=True)
class ServeSettings:
    """Settings of `serve`."""

    graph: InputPath
    """Folder of the graph that is asked (ckgqa/graph)."""
    endpoint: str
    """The question model: http://HOST:PORT of a server, or the name of a SageMaker endpoint."""
    graph_url: str = ""
    """Address of the graph where it is not the folder's own; one with credentials, say."""
    host: str = "127.0.0.1"
    """Address to listen on; in a container 0.0.0.0, all of its addresses."""
    port: int = 8000
    """Port to listen on, 0 to 65535; 0 takes any free one, which the log names."""
    index: str = ""
    """File of the linking index that `index` wrote; empty: one in the user's cache."""
    calibration: str = ""
    """A calibration.json of `evaluate` for the confidence; empty for the one that ships, fitted on DuIE."""
    log_dir: str = ""
    """Folder that receives unanswered.jsonl and feedback.jsonl; empty: their lines go to the log."""
    max_log_bytes: int = 64 * 2**20
    """Size, at least 1024 bytes, at which such a file is put aside as *.jsonl.1, in the place of the one before."""
    model_timeout_s: float = 5.0
    """Seconds that one attempt to ask the model may take, above 0; there are up to 3."""
    graph_timeout_s: float = 5.0
    """Seconds that one traversal may take, above 0; there are up to 2 attempts."""
    threads: int = 8
    """Requests that are worked on at once, at least 1, each with a connection to the graph; others wait."""
    max_requests: int = 64
    """Requests under way, at least 1, above which further ones are refused with 503."""
    max_body_bytes: int = 64 * 1024
    """Largest body of a request, at least 1024 bytes."""
    body_timeout_s: float = 10.0
    """Longest time that a request's body may take to arrive, above 0."""
    drain_s: int = 20
    """Seconds, at least 1, in which requests under way may end after SIGTERM."""

    def __post_init__(self) -> None:
        require(0 <= self.port <= 65535, "--port must be between 0 and 65535")
        require(self.max_log_bytes >= 1024, "--max-log-bytes must be at least 1024")
        require(self.model_timeout_s > 0, "--model-timeout-s must be above 0")
        require(self.graph_timeout_s > 0, "--graph-timeout-s must be above 0")
        require(self.threads >= 1, "--threads must be at least 1")
        require(self.max_requests >= 1, "--max-requests must be at least 1")
        require(self.max_body_bytes >= 1024, "--max-body-bytes must be at least 1024")
        require(self.body_timeout_s > 0, "--body-timeout-s must be above 0")
        require(self.drain_s >= 1, "--drain-s must be at least 1")
