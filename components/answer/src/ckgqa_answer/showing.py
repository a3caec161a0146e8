"""What a reply shows beside its words: the mentions, the facts with their sentences, and the path in the graph."""

from collections.abc import Mapping, Sequence

from ckgqa_answer.facts import Edge, Fact
from ckgqa_answer.outcome import Outcome
from ckgqa_answer.readings import Mention, Reading
from ckgqa_answer.reply import Sentence, ShownFact, ShownVertex, UnderstoodMention


def mentions_of(reading: Reading) -> tuple[UnderstoodMention, ...]:
    """Say which name each mention was taken for, in the order of the question."""
    return tuple(
        UnderstoodMention(one.role, one.text, one.start, one.end, "、".join(one.names), one.how)
        for one in sorted(reading.given, key=lambda one: (one.start, one.role))
    )


def unlinked(mentions: Sequence[Mention]) -> tuple[UnderstoodMention, ...]:
    """Say which mentions the model marked where no reading came of them; a known one by its best name."""
    found = []
    for mention in mentions:
        slot, best = mention.slot, next(iter(mention.options), None)
        name, how = ("、".join(best.names), best.how) if best else ("", "unknown")
        found.append(UnderstoodMention(slot.role, slot.text, slot.start, slot.end, name, how))  # type: ignore[arg-type]
    return tuple(found)


def shown_facts(facts: Sequence[Fact], texts: Mapping[str, str]) -> tuple[ShownFact, ...]:
    """Put facts and the texts of their sentences together; a sentence without a text here is left out."""
    return tuple(
        ShownFact(
            fact.subject,
            fact.predicate,
            fact.value,
            fact.slots,
            fact.source,
            fact.score,
            fact.count,
            tuple(Sentence(key, texts[key]) for key in fact.evidence if key in texts),
        )
        for fact in facts
    )


def path_of(outcome: Outcome, most: int) -> tuple[tuple[ShownVertex, ...], tuple[Edge, ...]]:
    """Give vertices and edges of the ways that led to the answer, of at most `most` ways."""
    ways = outcome.found.ways[:most]
    asked = {value.id for value in outcome.found.values}
    vertices = {vertex.id: vertex for way in ways for fact in way for vertex in fact.vertices}
    edges = {edge.id: edge for way in ways for fact in way for edge in fact.edges}
    shown = tuple(ShownVertex(one.id, one.name, one.types, one.id in asked) for one in vertices.values())
    return shown, tuple(edges.values())
