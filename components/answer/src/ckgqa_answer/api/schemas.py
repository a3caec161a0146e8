"""The bodies of requests, and the replies beside the answer's own: FastAPI validates the ones and documents both.

A reply's class is what is sent: a string under a field is its description.
"""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ckgqa_answer.dialogue.context import MAX_CHARS
from ckgqa_answer.generation.reply import PathEdge, Reply, reply_schema

MAX_RECEIPT_CHARS = 4000
MAX_COMMENT_CHARS = 1000
Verdict = Literal["up", "down"]
ServiceName = Literal["model", "graph"]
"""A service behind this one, as `down` of an error names it."""


class RequestBody(BaseModel):
    """Base model that rejects unknown fields, so typos are reported."""

    model_config = ConfigDict(extra="forbid")


class AskRequest(RequestBody):
    """A question."""

    question: Annotated[str, Field(description="A question in Chinese.", examples=["《战狼2》是谁导演的？"])]
    context: Annotated[
        str | None,
        Field(description=f"`context` of the previous reply in the conversation, at most {MAX_CHARS} characters."),
    ] = None


class FeedbackRequest(RequestBody):
    """A verdict on an answer."""

    receipt: Annotated[str, Field(max_length=MAX_RECEIPT_CHARS, description="That of the reply.")]
    verdict: Verdict
    comment: Annotated[str, Field(max_length=MAX_COMMENT_CHARS)] = ""


def _describe_inherited(schema: dict[str, Any]) -> None:
    """Add the descriptions of the reply's fields: pydantic reads those of a class alone, not of its base."""
    for name, field in TypeAdapter(Reply).json_schema(mode="serialization")["properties"].items():
        if "description" in field:
            schema["properties"][name].setdefault("description", field["description"])


@dataclass(frozen=True, kw_only=True)
class AskReply(Reply):
    """The answer to a question, with what a verdict on it needs."""

    __pydantic_config__ = reply_schema(json_schema_extra=_describe_inherited)

    request_id: str
    receipt: str
    """The client sends it back with a verdict on this answer."""


@dataclass(frozen=True)
class FeedbackReply:
    """The verdict was stored."""

    __pydantic_config__ = reply_schema()

    request_id: str
    """Of the question that the verdict is about."""


@dataclass(frozen=True)
class NeighbourVertex:
    """A vertex of the graph."""

    __pydantic_config__ = reply_schema()

    id: str
    name: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class NeighbourhoodReply:
    """The neighbourhood of a vertex."""

    __pydantic_config__ = reply_schema()

    vertices: tuple[NeighbourVertex, ...]
    edges: tuple[PathEdge, ...]
    more: bool
    """Whether there are more edges than the limit."""

    def as_record(self) -> dict[str, Any]:
        """Return the reply as JSON values."""
        return {**asdict(self), "edges": [edge.as_record() for edge in self.edges]}


@dataclass(frozen=True)
class ExamplesReply:
    """Questions that have an answer."""

    __pydantic_config__ = reply_schema()

    questions: list[str]


@dataclass(frozen=True)
class GraphSize:
    """The size of the graph; null if it was not counted."""

    __pydantic_config__ = reply_schema()

    vertices: int | None
    edges: int | None


@dataclass(frozen=True)
class InfoReply:
    """The program, its graph and its model."""

    __pydantic_config__ = reply_schema()

    version: str
    graph: GraphSize
    model: str


@dataclass(frozen=True)
class StateReply:
    """The program answers."""

    __pydantic_config__ = reply_schema()

    status: Literal["ok"] = "ok"


@dataclass(frozen=True)
class ReadyReply:
    """The model and the graph answer."""

    __pydantic_config__ = reply_schema(json_schema_serialization_defaults_required=False)

    status: Literal["ok"] = "ok"
    warnings: tuple[str, ...] = ()
    """What is wrong though questions are answered; absent if nothing is."""

    def as_record(self) -> dict[str, Any]:
        """Return the reply as JSON values."""
        return {"status": self.status, **({"warnings": self.warnings} if self.warnings else {})}


@dataclass(frozen=True)
class ErrorReply:
    """The reason why there is no other reply."""

    __pydantic_config__ = reply_schema(json_schema_serialization_defaults_required=False)

    error: str
    request_id: str
    down: tuple[ServiceName, ...] = ()
    """The services that are down; of a 503 alone, absent otherwise."""

    def as_record(self) -> dict[str, Any]:
        """Return the reply as JSON values."""
        return {
            "error": self.error,
            "request_id": self.request_id,
            **({"down": self.down} if self.down else {}),
        }
