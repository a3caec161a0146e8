"""The answerer's reply, the same for the library, the API, the Lambda and the page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from ckgqa_answer.facts import Edge
from ckgqa_answer.linking import How

Status = Literal["answered", "unknown", "outside", "unclear"]


@dataclass(frozen=True)
class UnderstoodMention:
    """A mention of the question, and the name that it was taken for; empty where none is known."""

    role: str
    text: str
    start: int
    end: int
    name: str
    how: How | Literal["unknown"]


@dataclass(frozen=True)
class Understood:
    """What the question was taken for."""

    intent: str = ""
    """The intent's label; empty where nothing was understood."""
    text: str = ""
    """The same in Chinese words."""
    mentions: tuple[UnderstoodMention, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence that says a fact."""

    id: str
    text: str


@dataclass(frozen=True)
class ShownFact:
    """One fact behind an answer."""

    subject: str
    predicate: str
    object: str
    slots: Mapping[str, str]
    source: str
    score: float
    count: int
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True)
class ShownVertex:
    """A vertex of the path; `asked` marks those that were asked for."""

    id: str
    name: str
    types: tuple[str, ...]
    asked: bool


@dataclass(frozen=True)
class Reply:
    """The answer to one question."""

    question: str
    status: Status
    answer: str
    """The words of the answer, in Chinese."""
    values: tuple[str, ...] = ()
    """Names asked for; the number of a count; 是 or 不是."""
    confidence: float = 0.0
    """How likely the answer is right, 0 to 1; 0 where there is none."""
    understood: Understood = field(default_factory=Understood)
    facts: tuple[ShownFact, ...] = ()
    vertices: tuple[ShownVertex, ...] = ()
    edges: tuple[Edge, ...] = ()
    context: str = ""
    """What the client sends back with the next question of the conversation."""

    def as_record(self) -> dict[str, object]:
        """Give the reply as JSON's values (`components/README.md` has an example)."""
        record = asdict(self)
        edges = [{"id": e.id, "from": e.start, "to": e.end, "label": e.label} for e in self.edges]
        record["path"] = {"vertices": record.pop("vertices"), "edges": edges}
        record.pop("edges")
        return record
