"""Queries: a chain of steps from filled roles to an asked role, in one traversal with bound values.

A step between a fact's subject and its `@value` follows the fact's edge. A step that fills or asks another slot visits
the fact's own vertex, which has an edge to each of its roles. Both forms use only steps that the embedded engine, the
Gremlin Servers 3.7 and 3.8, and Neptune have in common.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import P, T

from ckgqa.graph.ids import edge_id, entity_id
from ckgqa.runtime.artefacts import SUBJECT, VALUE, FactSource
from ckgqa.runtime.intents import Step
from ckgqa_answer.errors import GraphError
from ckgqa_answer.retrieval.facts import LABELLED, QueryResult, RetrievedEdge, RetrievedFact, RetrievedVertex
from ckgqa_answer.retrieval.graph_client import GraphClient

ENTITY, FACT = "entity", "fact"
_PLAIN = frozenset({SUBJECT, VALUE})
_ANCHORS = (SUBJECT, VALUE)
"""Preferred roles to start from: a place or a year belongs to thousands of facts, a subject to a few."""
_FIRST, _SECOND = "first", "second"
RoleNames = Mapping[str, Sequence[str]]
"""Names by role; several names of a role are alternatives."""
_Traversal = Any  # gremlinpython is not typed


def look_up(graph: GraphClient, chain: Sequence[Step], fillers: RoleNames, limit: int) -> QueryResult:
    """Look up the answer to a question.

    Args:
        graph: the graph.
        chain: one step or two.
        fillers: names by role of the first step, at least one. If the asked role is filled too (yes or no), only facts
            with this value count.
        limit: the most paths that are fetched.

    Raises:
        GraphError: the graph is down, late or busy.
    """
    rows = graph.run(lambda g: _described(_walk(g, chain, fillers).limit(limit), len(chain)).to_list())
    paths = sorted((_path(row, chain) for row in rows), key=_rank)
    values = {path[-1].roles[chain[-1].asked].id: path[-1].roles[chain[-1].asked] for path in paths}
    total = len(values)
    if len(rows) == limit:
        total = int(
            graph.run(lambda g: _to_asked(_walk(g, chain, fillers), chain, fillers).dedup().count().to_list())[0]
        )
    return QueryResult(tuple(paths), tuple(values.values()), max(total, len(values)))


def with_slots(graph: GraphClient, facts: Sequence[RetrievedFact], limit: int) -> list[RetrievedFact]:
    """Add the other slots to facts that were fetched as edges: the country to a film's takings.

    Args:
        graph: the graph.
        facts: of one predicate, at least one.
        limit: the most facts with slots that are fetched.
    """
    predicate = facts[0].predicate
    subjects = sorted({fact.roles[SUBJECT].id for fact in facts})
    rows = graph.run(
        lambda g: _fact(g.V(*subjects).in_(SUBJECT).has(FACT, "predicate", predicate).limit(limit)).to_list()
    )
    fuller: dict[tuple[str, str], list[RetrievedFact]] = {}
    for row in rows:
        fact = _slot_fact(row, predicate)
        fuller.setdefault((fact.subject, fact.value), []).append(fact)
    return [one for fact in facts for one in fuller.get((fact.subject, fact.value), [fact])]


def facts_with_subjects(graph: GraphClient, subjects: Sequence[str], predicate: str) -> list[RetrievedFact]:
    """Return the facts of a predicate whose subjects are vertices with these ids, at least one."""
    return [_plain_fact(row) for row in graph.run(lambda g: _edge(g.V(*subjects).out_e(predicate)).to_list())]


def facts_of(graph: GraphClient, names: Sequence[str], each: int) -> list[RetrievedFact]:
    """Return a few facts with each of some names as their subject, from which example questions are made.

    Args:
        graph: the graph.
        names: in the graph or not.
        each: the most facts of a name without further slots, and the most with further slots.
    """
    if not names:
        return []  # without ids, Gremlin would start at all vertices
    ids = [entity_id(name) for name in names]
    plain = graph.run(lambda g: _edge(g.V(*ids).local(__.out_e().limit(each))).to_list())
    fuller = graph.run(
        lambda g: (
            g.V(*ids).local(__.in_e(SUBJECT).limit(each)).out_v().has_label(FACT)
            .project("predicate", "fact").by("predicate").by(_fact(__.identity())).to_list()
        )
    )  # fmt: skip
    return [_plain_fact(row) for row in plain] + [_slot_fact(row["fact"], row["predicate"]) for row in fuller]


def facts_with_value(graph: GraphClient, name: str, limit: int) -> list[RetrievedFact]:
    """Return at most `limit` facts whose `@value` is this name."""
    walk = graph.run(
        lambda g: _edge(g.V(entity_id(name)).in_e().where(__.out_v().has_label(ENTITY)).limit(limit)).to_list()
    )
    return [_plain_fact(row) for row in walk]


def neighbourhood(graph: GraphClient, vertex: str, limit: int) -> tuple[list[RetrievedVertex], list[RetrievedEdge]]:
    """Return the neighbourhood of a vertex: at most `limit` edges with both their ends.

    Args:
        graph: the graph.
        vertex: its id.
        limit: the most edges; those that leave it come first.

    Returns:
        The vertices, none if there is no vertex of this id, and the edges.
    """
    rows = graph.run(
        lambda g: (
            g.V(vertex).union(__.out_e(), __.in_e()).limit(limit).project("id", "label", "start", "end")
            .by(T.id).by(T.label).by(_drawn(__.out_v())).by(_drawn(__.in_v())).to_list()
        )
    )  # fmt: skip
    ends = [end for row in rows for end in (row["start"], row["end"])]
    if not rows:
        ends = graph.run(lambda g: _drawn(g.V(vertex)).to_list())
    edges = [RetrievedEdge(row["id"], row["start"]["id"], row["end"]["id"], row["label"]) for row in rows]
    return list({end["id"]: _drawn_vertex(end) for end in ends}.values()), edges


def _walk(g: GraphTraversalSource, chain: Sequence[Step], fillers: RoleNames) -> _Traversal:
    """Traverse to the facts of the last step; the facts of each step are labelled."""
    first = chain[0]
    walk = _start(g, first, fillers).as_(_FIRST)
    if len(chain) == 1:
        return walk
    second = chain[1]
    walk = _asked(walk, first, plain=_is_plain(first, fillers))
    if _is_plain(second, {second.given_role: ()}):
        return _edges_of(walk, second.predicate, second.given_role).as_(_SECOND)
    return walk.in_(second.given_role).has(FACT, "predicate", second.predicate).where(__.out(second.asked)).as_(_SECOND)


def _start(g: GraphTraversalSource, step: Step, fillers: RoleNames) -> _Traversal:
    """Traverse to the first step's facts."""
    ids = {role: [entity_id(name) for name in names] for role, names in fillers.items()}
    if fillers.keys() >= _PLAIN and _is_plain(step, fillers):
        return g.E(*(edge_id(one, step.predicate, other) for one, other in product(fillers[SUBJECT], fillers[VALUE])))
    anchor = min(fillers, key=lambda role: (_ANCHORS.index(role) if role in _ANCHORS else len(_ANCHORS), role))
    walk = g.V(*ids[anchor])
    if _is_plain(step, fillers):
        return _edges_of(walk, step.predicate, anchor)
    walk = walk.in_(anchor).has(FACT, "predicate", step.predicate)
    for role in sorted(fillers.keys() - {anchor}):
        walk = walk.where(__.out(role).has_id(P.within(ids[role])))
    return walk if step.asked in fillers else walk.where(__.out(step.asked))


