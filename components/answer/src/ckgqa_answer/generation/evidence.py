"""The evidence of a reply: the mentions, the facts with their sentences, and the path through the graph."""

from collections.abc import Mapping, Sequence

from ckgqa_answer.generation.reply import (
    EvidenceSentence,
    PathEdge,
    PathVertex,
    ReplyFact,
    ReplyPath,
    UnderstoodMention,
)
from ckgqa_answer.retrieval.facts import RetrievedFact
from ckgqa_answer.retrieval.search import Outcome
from ckgqa_answer.understanding.interpretation import Interpretation, LinkedMention


def linked_mentions(interpretation: Interpretation) -> tuple[UnderstoodMention, ...]:
    """Return the mentions of an interpretation with their entities, in the order of the question."""
    return tuple(
        UnderstoodMention(each.role, each.text, each.start, each.end, "、".join(each.names), each.match)
        for each in sorted(interpretation.fillers, key=lambda filler: (filler.start, filler.role))
    )


def uninterpreted_mentions(mentions: Sequence[LinkedMention]) -> tuple[UnderstoodMention, ...]:
    """Return the mentions of a question without an interpretation; a known one with its best entity."""
    return tuple(_uninterpreted(mention) for mention in mentions)


def reply_facts(facts: Sequence[RetrievedFact], texts: Mapping[str, str]) -> tuple[ReplyFact, ...]:
    """Combine facts with the texts of their sentences; a sentence whose text is unknown is left out."""
    return tuple(
        ReplyFact(
            fact.subject,
            fact.predicate,
            fact.value,
            fact.slots,
            fact.source,
            fact.score,
            fact.count,
            tuple(EvidenceSentence(key, texts[key]) for key in fact.evidence if key in texts),
        )
        for fact in facts
    )


def reply_path(outcome: Outcome, max_paths: int) -> ReplyPath:
    """Return the vertices and edges of the best paths to the answer."""
    paths = outcome.result.paths[:max_paths]
    asked = {value.id for value in outcome.result.values}
    vertices = {vertex.id: vertex for path in paths for fact in path for vertex in fact.vertices}
    edges = {edge.id: edge for path in paths for fact in path for edge in fact.edges}
    return ReplyPath(
        tuple(PathVertex(each.id, each.name, each.types, each.id in asked) for each in vertices.values()),
        tuple(PathEdge(each.id, each.start, each.end, each.label) for each in edges.values()),
    )


def _uninterpreted(mention: LinkedMention) -> UnderstoodMention:
    slot = mention.slot
    if not mention.options:
        return UnderstoodMention(slot.role, slot.text, slot.start, slot.end, "", "unknown")
    best = mention.options[0]
    return UnderstoodMention(slot.role, slot.text, slot.start, slot.end, "、".join(best.names), best.match)
