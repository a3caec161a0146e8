"""What `ckgqa add` found in its texts, read from the artefacts of the run, one line at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ckgqa.graph.ids import edge_id, fact_id, slot_edge_id
from ckgqa.runtime.artefacts import ADDED_JSONL, FACTS_JSONL, REJECTS_JSONL, SUBJECT, VALUE
from ckgqa.runtime.jsonlines import read_jsonl

ListedItem = TypeVar("ListedItem")


@dataclass(frozen=True)
class AddedFact:
    """A fact, with the first sentence that states it."""

    subject: str
    predicate: str
    value: str
    slots: Mapping[str, str]
    """The other slots."""
    score: float
    sentence: str


@dataclass
class Listed(Generic[ListedItem]):
    """The number of items, and the first of them."""

    limit: int
    count: int = 0
    first: list[ListedItem] = field(default_factory=list)

    def take(self, item: ListedItem) -> None:
        """Count an item, and store it if fewer than `limit` are stored."""
        self.count += 1
        if len(self.first) < self.limit:
            self.first.append(item)


@dataclass(frozen=True)
class Addition:
    """The result of an addition."""

    new: Listed[AddedFact]
    known: Listed[AddedFact]
    """Facts that the graph had already."""
    without_facts: Listed[str]
    """Texts without a fact, each after its file and line."""
    unreadable: Listed[str]
    """Lines that could not be read, each with its reason."""


def read_added(facts: Path, graph: Path, limit: int) -> Addition:
    """Read the facts that were found, and separate the new ones from the known ones.

    Args:
        facts: what was extracted (ckgqa/facts), with ids that end in a hash.
        graph: what it was added to (ckgqa/graph), with `added.jsonl`.
        limit: largest number of items that each list stores.
    """
    new_ids = {str(line["id"]) for _, line in read_jsonl(graph / ADDED_JSONL)}
    addition = Addition(Listed(limit), Listed(limit), Listed(limit), Listed(limit))
    seen: set[str] = set()
    for _, line in read_jsonl(facts / FACTS_JSONL):
        triples: Any = line["triples"]
        if not triples:
            addition.without_facts.take(f"{str(line['id']).rpartition(':')[0]}  {line['text']}")
        for triple in triples:
            fact = _fact(triple, str(line["text"]))
            ids = _ids(fact)
            if ids[-1] not in seen:
                seen.add(ids[-1])
                (addition.new if _is_new(ids, new_ids) else addition.known).take(fact)
    for _, line in read_jsonl(facts / REJECTS_JSONL):
        addition.unreadable.take(f"{line['file']} line {line['line']}: {line['reason']}")
    return addition


def _fact(triple: Mapping[str, Any], sentence: str) -> AddedFact:
    slots = {slot: name for slot, name in triple["object"].items() if slot != VALUE}
    return AddedFact(
        triple["subject"], triple["predicate"], triple["object"][VALUE], slots, float(triple["score"]), sentence
    )


def _ids(fact: AddedFact) -> tuple[str, ...]:
    """Return the id of the edge of a fact and, if it has further slots, the id of an edge of its fact vertex."""
    plain = edge_id(fact.subject, fact.predicate, fact.value)
    if not fact.slots:
        return (plain,)
    whole = fact_id(fact.subject, fact.predicate, {VALUE: fact.value, **fact.slots})
    return plain, slot_edge_id(whole, SUBJECT)


def _is_new(ids: tuple[str, ...], new_ids: Collection[str]) -> bool:
    """Return whether a fact is new; a known fact with an additional slot is new."""
    return any(id_ in new_ids for id_ in ids)