def _is_plain(step: Step, fillers: RoleNames) -> bool:
    """Return whether a step needs the subject and the `@value` only."""
    return {step.asked, *fillers} <= _PLAIN


def _edges_of(walk: _Traversal, predicate: str, role: str) -> _Traversal:
    """Follow the edges of facts from vertices in this role; a slot of a fact vertex may have the same label."""
    return walk.out_e(predicate) if role == SUBJECT else walk.in_e(predicate).where(__.out_v().has_label(ENTITY))


def _asked(walk: _Traversal, step: Step, *, plain: bool) -> _Traversal:
    """Traverse from a step's facts to the vertices of its asked role."""
    if not plain:
        return walk.out(step.asked)
    return walk.in_v() if step.asked == VALUE else walk.out_v()


def _to_asked(walk: _Traversal, chain: Sequence[Step], fillers: RoleNames) -> _Traversal:
    last = chain[-1]
    return _asked(walk, last, plain=_is_plain(last, fillers if len(chain) == 1 else {last.given_role: ()}))


def _described(walk: _Traversal, steps: int) -> _Traversal:
    """Project the facts of every step."""
    labels = (_FIRST, _SECOND)[:steps]
    walk = walk.project(*labels)
    for label in labels:
        # An edge is projected with its ends, the vertex of a fact with all its edges.
        walk = walk.by(__.select(label).choose(__.has("predicate"), _fact(__.identity()), _edge(__.identity())))
    return walk


