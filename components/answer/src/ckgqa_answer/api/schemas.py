"""What requests and replies hold, as the OpenAPI document says it and the server checks it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ckgqa_answer.context import MAX_CHARS
from ckgqa_answer.linking import How
from ckgqa_answer.reply import Status

MAX_RECEIPT_CHARS = 4000
MAX_COMMENT_CHARS = 1000
Verdict = Literal["up", "down"]


class Strict(BaseModel):
    """A record without fields that nobody reads: a misspelled one is told."""

    model_config = ConfigDict(extra="forbid")


class AskRequest(Strict):
    """A question."""

    question: Annotated[str, Field(description="A question in Chinese.", examples=["《战狼2》是谁导演的？"])]
    context: Annotated[
        str | None,
        Field(description=f"`context` of the reply before in the conversation, at most {MAX_CHARS} characters."),
    ] = None


class Mention(Strict):
    """A mention of the question, and the name that it was taken for."""

    role: str
    text: str
    start: int
    end: int
    name: Annotated[str, Field(description="Empty where none is known.")]
    how: How | Literal["unknown"]


class Understood(Strict):
    """What the question was taken for."""

    intent: str
    text: str
    mentions: list[Mention]


class Sentence(Strict):
    """A sentence that says a fact."""

    id: str
    text: str


class Fact(Strict):
    """A fact behind an answer."""

    subject: str
    predicate: str
    object: str
    slots: dict[str, str]
    source: str
    score: float
    count: int
    evidence: list[Sentence]


class Vertex(Strict):
    """A vertex of the graph."""

    id: str
    name: str
    types: list[str]


class PathVertex(Vertex):
    """A vertex on the way to an answer."""

    asked: Annotated[bool, Field(description="Whether it is what was asked for.")]


class Edge(Strict):
    """An edge of the graph."""

    id: str
    start: Annotated[str, Field(alias="from")]
    end: Annotated[str, Field(alias="to")]
    label: str


class Path(Strict):
    """The way through the graph."""

    vertices: list[PathVertex]
    edges: list[Edge]


class AskReply(Strict):
    """The answer to a question."""

    question: str
    status: Status
    answer: Annotated[str, Field(description="In Chinese.")]
    values: Annotated[list[str], Field(description="Names; of a count its number; 是 or 不是.")]
    confidence: Annotated[float, Field(ge=0, le=1)]
    understood: Understood
    facts: list[Fact]
    path: Path
    context: Annotated[str, Field(description="To be sent with the next question of the conversation.")]
    request_id: str
    receipt: Annotated[str, Field(description="To be sent with a verdict on this answer.")]


class FeedbackRequest(Strict):
    """A verdict on an answer."""

    receipt: Annotated[str, Field(max_length=MAX_RECEIPT_CHARS, description="That of the reply.")]
    verdict: Verdict
    comment: Annotated[str, Field(max_length=MAX_COMMENT_CHARS)] = ""


class FeedbackReply(Strict):
    """The verdict was kept."""

    request_id: Annotated[str, Field(description="Of the question that the verdict is about.")]


class NeighbourhoodReply(Strict):
    """What stands round a vertex."""

    vertices: list[Vertex]
    edges: list[Edge]
    more: Annotated[bool, Field(description="Whether there are more edges than were asked for.")]


class ExamplesReply(Strict):
    """Questions that are answered."""

    questions: list[str]


class GraphSize(Strict):
    """How much is in the graph; null where that was not counted."""

    vertices: int | None
    edges: int | None


class InfoReply(Strict):
    """What answers here."""

    version: str
    graph: GraphSize
    model: str


class StateReply(Strict):
    """All is well."""

    status: Literal["ok"] = "ok"


class ErrorReply(Strict):
    """Why there is no other reply."""

    error: str
    request_id: str
    down: Annotated[
        list[Literal["model", "graph"]] | None, Field(description="Which services are down; of a 503 alone.")
    ] = None
