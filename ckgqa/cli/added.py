"""What `ckgqa add` has found in its texts: read from what the run's stages wrote, a line at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ckgqa.graph.ids import edge_id, fact_id, slot_edge_id
from ckgqa.runtime.artefacts import FACTS_JSONL, REJECTS_JSONL, SUBJECT, VALUE
from ckgqa.runtime.jsonlines import read_jsonl

Item = TypeVar("Item")


@dataclass(frozen=True)
class AddedFact:
    """A fact, with the first sentence that says it."""

    subject: str
    predicate: str
    value: str
    slots: Mapping[str, str]
    """The other slots."""
    score: float
    sentence: str


@dataclass
class Listed(Generic[Item]):
    """How many there are, and the first of them."""

    limit: int
    count: int = 0
    first: list[Item] = field(default_factory=list)

    def take(self, item: Item) -> None:
        """Count one more, and keep it while there is room."""
        self.count += 1
        if len(self.first) < self.limit:
            self.first.append(item)


@dataclass(frozen=True)
class Added:
    """What came of the texts."""

    new: Listed[AddedFact]
    known: Listed[AddedFact]
    """Facts that the graph had already."""
    silent: Listed[str]
    """Texts in which nothing was found, each behind its file and line."""
    unreadable: Listed[str]
    """Lines that could not be read, each with its reason."""


def read_added(facts: Path, graph: Path, limit: int) -> Added:
    """Read what was found and what of it is new.

    Args:
        facts: what was extracted (ckgqa/facts), with ids that end in a hash.
        graph: what it was added to (ckgqa/graph), with `added.jsonl`.
        limit: how many of each are kept.
    """
    new_ids = {str(line["id"]) for _, line in read_jsonl(graph / "added.jsonl")}
    found = Added(Listed(limit), Listed(limit), Listed(limit), Listed(limit))
    seen: set[str] = set()
    for _, line in read_jsonl(facts / FACTS_JSONL):
        triples: Any = line["triples"]
        if not triples:
            found.silent.take(f"{str(line['id']).rpartition(':')[0]}  {line['text']}")
        for triple in triples:
            fact = _fact(triple, str(line["text"]))
            ids = _ids(fact)
            if ids[-1] not in seen:
                seen.add(ids[-1])
                (found.new if _is_new(ids, new_ids) else found.known).take(fact)
    for _, line in read_jsonl(facts / REJECTS_JSONL):
        found.unreadable.take(f"{line['file']} line {line['line']}: {line['reason']}")
    return found


def _fact(triple: Mapping[str, Any], sentence: str) -> AddedFact:
    slots = {slot: name for slot, name in triple["object"].items() if slot != VALUE}
    return AddedFact(
        triple["subject"], triple["predicate"], triple["object"][VALUE], slots, float(triple["score"]), sentence
    )


def _ids(fact: AddedFact) -> tuple[str, ...]:
    """Return the ids of a fact's edge and, where it has more slots, of one that is its own with all of them."""
    plain = edge_id(fact.subject, fact.predicate, fact.value)
    if not fact.slots:
        return (plain,)
    whole = fact_id(fact.subject, fact.predicate, {VALUE: fact.value, **fact.slots})
    return plain, slot_edge_id(whole, SUBJECT)


def _is_new(ids: tuple[str, ...], new_ids: Collection[str]) -> bool:
    """A known fact with a slot more is new."""
    return any(id_ in new_ids for id_ in ids)
