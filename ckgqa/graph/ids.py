"""The ids of vertices and edges: made from content, so that the same fact gets the same id wherever it is written."""

import hashlib
from collections.abc import Mapping

SEPARATOR = "\x1f"  # ASCII unit separator: cannot stand in a name, so joined parts cannot be mistaken for others
ID_CHARS = 32  # 128 bits: no two of ten billion names are expected to meet


def entity_id(name: str) -> str:
    """Return the id of the vertex that all readings of one name share."""
    return _digest(name)


def edge_id(subject: str, predicate: str, value: str) -> str:
    """Return the id of a fact's edge, from the subject's name to the name of its `@value`."""
    return _digest(subject, predicate, value)


def fact_id(subject: str, predicate: str, slots: Mapping[str, str]) -> str:
    """Return the id of the vertex of a fact with more slots.

    Args:
        subject: the subject's name.
        predicate: the predicate.
        slots: slot -> value, `@value` among them.
    """
    return _digest(subject, predicate, *sorted(f"{slot}={value}" for slot, value in slots.items()))


def slot_edge_id(fact: str, slot: str) -> str:
    """Return the id of the edge from a fact vertex to one of its entities; `slot` may be `subject`."""
    return _digest(fact, slot)


def _digest(*parts: str) -> str:
    """Return the first 32 hex digits of the SHA-256 of the parts."""
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()[:ID_CHARS]
