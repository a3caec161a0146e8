"""Chance that can be repeated: every draw has its own generator, so that what is added moves nothing else."""

from random import Random


def chance(*parts: object) -> Random:
    """Return the generator for a place, such as (seed, "test", "count"); another place draws otherwise."""
    return Random("/".join(map(str, parts)))  # noqa: S311 -- not for secrets
