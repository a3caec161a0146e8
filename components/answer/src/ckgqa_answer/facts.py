"""What the graph says, as it is drawn, put into words and shown: vertices, edges and facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ckgqa.runtime.artefacts import SUBJECT, VALUE


@dataclass(frozen=True)
class Vertex:
    """A name, or a fact with more slots, which is drawn as a vertex too."""

    id: str
    name: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """What connects two vertices."""

    id: str
    start: str
    """Id of the vertex that it leaves."""
    end: str
    label: str


@dataclass(frozen=True)
class Fact:
    """One fact, with what says so."""

    predicate: str
    roles: Mapping[str, Vertex]
    """`subject`, `@value` and perhaps more."""
    source: str
    """`labelled` or `extracted`."""
    score: float
    """0 to 1; 1 where it is labelled."""
    count: int
    """Number of sentences that say it."""
    evidence: tuple[str, ...]
    """Ids of some of them."""
    vertices: tuple[Vertex, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def subject(self) -> str:
        """Name of the subject."""
        return self.roles[SUBJECT].name

    @property
    def value(self) -> str:
        """Name of the object's `@value`."""
        return self.roles[VALUE].name

    @property
    def slots(self) -> dict[str, str]:
        """Names of the other roles."""
        return {role: vertex.name for role, vertex in sorted(self.roles.items()) if role not in {SUBJECT, VALUE}}


@dataclass(frozen=True)
class Found:
    """What a chain of steps found."""

    ways: tuple[tuple[Fact, ...], ...] = ()
    """For each way through the graph its facts, one a step; the best supported first."""
    values: tuple[Vertex, ...] = ()
    """What was asked for, each once, in the order of the ways."""
    total: int = 0
    """How many there are in the graph: more than `values` where the rows were limited."""
    facts: tuple[Fact, ...] = field(init=False)
    """Every fact on the ways, each once."""

    def __post_init__(self) -> None:
        facts = {tuple(edge.id for edge in fact.edges): fact for way in self.ways for fact in way}
        object.__setattr__(self, "facts", tuple(facts.values()))

    def __bool__(self) -> bool:
        return bool(self.ways)