def _edge(walk: _Traversal) -> _Traversal:
    walk = walk.project("id", "label", "start", "end", "source", "score", "count", "evidence").by(T.id).by(T.label)
    walk = walk.by(_end(__.out_v())).by(_end(__.in_v()))
    return walk.by("source").by("score").by("count").by("evidence")


def _fact(walk: _Traversal) -> _Traversal:
    return walk.project("id", "edges").by(T.id).by(_edge(__.out_e()).fold())


def _end(walk: _Traversal) -> _Traversal:
    return walk.project("id", "name", "types").by(T.id).by("name").by(__.values("type").fold())


def _drawn(walk: _Traversal) -> _Traversal:
    """Project a vertex for a drawing; a fact with more slots has a predicate and no name."""
    walk = walk.project("id", "label", "names", "types").by(T.id).by(T.label)
    return walk.by(__.values("name", "predicate").fold()).by(__.values("type").fold())


def _drawn_vertex(row: Mapping[str, Any]) -> RetrievedVertex:
    types = (FACT,) if row["label"] == FACT else tuple(sorted(map(str, row["types"])))
    return RetrievedVertex(row["id"], str((row["names"] or [""])[0]), types)


def _path(row: Mapping[str, Any], chain: Sequence[Step]) -> tuple[RetrievedFact, ...]:
    found = (row[label] for label in (_FIRST, _SECOND) if label in row)
    return tuple(
        _slot_fact(one, step.predicate) if "edges" in one else _plain_fact(one)
        for one, step in zip(found, chain, strict=True)
    )


def _plain_fact(row: Mapping[str, Any]) -> RetrievedFact:
    start, end = _vertex(row["start"]), _vertex(row["end"])
    edge = RetrievedEdge(row["id"], start.id, end.id, row["label"])
    return RetrievedFact(
        row["label"], {SUBJECT: start, VALUE: end}, *_support(row), vertices=(start, end), edges=(edge,)
    )


def _slot_fact(row: Mapping[str, Any], predicate: str) -> RetrievedFact:
    """Parse the vertex of a fact with its edges.

    Raises:
        GraphError: a fact lacks its subject or its value, since the graph was loaded half.
    """
    roles = {edge["label"]: _vertex(edge["end"]) for edge in row["edges"]}
    if not roles.keys() >= _PLAIN:
        raise GraphError(f"the fact {row['id']} of the graph lacks an edge; load the graph again")
    own = RetrievedVertex(row["id"], predicate, (FACT,))
    edges = tuple(
        RetrievedEdge(edge["id"], own.id, edge["end"]["id"], edge["label"])
        for edge in sorted(row["edges"], key=lambda edge: str(edge["label"]))
    )
    return RetrievedFact(predicate, roles, *_support(row["edges"][0]), vertices=(own, *roles.values()), edges=edges)


def _support(row: Mapping[str, Any]) -> tuple[FactSource, float, int, tuple[str, ...]]:
    """Parse source, score, count and evidence.

    A graph that was loaded by other programs may lack them; an unknown score speaks against no fact.
    """
    evidence = tuple(str(row.get("evidence", "")).split())
    source: FactSource = "labelled" if row.get("source") == LABELLED else "extracted"
    return source, float(row.get("score", 1.0)), int(row.get("count", 0)), evidence


def _vertex(row: Mapping[str, Any]) -> RetrievedVertex:
    return RetrievedVertex(row["id"], str(row.get("name", "")), tuple(sorted(map(str, row["types"]))))


def _rank(path: tuple[RetrievedFact, ...]) -> tuple[float, int, tuple[str, ...]]:
    """Sort the best supported first, and ties by their ids."""
    return (
        -min(fact.score for fact in path),
        -sum(fact.count for fact in path),
        tuple(edge.id for fact in path for edge in fact.edges),
    )
