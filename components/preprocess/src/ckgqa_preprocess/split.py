"""The hash that assigns a text to a split."""

import hashlib

HASH_BYTES = 8


def hash_position(text: str, seed: int) -> float:
    """Map a text to a number from 0 to 1.

    The number depends on nothing but the seed and the text: equal texts share a split, and a text keeps its split if
    others are added.
    """
    digest = hashlib.blake2b(text.encode(), digest_size=HASH_BYTES, key=str(seed).encode()).digest()
    return int.from_bytes(digest) / float(2 ** (8 * HASH_BYTES))
