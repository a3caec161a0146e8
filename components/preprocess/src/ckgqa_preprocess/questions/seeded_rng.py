"""Reproducible randomness: every sampler has its own generator, so that adding one does not change the others."""

from random import Random


def seeded_rng(*parts: object) -> Random:
    """Return the random generator of a purpose, such as (seed, "test", "count"); each purpose has its own sequence."""
    return Random("/".join(map(str, parts)))  # noqa: S311 -- not for secrets
