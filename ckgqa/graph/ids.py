"""Ids of vertices and edges: the same words always give the same id, on every machine and in every load.

`csv` of the stage neptune_load computes the same ids in SQL: `edge_id`, `fact_id` and `slot_edge_id` are the rule that
it is tested against.
"""

import hashlib
from collections.abc import Mapping

# Ids have 128 bits: among 10 million elements the chance of one collision is below 1e-24.
HEX_DIGITS = 32
# ASCII's unit separator cannot stand in a name that came out of a text.
SEPARATOR = "\x1f"


def _hashed(*parts: str) -> str:
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:HEX_DIGITS]


def entity_id(name: str) -> str:
    """Name the vertex of everything that is called `name`: 32 hexadecimal digits."""
    return _hashed(name)


def edge_id(subject: str, predicate: str, value: str) -> str:
    """Name the edge of one fact, from the subject's name to the name of its `@value`."""
    return _hashed(subject, predicate, value)


def fact_id(subject: str, predicate: str, slots: Mapping[str, str]) -> str:
    """Name the vertex of a fact with several slots; the order of `slots` (slot to value) does not matter."""
    return _hashed(subject, predicate, *sorted(f"{slot}={value}" for slot, value in slots.items()))


def slot_edge_id(fact: str, slot: str) -> str:
    """Name the edge from the fact vertex with id `fact` to the entity that fills `slot`."""
    return _hashed(fact, slot)
