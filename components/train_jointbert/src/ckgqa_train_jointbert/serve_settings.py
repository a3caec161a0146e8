"""What can be set for `serve`; every field is a flag and a variable, the literal under it its help."""

from dataclasses import dataclass

from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import InputPath


@dataclass(frozen=True)
class ServeSettings:
    """Settings of `serve`."""

    model: InputPath
    """Model folder, as `train` writes it, or its model.tar.gz; in SageMaker it is found by itself."""
    host: str = "0.0.0.0"  # noqa: S104 -- in a container nothing else can be reached from outside
    """Address to listen on; 0.0.0.0 is all of the machine's or container's."""
    port: int = 8080
    """Port to listen on, 0 to 65535; 0 takes any free one, which the log names."""
    threads: int = 0
    """Threads that compute, at least 0; 0: as many as there are processors to use."""
    max_batch: int = 32
    """Most questions that the model reads at once, at least 1."""
    max_wait_ms: float = 0.0
    """Longest time that a question waits for others to be read with it, at least 0; what waits anyway goes together."""
    max_waiting: int = 512
    """Questions in the queue from which on requests are refused with 503, at least 1."""
    max_request_bytes: int = 6 * 2**20
    """Largest body of a request, at least 1024 bytes; the default is what SageMaker lets through."""
    max_request_questions: int = 10_000
    """Most questions of a request, at least 1."""
    max_question_chars: int = 0
    """Most characters of a question, 0 to what the model was trained for; 0 is that."""
    body_timeout_s: float = 30.0
    """Longest time that a request's body may take to arrive, above 0."""
    drain_s: int = 20
    """Seconds, at least 1, in which requests under way may end after SIGTERM; SageMaker kills after 30."""

    def __post_init__(self) -> None:
        require(0 <= self.port <= 65535, "--port must be between 0 and 65535")
        require(self.threads >= 0, "--threads must be at least 0")
        require(self.max_batch >= 1, "--max-batch must be at least 1")
        require(self.max_wait_ms >= 0, "--max-wait-ms must be at least 0")
        require(self.max_waiting >= 1, "--max-waiting must be at least 1")
        require(self.max_request_bytes >= 1024, "--max-request-bytes must be at least 1024")
        require(self.max_request_questions >= 1, "--max-request-questions must be at least 1")
        require(self.max_question_chars >= 0, "--max-question-chars must be at least 0")
        require(self.body_timeout_s > 0, "--body-timeout-s must be above 0")
        require(self.drain_s >= 1, "--drain-s must be at least 1")
