"""The errors of the embedded engine.

InputError                     the traversal, or the file, is wrong: a retry would fail the same way
    UnsupportedStepError       a step, predicate or option that the engine does not know, by name
    TraversalError             a known step on something it cannot work on
"""

from collections.abc import Iterable

from ckgqa.runtime.errors import InputError


class UnsupportedStepError(InputError):
    """A traversal asks for what the embedded engine does not know."""

    def __init__(self, kind: str, name: str, supported: Iterable[str]) -> None:
        """Name what was asked for and what would be understood.

        Args:
            kind: what the name names: `step`, `predicate`, `option` ...
            name: the name as it stands in the traversal.
            supported: the names of that kind that are understood.
        """
        super().__init__(
            f"the embedded graph does not know the {kind} {name!r}; it knows {', '.join(sorted(supported))}"
        )
        self.name = name


class TraversalError(InputError):
    """A traversal uses a known step in a way that has no answer."""
