"""The reply, the same for the library, the API, the Lambda and the page.

FastAPI documents these classes as they are: a string under a field is its description, `_schema` what pydantic reads
of a class. Nothing here imports pydantic, so that `ask` need not.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from ckgqa.runtime.artefacts import FactSource
from ckgqa_answer.linking.linker import MatchKind

Status = Literal["answered", "unsure", "unknown", "outside", "unclear"]


def reply_schema(**settings: Any) -> dict[str, Any]:  # noqa: ANN401 -- pydantic's settings are of many types
    """Return what pydantic reads as `__pydantic_config__`: no other fields, all of them present, described here."""
    return {
        "extra": "forbid",
        "use_attribute_docstrings": True,
        "json_schema_serialization_defaults_required": True,
        **settings,
    }


@dataclass(frozen=True)
class UnderstoodMention:
    """A mention of the question, and the entity that it was linked to."""

    __pydantic_config__ = reply_schema()

    role: str
    text: str
    start: int
    end: int
    name: str
    """Empty if no entity is known."""
    match: MatchKind | Literal["unknown"]


@dataclass(frozen=True)
class Understood:
    """How the question was understood."""

    __pydantic_config__ = reply_schema()

    intent: str = ""
    """The intent's label; empty if nothing was understood."""
    text: str = ""
    """The same in Chinese words."""
    mentions: tuple[UnderstoodMention, ...] = ()


@dataclass(frozen=True)
class EvidenceSentence:
    """A sentence that states a fact."""

    __pydantic_config__ = reply_schema()

    id: str
    text: str


@dataclass(frozen=True)
class ReplyFact:
    """A fact behind an answer."""

    __pydantic_config__ = reply_schema()

    subject: str
    predicate: str
    object: str
    slots: Mapping[str, str]
    source: FactSource
    score: float
    count: int
    """Number of sentences that state it."""
    evidence: tuple[EvidenceSentence, ...]


@dataclass(frozen=True)
class PathVertex:
    """A vertex on the path to an answer."""

    __pydantic_config__ = reply_schema()

    id: str
    name: str
    types: tuple[str, ...]
    asked: bool
    """Whether it is a value of the answer."""


@dataclass(frozen=True)
class PathEdge:
    """An edge of the graph."""

    __pydantic_config__ = reply_schema(alias_generator=lambda name: {"start": "from", "end": "to"}.get(name, name))

    id: str
    start: str
    end: str
    label: str

    def as_record(self) -> dict[str, str]:
        """Return the edge as JSON values, with `from` and `to`."""
        return {"id": self.id, "from": self.start, "to": self.end, "label": self.label}


@dataclass(frozen=True)
class ReplyPath:
    """The path through the graph."""

    __pydantic_config__ = reply_schema()

    vertices: tuple[PathVertex, ...] = ()
    edges: tuple[PathEdge, ...] = ()


@dataclass(frozen=True)
class Reply:
    """The answer to one question."""

    __pydantic_config__ = reply_schema()

    question: str
    status: Status
    answer: str
    """The wording of the answer, in Chinese."""
    values: tuple[str, ...] = ()
    """The names that answer the question; the number of a count; 是 or 不是. Empty unless the status is `answered`."""
    candidates: tuple[str, ...] = ()
    """What may be the answer and is not given as one: the values of an `unsure` reply, or doubtful values beside the
    answer."""
    confidence: Annotated[float, Ge(0), Le(1)] = 0.0
    """The probability that the answer is right, or the candidates of an `unsure` reply; 0 without either, and if a part
    of the question was left out."""
    understood: Understood = field(default_factory=Understood)
    facts: tuple[ReplyFact, ...] = ()
    context: str = ""
    """The client sends it back with the next question of the conversation."""
    path: ReplyPath = field(default_factory=ReplyPath)
    suggestions: tuple[str, ...] = ()
    """Questions that the client may offer: the same about a name that the graph has, or examples from the graph."""

    def as_record(self) -> dict[str, Any]:
        """Return the reply as JSON values (`components/README.md` has an example)."""
        record = asdict(self)
        record["path"]["edges"] = [edge.as_record() for edge in self.path.edges]
        return record
