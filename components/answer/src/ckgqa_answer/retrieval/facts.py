"""What a query retrieves from the graph: vertices, edges and facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ckgqa.runtime.artefacts import SUBJECT, VALUE, FactSource

LABELLED: FactSource = "labelled"


@dataclass(frozen=True)
class RetrievedVertex:
    """An entity, or a fact with more slots, which is a vertex too."""

    id: str
    name: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetrievedEdge:
    """An edge between two vertices."""

    id: str
    start: str
    """Id of the vertex that it leaves."""
    end: str
    label: str


@dataclass(frozen=True)
class RetrievedFact:
    """One fact with its provenance."""

    predicate: str
    roles: Mapping[str, RetrievedVertex]
    """`subject`, `@value` and perhaps more."""
    source: FactSource
    score: float
    """0 to 1; 1 if it is labelled."""
    count: int
    """Number of sentences that state it."""
    evidence: tuple[str, ...]
    """Ids of some of these sentences."""
    vertices: tuple[RetrievedVertex, ...] = ()
    edges: tuple[RetrievedEdge, ...] = ()

    @property
    def is_labelled(self) -> bool:
        """Whether a labelled sentence states it."""
        return self.source == LABELLED

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
class QueryResult:
    """The result of a chain of steps; false if it is empty."""

    paths: tuple[tuple[RetrievedFact, ...], ...] = ()
    """For each path through the graph its facts, one a step; the best supported path comes first."""
    values: tuple[RetrievedVertex, ...] = ()
    """The distinct values of the asked role, in the order of the paths."""
    total: int = 0
    """Number of values in the graph: more than `values` has if the rows were limited."""
    facts: tuple[RetrievedFact, ...] = field(init=False)
    """The distinct facts on the paths."""

    def __post_init__(self) -> None:
        facts = {tuple(edge.id for edge in fact.edges): fact for path in self.paths for fact in path}
        object.__setattr__(self, "facts", tuple(facts.values()))

    def __bool__(self) -> bool:
        return bool(self.paths)

    @property
    def is_labelled(self) -> bool:
        """Whether labelled sentences state all its facts, if there are any."""
        return all(fact.is_labelled for fact in self.facts)
